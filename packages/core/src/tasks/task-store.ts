import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type ClaimRef, type Task, taskSchema } from './task.ts';

/** Columns of a task as callers see it. */
export const TASK_COLUMNS = `t.id, t.project_id, t.queue, t.type, t.payload, t.status, t.priority, t.run_at, t.attempt, t.failures,
  t.max_attempts, t.backoff, t.session_id, t.parent_id, t.required, t.concurrency_key, t.deadline, t.estimated_ms, t.claimed_by,
  t.claim_expires_at, t.claimed_at, t.idempotency_key, t.unique_key, t.trace_id, t.traceparent, t.progress, t.result, t.error,
  t.created_by, t.version, t.created_at, t.updated_at, t.finished_at`;

export function toTask(row: CamelRow): Task {
  return taskSchema.parse(camelRow(row));
}

const get = statement('tasks.get', `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.project_id = $1 AND t.id = $2`);

export async function getTask(executor: Executor, projectId: string, taskId: string): Promise<Task | null> {
  const [row] = await executor.query<CamelRow>(get, [projectId, taskId]);
  return row ? toTask(row) : null;
}

const some = statement(
  'tasks.some',
  `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.project_id = $1 AND t.id = ANY ($2::uuid[]) ORDER BY t.id`,
);

/** Those of the tasks that there are, by id. */
export async function getTasks(executor: Executor, projectId: string, taskIds: readonly string[]): Promise<Task[]> {
  return (await executor.query<CamelRow>(some, [projectId, taskIds])).map(toTask);
}

const hold = statement(
  'tasks.hold',
  `SELECT t.id FROM tasks t WHERE t.project_id = $1 AND t.id = $2 AND t.claim_token = $3 AND t.status IN ('claimed', 'running')
     AND t.claim_expires_at > clock_timestamp() FOR UPDATE`,
);

/** Locks the task's row if the claim still stands: until the transaction ends nobody can take it away. */
export async function lockClaim(executor: Executor, claim: ClaimRef): Promise<boolean> {
  return (await executor.query(hold, [claim.projectId, claim.taskId, claim.token])).length === 1;
}

const begin = statement(
  'tasks.begin',
  `UPDATE tasks t SET status = 'running', version = version + 1, updated_at = now()
   WHERE t.project_id = $1 AND t.id = $2 AND t.claim_token = $3 AND t.status = 'claimed' AND t.claim_expires_at > now()
   RETURNING t.id`,
);

/** claimed → running; false when the claim is lost. */
export async function markRunning(executor: Executor, claim: ClaimRef): Promise<boolean> {
  return (await executor.query(begin, [claim.projectId, claim.taskId, claim.token])).length === 1;
}

const cancel = statement('tasks.cancel', 'SELECT sb_tasks_cancel($1::uuid, $2::uuid[], $3::uuid) AS id');

/** Cancels tasks, or every task of a session, whoever holds them; answers the ids of those that were not over. */
export async function cancelTasks(
  executor: Executor,
  projectId: string,
  which: { taskIds: readonly string[] } | { sessionId: string },
): Promise<string[]> {
  const taskIds = 'taskIds' in which ? which.taskIds : [];
  const sessionId = 'sessionId' in which ? which.sessionId : null;
  const rows = await executor.query<{ id: string }>(cancel, [projectId, taskIds, sessionId]);
  return rows.map((row) => row.id);
}
