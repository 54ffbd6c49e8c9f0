import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { PausedSession, Undo } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';
import { getUndo, holdUndo, setPaused } from './undo-store.ts';

/** Deadlocks with a run that ends, or a reaper, are tried again. */
const RETRIES = 3;

/**
 * Pauses the running ones of these sessions for an undo, which names them in the same transaction: whatever becomes of this
 * process, they can run again.
 */
export async function pauseSessions(parts: UndoParts, undo: Undo, sessionIds: readonly string[]): Promise<void> {
  const { projectId, id, requestedBy } = undo;
  for (const sessionId of sessionIds) {
    const session = await parts.sessions.get(projectId, sessionId);
    if (session?.status !== 'running') continue;
    const pause = async (tx: Transaction) => {
      // Sessions are locked before an undo's row everywhere.
      const { statusUpdatedAt: pausedAt } = await parts.sessions.within(tx).pause(projectId, sessionId, requestedBy);
      const paused = (await holdUndo(tx, projectId, id))?.paused ?? [];
      await setPaused(tx, undo, [...paused, { sessionId, pausedAt, outcome: 'paused', reason: null }]);
    };
    // It may have ended meanwhile, or stand still already.
    await parts.database.transaction(pause, { retries: RETRIES }).catch((error) => {
      if (!hasMoved(error)) throw error;
    });
  }
}

/** Lets the sessions run again that an undo has paused, once it is over. Idempotent, in any process. */
export async function resumeSessions(
  parts: UndoParts,
  { projectId, id }: Pick<Undo, 'projectId' | 'id'>,
  actor: string,
): Promise<void> {
  const undo = await getUndo(parts.database, projectId, id);
  for (const one of undo?.paused.filter(({ outcome }) => outcome === 'paused') ?? []) {
    await parts.database.transaction(
      async (tx) => {
        const reason = await resume(parts, tx, projectId, one, actor);
        const held = await holdUndo(tx, projectId, id);
        const settled: PausedSession = { ...one, outcome: reason === null ? 'resumed' : 'left', reason };
        const isIt = ({ sessionId, outcome }: PausedSession) => sessionId === one.sessionId && outcome === 'paused';
        // Another process may have come first.
        if (!held?.paused.some(isIt)) return;
        await setPaused(
          tx,
          held,
          held.paused.map((other) => (isIt(other) ? settled : other)),
        );
      },
      { retries: RETRIES },
    );
  }
}

/** Why it stays as it is; null when it runs again. */
async function resume(
  { sessions }: UndoParts,
  tx: Transaction,
  projectId: string,
  { sessionId, pausedAt }: PausedSession,
  actor: string,
): Promise<string | null> {
  const session = await sessions.within(tx).get(projectId, sessionId);
  if (!session) return 'it was deleted';
  if (session.status !== 'paused') return `it is ${session.status} by now`;
  if (session.statusUpdatedAt !== pausedAt) return 'somebody has paused it anew';
  try {
    await tx.savepoint((inner) => sessions.within(inner).resume(projectId, sessionId, actor));
    return null;
  } catch (error) {
    if (hasMoved(error)) return error.message;
    throw error;
  }
}

/** It has ended, or somebody else has paused or resumed it: then it stands as they want it. */
function hasMoved(error: unknown): error is SignalboxError {
  const codes = ['INVALID_TRANSITION', 'SESSION_EXPIRED', 'SESSION_NOT_FOUND'] as const;
  return codes.some((code) => SignalboxError.is(error, code));
}
