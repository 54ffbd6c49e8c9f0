import { appendInTransaction } from '../../journal/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { Conflict } from './conflict.ts';
import { markWarned, takeUnwarned } from './conflict-store.ts';

const ACTOR = 'signalbox';
const AT_ONCE = 100;

/**
 * Tells both sessions' journals and the feed of conflicts that nobody has been told of: those named, or all there are. A
 * transaction of its own: journals are locked before a workspace's domain everywhere else, and a conflict is found under
 * the domain. Should it fail, the next round tells. Answers how many were told.
 */
export async function warnSessions(
  tx: Transaction,
  parts: { clock: Clock; ids: Ids },
  ids: readonly string[] | null,
): Promise<number> {
  const conflicts = await takeUnwarned(tx, ids, AT_ONCE);
  for (const projectId of new Set(conflicts.map((conflict) => conflict.projectId))) {
    const own = conflicts.filter((conflict) => conflict.projectId === projectId);
    // Journals in key order, so that two who warn do not wait for each other.
    const sessions = [...new Set(own.flatMap(({ sessionIds }) => sessionIds))].sort();
    for (const sessionId of sessions) {
      const events = own.filter(({ sessionIds }) => sessionIds.includes(sessionId));
      await warn(tx, parts, projectId, sessionId, events);
    }
    for (const { id, workspaceId, path, kind, sessionIds, bySession } of own) {
      await recordFeed(tx, projectId, 'conflict', {
        conflictId: id,
        change: 'created',
        workspaceId,
        path,
        kind,
        sessionIds,
        bySession,
      });
    }
    await markWarned(
      tx,
      projectId,
      own.map(({ id }) => id),
    );
  }
  return conflicts.length;
}

/** Appends without a token: it is not the run that speaks, so its fence does not hold for it. */
async function warn(
  tx: Transaction,
  { clock, ids }: { clock: Clock; ids: Ids },
  projectId: string,
  sessionId: string,
  conflicts: readonly Conflict[],
): Promise<void> {
  const events = conflicts.map((conflict) => {
    const { id, path, kind, sessionIds, bySession } = conflict;
    const otherSessionId = sessionIds.find((one) => one !== sessionId) ?? sessionId;
    const detail = { conflictId: id, kind, path, otherSessionId, bySession };
    return { type: 'status' as const, actor: ACTOR, payload: { phase: 'conflict', detail } };
  });
  try {
    await tx.savepoint((inner) =>
      appendInTransaction(inner, projectId, sessionId, events, { at: clock.now(), ids, resetTTL: false }),
    );
  } catch (error) {
    // Over or deleted meanwhile: then there is nobody left to warn.
    if (SignalboxError.is(error, 'SESSION_EXPIRED') || SignalboxError.is(error, 'SESSION_NOT_FOUND')) return;
    throw error;
  }
}
