import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { Task, TaskStatus } from './task.ts';
import { type FailurePolicy, type TaskDependency, taskDependencySchema } from './task-graph.ts';
import { TASK_COLUMNS, toTask } from './task-store.ts';

/** An edge to be stored. */
export interface NewDependency {
  taskId: string;
  dependsOn: string;
  onFailure: FailurePolicy;
  /** A parent's wait for its child. */
  child: boolean;
}

const link = statement(
  'tasks.link',
  'SELECT * FROM sb_tasks_link($1::uuid, $2::uuid[], $3::uuid[], $4::text[], $5::boolean[])',
);

/** What became of the edges: the tasks' statuses now, or why nothing of it may commit. */
export type LinkVerdict =
  | { statuses: ReadonlyMap<string, TaskStatus> }
  | { unknown: string }
  | { busy: string; status: TaskStatus };

/** Makes waiting or queued tasks depend on others, and decides at once about those that have nothing to wait for. */
export async function linkTasks(
  tx: Transaction,
  projectId: string,
  edges: readonly NewDependency[],
): Promise<LinkVerdict> {
  const rows = await tx.query<{ id: string; status: TaskStatus; problem: 'unknown' | 'busy' | null }>(link, [
    projectId,
    edges.map((edge) => edge.taskId),
    edges.map((edge) => edge.dependsOn),
    edges.map((edge) => edge.onFailure),
    edges.map((edge) => edge.child),
  ]);
  const refused = rows.find(({ problem }) => problem !== null);
  if (refused?.problem === 'unknown') return { unknown: refused.id };
  if (refused) return { busy: refused.id, status: refused.status };
  return { statuses: new Map(rows.map(({ id, status }) => [id, status])) };
}

const serialise = statement(
  'tasks.graph_lock',
  `SELECT pg_advisory_xact_lock(hashtextextended('tasks.graph ' || $1, 0))`,
);

/** Until the transaction ends nobody else of the project adds edges between tasks that were there before. */
export async function lockGraph(tx: Transaction, projectId: string): Promise<void> {
  await tx.query(serialise, [projectId]);
}

const above = statement(
  'tasks.prerequisites_above',
  `WITH RECURSIVE above (task_id) AS (
     SELECT unnest($2::uuid[]) UNION SELECT d.depends_on FROM above a JOIN task_dependencies d ON d.task_id = a.task_id
   )
   SELECT d.task_id, array_agg(d.depends_on) AS depends_on FROM above a JOIN task_dependencies d ON d.task_id = a.task_id
   WHERE d.project_id = $1 GROUP BY d.task_id`,
);

/** Every edge that leads from the given tasks to what they wait for, directly or not. */
export async function edgesAbove(
  executor: Executor,
  projectId: string,
  taskIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await executor.query<{ task_id: string; depends_on: string[] }>(above, [projectId, taskIds]);
  return new Map(rows.map((row) => [row.task_id, row.depends_on]));
}

const hold = statement(
  'tasks.hold_all',
  'SELECT FROM tasks t WHERE t.project_id = $1 AND t.id = ANY ($2::uuid[]) ORDER BY t.id FOR UPDATE',
);

/** Locks tasks, whatever their status, in the order of their ids. */
export async function lockTasks(tx: Transaction, projectId: string, taskIds: readonly string[]): Promise<void> {
  await tx.query(hold, [projectId, taskIds]);
}

const resume = statement('tasks.resume_as', 'UPDATE tasks SET resume_as = $3 WHERE project_id = $1 AND id = $2');

/** What a waiting task becomes once all it waits for is over. */
export async function setResumeAs(
  tx: Transaction,
  projectId: string,
  taskId: string,
  resumeAs: 'queued' | 'completed',
): Promise<void> {
  await tx.query(resume, [projectId, taskId, resumeAs]);
}

const leavePast = statement(
  'tasks.edges_past',
  `UPDATE task_dependencies SET state = 'past' WHERE project_id = $1 AND task_id = $2 AND state <> 'open'`,
);

/** What decided an earlier wait of the task has no say in the next one. */
export async function forgetEarlierWait(tx: Transaction, projectId: string, taskId: string): Promise<void> {
  await tx.query(leavePast, [projectId, taskId]);
}

const children = statement(
  'tasks.children',
  `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.project_id = $1 AND t.parent_id = $2 ORDER BY t.created_at, t.id LIMIT $3`,
);

/** The tasks that a task was decomposed into, oldest first. */
export async function getChildren(
  executor: Executor,
  projectId: string,
  taskId: string,
  limit: number,
): Promise<Task[]> {
  return (await executor.query<CamelRow>(children, [projectId, taskId, limit])).map(toTask);
}

const dependencies = statement(
  'tasks.dependencies',
  `SELECT d.task_id, d.depends_on, d.on_failure, d.state FROM task_dependencies d
   WHERE d.project_id = $1 AND (d.task_id = $2 OR d.depends_on = $2) AND NOT d.child ORDER BY d.task_id, d.depends_on LIMIT $3`,
);

/** The edges at a task, in both directions; those between parents and children left out. */
export async function getDependencies(
  executor: Executor,
  projectId: string,
  taskId: string,
  limit: number,
): Promise<TaskDependency[]> {
  const rows = await executor.query<CamelRow>(dependencies, [projectId, taskId, limit]);
  return rows.map((row) => taskDependencySchema.parse(camelRow(row)));
}
