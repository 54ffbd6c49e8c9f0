import { type Executor, statement } from '../platform/database/index.ts';

const giveUp = statement('tasks.give_up', 'SELECT sb_tasks_give_up($1) AS count');

/** Fails up to `limit` queued and as many waiting tasks that can no longer meet their deadline; answers how many ended. */
export async function giveUpTasks(executor: Executor, limit: number): Promise<number> {
  const [row] = await executor.query<{ count: number }>(giveUp, [limit]);
  return row?.count ?? 0;
}
