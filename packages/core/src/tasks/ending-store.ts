import { type Executor, statement, uuidArray } from '../platform/database/index.ts';
import type { ClaimRef, TaskStatus } from './task.ts';

/** How a claim ends. */
export interface Ending {
  claim: ClaimRef;
  outcome: 'completed' | 'failed' | 'released' | 'decomposed' | 'cancelled';
  result: unknown;
  error: unknown;
  /** For `failed`: whether trying again can help. */
  retryable: boolean;
  /** For `failed`: seconds until the next attempt; null for the task's own backoff. */
  delaySeconds: number | null;
  /** In [0, 1): how much of the jitter is taken off. */
  random: number;
  /** Overrides the task's own maximum. */
  maxAttempts: number | null;
}

/** What was measured of attempts that ended alike; durations in milliseconds. */
export interface MeasuredAttempts {
  projectId: string;
  queue: string;
  type: string;
  status: TaskStatus;
  outcome: Ending['outcome'];
  count: number;
  /** Sum of their durations, and of the squares. */
  ms: number;
  ms2: number;
}

const end = statement(
  'tasks.end',
  `SELECT * FROM sb_tasks_end($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::jsonb[], $6::jsonb[], $7::boolean[], $8::float8[],
     $9::float8[], $10::integer[])`,
);

/**
 * Ends claims in one statement, sorted by task. Answers what each task became, null where the claim was lost.
 */
export async function endClaims(
  executor: Executor,
  endings: readonly Ending[],
): Promise<{ statuses: (TaskStatus | null)[]; measured: MeasuredAttempts[] }> {
  const { projectId: first, token } = endings[0]?.claim ?? {};
  const [row] = await executor.query<{
    ended: number[] | null;
    statuses: TaskStatus[] | null;
    measured: MeasuredAttempts[] | null;
  }>(end, [
    endings.every(({ claim }) => claim.projectId === first) ? [first] : endings.map(({ claim }) => claim.projectId),
    uuidArray(endings.map(({ claim }) => claim.taskId)),
    endings.every(({ claim }) => claim.token === token) ? [token] : endings.map(({ claim }) => claim.token),
    column(endings, ({ outcome }) => outcome, 'completed'),
    column(endings, ({ result }) => json(result), null),
    column(endings, ({ error }) => json(error), null),
    column(endings, ({ retryable }) => retryable, false),
    column(endings, ({ delaySeconds }) => delaySeconds, null),
    column(endings, ({ random }) => random, 0),
    column(endings, ({ maxAttempts }) => maxAttempts, null),
  ]);
  const measured = row?.measured ?? [];
  if (!row?.ended) return { statuses: endings.map(() => 'completed'), measured };
  const statuses: (TaskStatus | null)[] = endings.map(() => null);
  for (const [index, n] of row.ended.entries()) statuses[n - 1] = row.statuses?.[index] ?? null;
  return { statuses, measured };
}

/** One value per ending; nothing at all where each is what the statement assumes. Most batches are completions alone. */
function column<T>(endings: readonly Ending[], read: (ending: Ending) => T, assumed: T): T[] {
  return endings.every((ending) => read(ending) === assumed) ? [] : endings.map(read);
}

/** JSON null is a result like any other (COORD-41); undefined is none. */
function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
