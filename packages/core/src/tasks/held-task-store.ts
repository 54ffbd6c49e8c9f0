import { type Executor, statement, type Transaction } from '../platform/database/index.ts';

const holdBack = statement('tasks.hold_back', 'SELECT sb_tasks_hold_back($1::uuid, $2::uuid) AS held');

/** queued → held; false for a task that is not queued, or that somebody has claimed. */
export async function holdTaskBack(tx: Transaction, projectId: string, taskId: string): Promise<boolean> {
  const [row] = await tx.query<{ held: boolean }>(holdBack, [projectId, taskId]);
  return row?.held === true;
}

const letGo = statement('tasks.let_go', 'SELECT sb_tasks_let_go($1::uuid, $2::uuid) AS queue');

/** held → queued; its queue, or null for a task that is not held. */
export async function letTaskGo(executor: Executor, projectId: string, taskId: string): Promise<string | null> {
  const [row] = await executor.query<{ queue: string | null }>(letGo, [projectId, taskId]);
  return row?.queue ?? null;
}
