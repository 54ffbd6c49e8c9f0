import { type Executor, statement, type Transaction } from '../platform/database/index.ts';

/** A live claim of an agent, as far as others need to know. */
export interface HeldTask {
  taskId: string;
  token: number;
  type: string;
  sessionId: string | null;
  required: string[];
}

const held = statement(
  'tasks.held',
  'SELECT h.task_id, h.token, h.type, h.session_id, h.required FROM sb_tasks_held($1::uuid, $2) h ORDER BY h.task_id',
);

interface HeldRow {
  task_id: string;
  token: string;
  type: string;
  session_id: string | null;
  required: string[];
}

/** What an agent holds, by task. */
export async function findHeldTasks(executor: Executor, projectId: string, agent: string): Promise<HeldTask[]> {
  const rows = await executor.query<HeldRow>(held, [projectId, agent]);
  return rows.map(({ task_id, token, type, session_id, required }) => ({
    taskId: task_id,
    token: Number(token),
    type,
    sessionId: session_id,
    required,
  }));
}

const hold = statement('tasks.hold_of_agent', 'SELECT sb_tasks_hold($1::uuid, ARRAY[$2]::text[], NULL)');

/** {@link findHeldTasks}, locked until the transaction ends: nobody ends or loses any of it meanwhile. */
export async function holdTasksOf(tx: Transaction, projectId: string, agent: string): Promise<HeldTask[]> {
  await tx.query(hold, [projectId, agent]);
  return findHeldTasks(tx, projectId, agent);
}

const expire = statement('tasks.expire', 'SELECT agent, task_id FROM sb_tasks_expire($1::uuid, $2::text[])');

/**
 * Ends the leases of agents at once: their writes are refused from now on, and the next look of the reaper gives the tasks back.
 * Answers how many claims each of them had.
 */
export async function expireClaims(
  executor: Executor,
  projectId: string,
  agents: readonly string[],
): Promise<Map<string, number>> {
  const rows = await executor.query<{ agent: string }>(expire, [projectId, agents]);
  const counts = new Map(agents.map((agent) => [agent, 0]));
  for (const { agent } of rows) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return counts;
}
