import { type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { TaskStatus } from './task.ts';

/** Which dead letters; what is left out does not matter. */
export interface DeadLetterFilter {
  queue?: string | undefined;
  type?: string | undefined;
  status?: 'dead' | 'failed' | undefined;
}

/** Why a task was left as it is. */
export type RedriveProblem = 'TASK_DUPLICATE' | 'TASK_OF_SESSION' | 'TASK_INVALID_TRANSITION';

export interface Redriven {
  taskId: string;
  queue: string;
  /** As it is now. */
  status: TaskStatus;
  problem: RedriveProblem | null;
}

const redrive = statement('tasks.redrive', 'SELECT * FROM sb_tasks_redrive($1::uuid, $2::uuid[])');

/** Gives failed and dead tasks all their attempts again; a row per task that there is. */
export async function redriveTasks(
  tx: Transaction,
  projectId: string,
  taskIds: readonly string[],
): Promise<Redriven[]> {
  const rows = await tx.query<Omit<Redriven, 'taskId'> & { id: string }>(redrive, [projectId, taskIds]);
  return rows.map(({ id, ...row }) => ({ taskId: id, ...row }));
}

const list = statement(
  'tasks.dead_letters',
  `SELECT d.task_id FROM task_dead_letters d
   WHERE d.project_id = $1 AND ($2::text IS NULL OR d.queue = $2) AND ($3::text IS NULL OR d.type = $3)
     AND ($4::text IS NULL OR d.status = $4) AND d.type <> 'session.run' AND d.task_id > $5
   ORDER BY d.task_id LIMIT $6`,
);

/** The first dead letters after a task, by id; those that run sessions left out. */
export async function findDeadLetters(
  executor: Executor,
  projectId: string,
  filter: DeadLetterFilter,
  after: string,
  limit: number,
): Promise<string[]> {
  const { queue = null, type = null, status = null } = filter;
  const rows = await executor.query<{ task_id: string }>(list, [projectId, queue, type, status, after, limit]);
  return rows.map((row) => row.task_id);
}

const discard = statement(
  'tasks.discard',
  `DELETE FROM tasks t USING (
     SELECT u.id FROM tasks u WHERE u.project_id = $1 AND u.id = ANY ($2::uuid[]) AND u.status IN ('dead', 'failed')
       AND u.type <> 'session.run' ORDER BY u.id FOR UPDATE) x
   WHERE t.id = x.id RETURNING t.id, t.type, t.status, t.error`,
);

/** What is remembered of a discarded task. */
export interface Discarded {
  taskId: string;
  type: string;
  status: TaskStatus;
  error: unknown;
}

/** Deletes failed and dead tasks with all that belongs to them; answers what was deleted. */
export async function discardTasks(
  tx: Transaction,
  projectId: string,
  taskIds: readonly string[],
): Promise<Discarded[]> {
  const rows = await tx.query<Omit<Discarded, 'taskId'> & { id: string }>(discard, [projectId, taskIds]);
  return rows.map(({ id, ...row }) => ({ taskId: id, ...row }));
}
