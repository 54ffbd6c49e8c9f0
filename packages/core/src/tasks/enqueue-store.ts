import { type Executor, statement } from '../platform/database/index.ts';
import type { EnqueueReceipt, TaskRow } from './enqueue-task.ts';
import type { TaskStatus } from './task.ts';

/** Codes for which nothing of a call was enqueued. */
export type EnqueueProblem = 'IDEMPOTENCY_CONFLICT' | 'QUEUE_DRAINING' | 'TASK_DUPLICATE';

/** What became of one call. */
export type EnqueueVerdict = { problem: EnqueueProblem } | { receipt: EnqueueReceipt };

/** Whether the call made a task, rather than finding one. */
export function isCreated(verdict: EnqueueVerdict | undefined): boolean {
  return verdict !== undefined && 'receipt' in verdict && verdict.receipt.created;
}

const enqueue = statement('tasks.enqueue', 'SELECT * FROM sb_tasks_enqueue($1::jsonb)');

interface EnqueueRow {
  /** 1-based place of the call in the batch. */
  n: number;
  task_id: string;
  status: TaskStatus;
  created: boolean;
  problem: EnqueueProblem | null;
}

/** Enqueues a whole batch in one statement; a verdict per call, in their order. */
export async function enqueueTasks(executor: Executor, tasks: readonly TaskRow[]): Promise<EnqueueVerdict[]> {
  const numbered = tasks.map((task, index) => ({ n: index + 1, ...task }));
  const rows = await executor.query<EnqueueRow>(enqueue, [JSON.stringify(numbered)]);
  const verdicts: EnqueueVerdict[] = [];
  for (const { n, task_id, status, created, problem } of rows) {
    verdicts[n - 1] = problem ? { problem } : { receipt: { taskId: task_id, status, created } };
  }
  return verdicts;
}
