import { DatabaseError, type Executor, statement } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { EnqueueReceipt, TaskRow } from './enqueue-task.ts';
import { DEFAULT_QUEUE, type TaskStatus } from './task.ts';

/** Codes for which nothing of a call was enqueued. */
export type EnqueueProblem = 'IDEMPOTENCY_CONFLICT' | 'QUEUE_DRAINING' | 'TASK_DUPLICATE';

/** What became of one call. */
export type EnqueueVerdict = { problem: EnqueueProblem } | { receipt: EnqueueReceipt };

/** Whether the call made a task, rather than finding one. */
export function isCreated(verdict: EnqueueVerdict | undefined): boolean {
  return verdict !== undefined && 'receipt' in verdict && verdict.receipt.created;
}

const enqueue = statement('tasks.enqueue', 'SELECT * FROM sb_tasks_enqueue($1::jsonb, $2)');

interface EnqueueRow {
  /** 1-based place of the call in the batch. */
  n: number;
  task_id: string;
  status: TaskStatus;
  created: boolean;
  problem: EnqueueProblem | null;
}

const announce = statement('tasks.announce', 'SELECT sb_tasks_announce($1::text[])');

/** Has the database tell who waits for work of these queues once the transaction has committed. Not for hot writers. */
export async function announceReady(executor: Executor, queues: readonly string[]): Promise<void> {
  await executor.query(announce, [queues]);
}

/** What a task is told by most calls is left out: it need not be sent, nor read by the database. */
const USUAL: Readonly<Record<string, unknown>> = {
  queue: DEFAULT_QUEUE,
  status: 'queued',
  priority: 2,
  delay: 0,
  maxAttempts: 4,
  resumeAs: 'queued',
};
/** Says something about keys, and only of tasks that have one. */
const OF_KEYS = new Set(['digest', 'keySeconds', 'uniqueMode', 'dependsOn', 'ref']);

/**
 * Enqueues a whole batch in one statement; a verdict per call, in their order.
 * @throws PROJECT_NOT_FOUND, SESSION_NOT_FOUND of whichever of them has none: nothing of the batch is enqueued then
 */
export async function enqueueTasks(executor: Executor, tasks: readonly TaskRow[]): Promise<EnqueueVerdict[]> {
  const keyed = tasks.some((task) => task.key !== null || task.uniqueKey !== null);
  const leaveOut = (name: string, value: unknown) =>
    value === null || value === USUAL[name] || (!keyed && OF_KEYS.has(name)) || (name === 'required' && isEmpty(value));
  const texts = tasks.map((task, index) => {
    const told: Record<string, unknown> = { n: index + 1 };
    for (const name in task) {
      const value = task[name];
      if (!leaveOut(name, value)) told[name] = value;
    }
    return JSON.stringify(told);
  });
  const rows = await enqueued(executor, [`[${texts.join(',')}]`, keyed]);
  if (rows.length === 0) return tasks.map(made);
  const verdicts: EnqueueVerdict[] = [];
  for (const { n, task_id, status, created, problem } of rows) {
    verdicts[n - 1] = problem ? { problem } : { receipt: { taskId: task_id, status, created } };
  }
  return verdicts;
}

async function enqueued(executor: Executor, values: readonly unknown[]): Promise<EnqueueRow[]> {
  try {
    return await executor.query<EnqueueRow>(enqueue, values);
  } catch (error) {
    if (DatabaseError.is(error, 'fk_tasks_project'))
      throw new SignalboxError('PROJECT_NOT_FOUND', { project: error.detail }, { cause: error });
    if (DatabaseError.is(error, 'fk_tasks_session'))
      throw new SignalboxError('SESSION_NOT_FOUND', { id: error.detail }, { cause: error });
    throw error;
  }
}

function made({ id, status }: TaskRow): EnqueueVerdict {
  return { receipt: { taskId: id, status: status as TaskStatus, created: true } };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
