import { z } from 'zod';
import { answersSince, answerToAgent } from '../approvals/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { retryDelaySeconds } from '../tasks/index.ts';
import { getCheckpoints } from './checkpoints/checkpoint-store.ts';
import { type ActionOptions, holdSession, reread } from './held-sessions.ts';
import { type JsonObject, MOST_RETRIES, type Session } from './session.ts';
import { whyNotRecoverable } from './session-health.ts';
import { heldSince } from './session-hold-store.ts';
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
     * Goes on where a run had ended while people were asked about a call of it: because they took long, or with its server. A
     * session that is orphaned for another reason stays so, whatever is decided meanwhile. That it waited costs no retry: there
     * may be one more from now on.
     * @param answer what the agent is told.
     */
    goOn(projectId: string, id: string, answer: string, actor: string): Promise<Session | null> {
      return scope.write((tx) => goOn(scope, tx, projectId, id, () => Promise.resolve(answer), actor));
    },

    /** The same for whoever makes a session orphaned: of what it waited for may have been decided while its run was ending, or dead. */
    goOnAnswered(projectId: string, id: string, actor: string): Promise<Session | null> {
      return scope.write((tx) => {
        const answers = async (since: Date) => {
          const told = (await answersSince(tx, projectId, id, since)).flatMap(
            (answered) => answerToAgent(answered) ?? [],
          );
          return told.length === 0 ? null : told.join('\n\n');
        };
        return goOn(scope, tx, projectId, id, answers, actor);
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

async function goOn(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  id: string,
  answerSince: (since: Date) => Promise<string | null>,
  actor: string,
): Promise<Session | null> {
  const held = (await lockSessions(tx, projectId, [id])).get(id);
  if (!held || held.deletedAt !== null || held.status !== 'orphaned') return null;
  const since = await heldSince(tx, projectId, id);
  // What its caller drives nobody else can let go on.
  if (since === null || !hasRuntime(held)) return null;
  const answer = await answerSince(since);
  const maxRetries = Math.min(MOST_RETRIES, held.maxRetries + 1);
  if (answer === null || whyNotRecoverable({ ...held, maxRetries }) !== null) return null;
  const how = { going: { answer }, maxRetries };
  return retrySession({ ...scope, write: (work) => work(tx) }, projectId, id, {}, actor, how);
}

async function checkCheckpoint(tx: Transaction, projectId: string, id: string, sequence: number): Promise<void> {
  const [found] = await getCheckpoints(tx, projectId, id, sequence);
  if (!found) throw new SignalboxError('CHECKPOINT_NOT_FOUND', { id, sequence });
}

/** A number in [0, 1). */
function random({ ids }: Pick<SessionParts, 'ids'>): number {
  return Buffer.from(ids.secret(4), 'base64url').readUInt32BE() / 2 ** 32;
}
