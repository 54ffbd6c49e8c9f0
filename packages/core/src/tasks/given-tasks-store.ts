import { type CamelRow, type Executor, statement } from '../platform/database/index.ts';
import type { Claim } from './task.ts';
import { TASK_COLUMNS, toTask } from './task-store.ts';

/** A task that was claimed in the name of an agent. */
export interface AssignedTask {
  taskId: string;
  agent: string;
  queue: string;
  type: string;
  token: number;
}

const assign = statement('tasks.assign', 'SELECT * FROM sb_tasks_assign($1::uuid, $2::uuid[], $3::text[], $4::float8)');

/** Claims tasks for the agents chosen for them, in one statement; those that somebody took meanwhile are left out. */
export async function assignTasks(
  executor: Executor,
  projectId: string,
  choices: readonly { taskId: string; agentId: string }[],
  leaseSeconds: number,
): Promise<AssignedTask[]> {
  const rows = await executor.query<{ task_id: string; agent: string; queue: string; type: string; token: string }>(
    assign,
    [projectId, choices.map(({ taskId }) => taskId), choices.map(({ agentId }) => agentId), leaseSeconds],
  );
  return rows.map(({ task_id, token, ...row }) => ({ ...row, taskId: task_id, token: Number(token) }));
}

const handOver = statement(
  'tasks.hand_over',
  'SELECT * FROM sb_tasks_hand_over($1::uuid, $2::uuid, $3, $4, $5::float8) ORDER BY task_id',
);

/** Makes the live claims of a session that one agent holds another's, with one new token. */
export async function handOverClaims(
  executor: Executor,
  projectId: string,
  sessionId: string,
  from: string,
  to: string,
  leaseSeconds: number,
): Promise<{ taskId: string; token: number; type: string }[]> {
  const rows = await executor.query<{ task_id: string; token: string; type: string }>(handOver, [
    projectId,
    sessionId,
    from,
    to,
    leaseSeconds,
  ]);
  return rows.map(({ task_id, token, type }) => ({ taskId: task_id, token: Number(token), type }));
}

const given = statement(
  'tasks.given',
  `SELECT ${TASK_COLUMNS}, g.token FROM sb_tasks_given($1::uuid, $2, $3::uuid[], $4::bigint[]) g JOIN tasks t ON t.id = g.task_id
   ORDER BY t.priority, t.run_at, t.id`,
);

/**
 * Tells an agent what it was given since it was last told.
 * @param known all claims it says to have: what was given and is not among them is told again. Null: it did not say.
 */
export async function takeGivenTasks(
  executor: Executor,
  projectId: string,
  agent: string,
  known: readonly { taskId: string; token: number }[] | null,
): Promise<Claim[]> {
  const rows = await executor.query<CamelRow & { token: string }>(given, [
    projectId,
    agent,
    known?.map(({ taskId }) => taskId) ?? null,
    known?.map(({ token }) => token) ?? null,
  ]);
  return rows.map(({ token, ...row }) => {
    const task = toTask(row);
    return {
      projectId,
      taskId: task.id,
      token: Number(token),
      sessionId: task.sessionId,
      queue: task.queue,
      type: task.type,
      payload: task.payload,
      priority: task.priority,
      agent,
      attempt: task.attempt,
      failures: task.failures,
      maxAttempts: task.maxAttempts,
      traceparent: task.traceparent,
      expiresAt: new Date(task.claimExpiresAt ?? 0),
    };
  });
}
