import { z } from 'zod';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { retryDelaySeconds } from '../tasks/index.ts';
import { getCheckpoints, runEndCheckpoint } from './checkpoints/checkpoint-store.ts';
import { type ActionOptions, holdSession, reread } from './held-sessions.ts';
import { type JsonObject, MOST_RETRIES, type Session } from './session.ts';
import { whyNotRecoverable } from './session-health.ts';
import type { SessionParts, SessionScope } from './session-parts.ts';
import { lockSessions } from './session-store.ts';
import { carryOut } from './session-write.ts';
import { startHeld } from './start-session.ts';
import { hasRuntime } from './status-change.ts';

export const retrySessionSchema = z.strictObject({
  /** Whether to queue the next run at once; default: where a runtime is set (design.md §4). */
  start: z.boolean().optional(),
  /** Checkpoint to go on from; the run finds its number in the task. */
  fromCheckpoint: z.int().min(1).optional(),
});
export type RetrySession = z.input<typeof retrySessionSchema>;

export function retryVerbs(scope: SessionScope) {
  return {
    /**
     * ORC-202: puts the finished attempt behind and makes the session `pending` again, with attempt + 1. Everything is
     * decided under the row's lock, so of two callers one retries and the other finds nothing to retry.
     * @throws SESSION_NOT_RECOVERABLE with the reason, SESSION_NOT_FOUND, OPTIMISTIC_LOCK, CHECKPOINT_NOT_FOUND
     */
    retry(
      projectId: string,
      id: string,
      input: RetrySession,
      actor: string,
      options?: ActionOptions,
    ): Promise<Session> {
      return retrySession(scope, projectId, id, parseInput(retrySessionSchema, input), actor, { options });
    },

    /**
     * Goes on where a run had ended because people took long to answer: only then. A session that is orphaned for another reason, such
     * as a server that was killed, stays so, whatever is decided meanwhile. That they took their time costs no retry: there may be one
     * more from now on.
     * @param answer what the agent is told.
     */
    async goOn(projectId: string, id: string, answer: string, actor: string): Promise<Session | null> {
      return scope.write(async (tx) => {
        const held = (await lockSessions(tx, projectId, [id])).get(id);
        if (!held || held.deletedAt !== null || held.status !== 'orphaned') return null;
        // What its caller drives nobody else can let go on.
        if (!hasRuntime(held) || !(await wasParked(tx, held))) return null;
        const maxRetries = Math.min(MOST_RETRIES, held.maxRetries + 1);
        if (whyNotRecoverable({ ...held, maxRetries }) !== null) return null;
        const how = { going: { answer }, maxRetries };
        return retrySession({ ...scope, write: (work) => work(tx) }, projectId, id, {}, actor, how);
      });
    },

    /**
     * The retry that nobody asked for (orphaned runs that are to be resumed): waits longer after each attempt, and
     * answers null where the session is gone or cannot be retried.
     */
    async retryAutomatically(projectId: string, id: string, actor: string): Promise<Session | null> {
      try {
        return await retrySession(scope, projectId, id, {}, actor, { automatic: true });
      } catch (error) {
        if (SignalboxError.is(error, 'SESSION_NOT_RECOVERABLE')) return null;
        if (SignalboxError.is(error, 'SESSION_NOT_FOUND')) return null;
        throw error;
      }
    },
  };
}

/**
 * The retry behind all of them.
 * @param how.going what the run is to find in its task, beside the checkpoint.
 * @param how.maxRetries how many there may be from now on.
 */
export async function retrySession(
  scope: SessionScope,
  projectId: string,
  id: string,
  { start, fromCheckpoint }: RetrySession,
  actor: string,
  how: { automatic?: boolean; options?: ActionOptions | undefined; going?: JsonObject; maxRetries?: number } = {},
): Promise<Session> {
  const { automatic = false, options: { version } = {}, going } = how;
  return scope.write(async (tx) => {
    const before = await holdSession(tx, projectId, id, version);
    const { maxRetries = before.maxRetries } = how;
    const reason = whyNotRecoverable({ ...before, maxRetries });
    if (reason !== null) throw new SignalboxError('SESSION_NOT_RECOVERABLE', { id, reason });
    if (fromCheckpoint !== undefined) await checkCheckpoint(tx, projectId, id, fromCheckpoint);
    const from: JsonObject = going ?? (fromCheckpoint === undefined ? {} : { fromCheckpoint });
    const status = { to: 'pending' as const, retry: true, detail: { retryOf: before.attempt, automatic, ...from } };
    await carryOut(scope, tx, projectId, actor, [{ before, patch: { maxRetries }, status, verb: 'retry' }]);
    if (start ?? hasRuntime(before)) {
      const delaySeconds = automatic ? retryDelaySeconds(before.attempt, random(scope)) : 0;
      await startHeld(scope, tx, projectId, actor, [id], { delaySeconds, payload: from });
    }
    return reread(tx, projectId, id);
  });
}

/** Whether its last run ended to wait for people: it says so in what it left. */
async function wasParked(tx: Transaction, { projectId, id, attempt }: Session): Promise<boolean> {
  const left = await runEndCheckpoint(tx, projectId, id, attempt);
  return z.object({ end: z.literal('parked') }).safeParse(left?.data).success;
}

async function checkCheckpoint(tx: Transaction, projectId: string, id: string, sequence: number): Promise<void> {
  const [found] = await getCheckpoints(tx, projectId, id, sequence);
  if (!found) throw new SignalboxError('CHECKPOINT_NOT_FOUND', { id, sequence });
}

/** A number in [0, 1). */
function random({ ids }: Pick<SessionParts, 'ids'>): number {
  return Buffer.from(ids.secret(4), 'base64url').readUInt32BE() / 2 ** 32;
}
