import { z } from 'zod';
import { SessionStates } from '../../journal/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { ActionOptions } from '../held-sessions.ts';
import { retrySession } from '../retry-session.ts';
import { placeOf, type Session } from '../session.ts';
import { whyNotRecoverable } from '../session-health.ts';
import type { SessionScope } from '../session-parts.ts';
import { getSessions } from '../session-store.ts';
import type { Checkpoint } from './checkpoint.ts';
import { getCheckpoints } from './checkpoint-store.ts';

export const resumeCheckpointSchema = z.strictObject({
  /**
   * What is to become of tool calls of which nobody knows whether they took effect: `skip` refuses the agent the same call once
   * and tells it why, `retry` lets it make the call again. Needed where there are such calls.
   */
  unknownCalls: z.enum(['skip', 'retry']).optional(),
  /** Whether what the session itself changed since is taken back. Default true. */
  undo: z.boolean().default(true),
});
export type ResumeCheckpoint = z.input<typeof resumeCheckpointSchema>;

/**
 * Takes back what a session changed in its workspace since one of its checkpoints, and nothing of anybody else. Implemented by
 * the room that undoes; what it cannot take back it says by its own errors, and then nothing was changed.
 */
export interface UndoOwnChanges {
  undoSince(
    projectId: string,
    since: { sessionId: string; sequence: number },
    actor: string,
  ): Promise<{ undoId: string | null }>;
}

export interface ResumedSession {
  session: Session;
  checkpoint: Checkpoint;
  /** The undo of its later changes; null where there were none, or none was asked for. */
  undoId: string | null;
}

/**
 * Goes on from a checkpoint: the session's own later changes are taken back, and the next attempt begins in the runtime's own
 * session behind the message that was the last one then. Calls with a result in the journal are not made again.
 * @throws SESSION_NOT_FOUND, CHECKPOINT_NOT_FOUND, OPTIMISTIC_LOCK, SESSION_NOT_RECOVERABLE; RUNTIME_SESSION_GONE;
 *   CHECKPOINT_CALLS_UNKNOWN naming them; CHECKPOINT_UNDO_UNAVAILABLE; and what the undo refuses with
 */
export async function resumeCheckpoint(
  scope: SessionScope,
  projectId: string,
  id: string,
  sequence: number,
  input: ResumeCheckpoint,
  actor: string,
  options: ActionOptions = {},
): Promise<ResumedSession> {
  const { unknownCalls = null, undo } = parseInput(resumeCheckpointSchema, input);
  const [session] = await getSessions(scope.read, projectId, [id]);
  if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
  const [checkpoint] = await getCheckpoints(scope.read, projectId, id, sequence);
  if (!checkpoint) throw new SignalboxError('CHECKPOINT_NOT_FOUND', { id, sequence });
  const reason = whyNotRecoverable(session);
  if (reason !== null) throw new SignalboxError('SESSION_NOT_RECOVERABLE', { id, reason });
  await checkRuntimeSession(scope, session, checkpoint);
  const state = await new SessionStates({ database: scope.read }).at(projectId, id, null);
  // Those of the attempts before were decided on when they were put behind.
  const openCalls = state.openCalls.filter(({ attempt }) => attempt === session.attempt);
  if (openCalls.length > 0 && unknownCalls === null) {
    const calls = openCalls.map(({ callId, tool, seq }) => `${tool} (${callId}, event ${seq})`);
    throw new SignalboxError('CHECKPOINT_CALLS_UNKNOWN', { id, calls, openCalls });
  }
  const undoId = undo ? await undoLater(scope, session, checkpoint, actor) : null;
  const going = { fromCheckpoint: sequence, unknownCalls: unknownCalls ?? 'retry', ...(undoId && { undoId }) };
  const resumed = await retrySession(scope, projectId, id, { fromCheckpoint: sequence }, actor, { options, going });
  return { session: resumed, checkpoint, undoId };
}

/** A runtime that speaks goes on behind the message of the checkpoint; a command begins anew. @throws RUNTIME_SESSION_GONE */
async function checkRuntimeSession(scope: SessionScope, session: Session, checkpoint: Checkpoint): Promise<void> {
  if (session.runtime === null || session.runtime === 'command') return;
  const { id, runtime } = session;
  const { runtimeSession, sequence } = checkpoint;
  const why = runtimeSession
    ? ((await scope.whyRuntimeSessionGone?.(session, runtimeSession)) ?? null)
    : 'the checkpoint was taken before the runtime had named one';
  if (why !== null) throw new SignalboxError('RUNTIME_SESSION_GONE', { id, sequence, runtime, reason: why });
}

async function undoLater(
  scope: SessionScope,
  session: Session,
  { sequence }: Checkpoint,
  actor: string,
): Promise<string | null> {
  const { id: sessionId, projectId } = session;
  if (placeOf(session) === null) return null;
  if (!scope.undoOwnChanges) throw new SignalboxError('CHECKPOINT_UNDO_UNAVAILABLE', { id: sessionId, sequence });
  return (await scope.undoOwnChanges.undoSince(projectId, { sessionId, sequence }, actor)).undoId;
}
