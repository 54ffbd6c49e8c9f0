import { z } from 'zod';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import { checkBulkSize } from './create-session.ts';
import { type ActionOptions, changeStatus } from './held-sessions.ts';
import type { Session } from './session.ts';
import type { SessionScope } from './session-parts.ts';
import { SESSION_STATUSES, type SessionStatus, sessionStatusSchema } from './session-status.ts';
import { lockSessions } from './session-store.ts';
import { carryOut, type SessionWrite } from './session-write.ts';
import { startOf } from './start-session.ts';
import { refusalOf, type StatusChange } from './status-change.ts';

const score = z.number().min(0).max(1);

export const completeSessionSchema = z.strictObject({
  result: z.json().default(null),
  successRate: score.default(1),
  confidenceScore: score.optional(),
  /** True where only a part was done: `partially_completed`, which may be retried. */
  partial: z.boolean().default(false),
});
export type CompleteSession = z.input<typeof completeSessionSchema>;

export const failSessionSchema = z.strictObject({
  error: z.union([
    z
      .string()
      .min(1)
      .transform((message) => ({ type: 'Error', message })),
    z
      .strictObject({ name: z.string().min(1).default('Error'), message: z.string().min(1) })
      .transform(({ name, message }) => ({ type: name, message })),
  ]),
  errorContext: z.record(z.string(), z.json()).default({}),
  /** False: trying again cannot help (ORC-200). */
  retryable: z.boolean().default(true),
});
export type FailSession = z.input<typeof failSessionSchema>;

/** Why a session was left out of a bulk change. */
export interface SkippedSession {
  id: string;
  /** Code of the error that the change of this one session alone would have met. */
  reason: string;
  /** The status it stays in; missing for unknown sessions. */
  status?: SessionStatus;
}

/**
 * The verbs that move a session through its statuses. Each holds the session's row, checks the transition, and writes
 * status, times, runs, journal, feed and audit in one transaction.
 *
 * All throw SESSION_NOT_FOUND, OPTIMISTIC_LOCK, INVALID_TRANSITION, and SESSION_EXPIRED once the lifetime is over.
 */
export function lifecycleVerbs(scope: SessionScope) {
  const verb =
    (name: string, change: StatusChange) =>
    (projectId: string, id: string, actor: string, options?: ActionOptions): Promise<Session> =>
      changeStatus(scope, projectId, id, actor, name, () => change, options);

  return {
    /** pending → queued with a run in the queue, or → running where no runtime is set (ORC-198). @throws SESSION_NOT_EXECUTABLE */
    start: (projectId: string, id: string, actor: string, options?: ActionOptions): Promise<Session> =>
      changeStatus(scope, projectId, id, actor, 'start', (session) => startOf(session), options),
    /** → running, by the agent that has claimed the session's run; called within the claim's transaction. */
    begin: verb('begin', { to: 'running', from: ['pending', 'queued'], claimed: true }),
    /** paused or degraded → running; the first start of the attempt stays its start (ORC-086). */
    resume: verb('resume', { to: 'running', from: ['paused', 'degraded'] }),
    degrade: verb('degrade', { to: 'degraded' }),
    /** Ended by an operator or a budget. */
    stop: verb('stop', { to: 'stopped' }),
    /** Ended by its owner or a refused approval. */
    cancel: verb('cancel', { to: 'cancelled' }),
    expire: verb('expire', { to: 'expired' }),
    /** The run's agent is gone. */
    orphan: verb('orphan', {
      to: 'orphaned',
      error: { type: 'ORPHANED', message: 'The agent that ran the session is gone.' },
    }),

    /** Ran (or waited, or stood paused) longer than it may (ORC-205). */
    timeout: (projectId: string, id: string, actor: string, options?: ActionOptions): Promise<Session> =>
      changeStatus(scope, projectId, id, actor, 'timeout', (session) => timeoutOf(session), options),

    /** Stores result and scores (ORC-199). A run's own task must be ended before, in the same transaction. */
    complete(
      projectId: string,
      id: string,
      input: CompleteSession,
      actor: string,
      options?: ActionOptions,
    ): Promise<Session> {
      const { partial, confidenceScore, ...outcome } = redactPlain(parseInput(completeSessionSchema, input));
      const to = partial ? ('partially_completed' as const) : ('completed' as const);
      const change = { ...outcome, to, ...(confidenceScore !== undefined && { confidenceScore }) };
      return changeStatus(scope, projectId, id, actor, 'complete', () => change, options);
    },

    /** Stores the error and whether a retry may help (ORC-200). */
    fail(projectId: string, id: string, input: FailSession, actor: string, options?: ActionOptions): Promise<Session> {
      const { error, errorContext, retryable } = redactPlain(parseInput(failSessionSchema, input));
      const change = { to: 'failed' as const, error: { ...error, context: errorContext }, retryable };
      return changeStatus(scope, projectId, id, actor, 'fail', () => change, options);
    },

    /**
     * ORC-146: changes those that may change, with all that a single change brings along, and says why the others were
     * left out. @throws INVALID_STATUS
     */
    async bulkStatus(
      projectId: string,
      ids: readonly string[],
      status: string,
      actor: string,
    ): Promise<{ changed: number; skipped: SkippedSession[] }> {
      checkBulkSize(ids.length);
      const to = sessionStatusSchema.safeParse(status).data;
      if (!to) throw new SignalboxError('INVALID_STATUS', { status, noun: 'session', known: SESSION_STATUSES });
      return scope.write(async (tx) => {
        const held = await lockSessions(tx, projectId, ids);
        const writes: SessionWrite[] = [];
        const skipped: SkippedSession[] = [];
        for (const id of new Set(ids)) {
          const before = held.get(id);
          const reason =
            before && before.deletedAt === null ? (refusalOf(before, { to })?.code ?? null) : 'SESSION_NOT_FOUND';
          if (before && reason === null) writes.push({ before, patch: {}, status: { to }, verb: 'status' });
          else skipped.push({ id, reason: reason ?? 'SESSION_NOT_FOUND', ...(before && { status: before.status }) });
        }
        await carryOut(scope, tx, projectId, actor, writes);
        return { changed: writes.length, skipped };
      });
    },
  };
}

/** Over its limit: the attempt ends, and a retry gets the whole limit again. */
export function timeoutOf(session: Session): StatusChange {
  const seconds = session.limits.maxDurationSeconds;
  return {
    to: 'timeout',
    error: { type: 'SESSION_TIMEOUT', message: `The session ran longer than its limit of ${seconds} s.` },
  };
}
