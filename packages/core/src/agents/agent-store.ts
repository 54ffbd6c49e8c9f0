import { type Executor, statement } from '../platform/database/index.ts';
import type { Agent, AgentDuty, AgentLiveness } from './agent.ts';

/**
 * Agents as callers see them, as `s`: the one place where load and status are put together. Between the two stands what yields a
 * row of work for each of them: `sb_agents_work` or `sb_agents_work_in` with its arguments.
 */
export const AGENTS_HEAD = `(
  SELECT a.project_id, a.id, a.seq, lpad(to_hex(a.seq), 32, '0')::uuid AS place, a.type, a.capabilities, a.priority, a.max_load, a.duty,
    a.liveness, a.metadata, a.dead_at, a.recovery, a.version, a.registered_at, a.updated_at, p.heartbeat_at AS last_heartbeat,
    p.load AS reported_load, w.held::integer AS held, (w.held + coalesce(p.load, 0))::integer AS load, w.sessions AS current_sessions,
    w.completed::float8 AS total_tasks_completed, w.failed::float8 AS total_tasks_failed, w.ms AS total_task_duration,
    w.ms / nullif(w.completed, 0) AS average_task_duration,
    coalesce(w.failed::float8 / nullif(w.failed + w.completed, 0), 0) AS error_rate,
    sb_agent_status(a.duty, a.liveness, p.status, w.held + coalesce(p.load, 0), a.max_load) AS status
  FROM`;
export const AGENTS_TAIL = `w JOIN agents a ON a.project_id = w.project_id AND a.id = w.agent
  LEFT JOIN agent_presence p ON p.project_id = a.project_id AND p.agent_id = a.id) s`;
export const AGENTS_OF_PROJECT = `${AGENTS_HEAD} sb_agents_work_in($1::uuid) ${AGENTS_TAIL}`;

/** A row of {@link AGENTS_HEAD}. */
export type AgentRow = {
  id: string;
  project_id: string;
  seq: string;
  place: string;
  type: string;
  capabilities: Agent['capabilities'];
  priority: number;
  max_load: number;
  duty: AgentDuty;
  liveness: AgentLiveness;
  metadata: Agent['metadata'];
  dead_at: Date | null;
  recovery: Agent['recovery'];
  version: number;
  registered_at: Date;
  updated_at: Date;
  last_heartbeat: Date | null;
  reported_load: number | null;
  held: number;
  load: number;
  current_sessions: string[];
  total_tasks_completed: number;
  total_tasks_failed: number;
  total_task_duration: number;
  average_task_duration: number | null;
  error_rate: number;
  status: Agent['status'];
};

/** Field by field: registering is a hot verb, of which a general mapping and a check of our own row were a tenth. */
export function toAgent(row: AgentRow): Agent {
  return {
    id: row.id,
    projectId: row.project_id,
    type: row.type,
    capabilities: row.capabilities,
    priority: row.priority,
    status: row.status,
    duty: row.duty,
    liveness: row.liveness,
    load: row.load,
    maxLoad: row.max_load,
    held: row.held,
    reportedLoad: row.reported_load,
    currentSessions: row.current_sessions,
    lastHeartbeat: row.last_heartbeat?.toISOString() ?? null,
    metadata: row.metadata,
    totalTasksCompleted: row.total_tasks_completed,
    totalTasksFailed: row.total_tasks_failed,
    totalTaskDuration: row.total_task_duration,
    averageTaskDuration: row.average_task_duration,
    errorRate: row.error_rate,
    deadAt: row.dead_at?.toISOString() ?? null,
    recovery: row.recovery,
    version: row.version,
    registeredAt: row.registered_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

const some = statement(
  'agents.some',
  `SELECT k.n::integer AS n, s.* FROM ${AGENTS_HEAD} sb_agents_work($1::uuid[], $2::text[]) ${AGENTS_TAIL}
   JOIN unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS k (project_id, id, n) ON k.project_id = s.project_id AND k.id = s.id`,
);

/** Agents in the order of their keys, each of which stands there once; null for those that are not there. */
export async function getAgentsByKey(
  executor: Executor,
  keys: readonly { projectId: string; agentId: string }[],
): Promise<(Agent | null)[]> {
  const rows = await executor.query<AgentRow & { n: number }>(some, [
    keys.map(({ projectId }) => projectId),
    keys.map(({ agentId }) => agentId),
  ]);
  const agents: (Agent | null)[] = keys.map(() => null);
  for (const row of rows) agents[row.n - 1] = toAgent(row);
  return agents;
}

export async function getAgent(executor: Executor, projectId: string, agentId: string): Promise<Agent | null> {
  const [agent] = await getAgentsByKey(executor, [{ projectId, agentId }]);
  return agent ?? null;
}

const all = statement('agents.all', `SELECT s.* FROM ${AGENTS_OF_PROJECT} ORDER BY s.seq`);

/** Every agent of the project in the order of registration, each with its place in it. */
export async function getAgents(executor: Executor, projectId: string): Promise<{ agent: Agent; seq: number }[]> {
  const rows = await executor.query<AgentRow>(all, [projectId]);
  return rows.map((row) => ({ agent: toAgent(row), seq: Number(row.seq) }));
}

/** One element of the batch that `sb_agents_register` takes, without its number. */
export interface Registration {
  project: string;
  id: string;
  type: string;
  capabilities: unknown;
  priority: number;
  maxLoad: number;
  metadata: unknown;
  load: number;
  status: string;
  duty: AgentDuty;
}

const register = statement('agents.register', 'SELECT * FROM sb_agents_register($1::jsonb)');

/** Registers a whole batch in one statement; says of each whether it was new. */
export async function registerAgents(executor: Executor, agents: readonly Registration[]): Promise<boolean[]> {
  const numbered = agents.map((agent, index) => ({ n: index + 1, ...agent }));
  const rows = await executor.query<{ n: number; created: boolean }>(register, [JSON.stringify(numbered)]);
  const created: boolean[] = [];
  for (const row of rows) created[row.n - 1] = row.created;
  return created;
}

export interface Beat {
  projectId: string;
  agentId: string;
  load: number | null;
  status: string | null;
  metadata: Record<string, unknown> | null;
}

/** How a registered agent stood before its heartbeat. */
export interface BeatVerdict {
  duty: AgentDuty;
  liveness: AgentLiveness;
  /** Whether there are tasks that were given to it and that it has not been heard to know of. */
  given: boolean;
}

const heartbeat = statement(
  'agents.heartbeat',
  'SELECT * FROM sb_agents_heartbeat($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::jsonb[])',
);

/** Takes in a whole batch of heartbeats in one statement; null for those that are not registered. */
export async function takeHeartbeats(executor: Executor, beats: readonly Beat[]): Promise<(BeatVerdict | null)[]> {
  const rows = await executor.query<BeatVerdict & { n: number }>(heartbeat, [
    beats.map(({ projectId }) => projectId),
    beats.map(({ agentId }) => agentId),
    beats.map(({ load }) => load),
    beats.map(({ status }) => status),
    beats.map(({ metadata }) => (metadata === null ? null : JSON.stringify(metadata))),
  ]);
  const verdicts: (BeatVerdict | null)[] = beats.map(() => null);
  for (const { n, duty, liveness, given } of rows) verdicts[n - 1] = { duty, liveness, given };
  return verdicts;
}

const lock = statement(
  'agents.lock',
  `SELECT a.id, a.duty, a.liveness, a.version FROM agents a WHERE a.project_id = $1 AND a.id = ANY ($2::text[]) ORDER BY a.id FOR UPDATE`,
);

export interface LockedAgent {
  id: string;
  duty: AgentDuty;
  liveness: AgentLiveness;
  version: number;
}

/** Locks the agents' rows in key order; those that there are. */
export function lockAgents(executor: Executor, projectId: string, ids: readonly string[]): Promise<LockedAgent[]> {
  return executor.query<LockedAgent>(lock, [projectId, ids]);
}

const setDuty = statement(
  'agents.set_duty',
  `UPDATE agents a SET duty = $3, seen_from = CASE WHEN a.duty = 'maintenance' THEN now() ELSE a.seen_from END,
     liveness = CASE WHEN $3 = 'maintenance' THEN 'alive' ELSE a.liveness END,
     dead_at = CASE WHEN $3 = 'maintenance' THEN NULL ELSE a.dead_at END,
     recovery = CASE WHEN $3 = 'maintenance' THEN NULL ELSE a.recovery END,
     recovery_at = CASE WHEN $3 = 'maintenance' THEN NULL ELSE a.recovery_at END,
     version = a.version + 1, updated_at = now()
   WHERE a.project_id = $1 AND a.id = $2 RETURNING a.version`,
);

/** Its silence counts from now on when it comes out of maintenance. Answers the new version. */
export async function updateDuty(
  executor: Executor,
  projectId: string,
  agentId: string,
  duty: AgentDuty,
): Promise<number> {
  const [row] = await executor.query<{ version: number }>(setDuty, [projectId, agentId, duty]);
  return row?.version ?? 0;
}

const remove = statement(
  'agents.remove',
  `WITH gone AS (DELETE FROM agents WHERE project_id = $1 AND id = $2 RETURNING 1),
     absent AS (DELETE FROM agent_presence WHERE project_id = $1 AND agent_id = $2),
     departed AS (INSERT INTO agent_departures (project_id, agent_id) VALUES ($1, $2)
       ON CONFLICT (project_id, agent_id) DO UPDATE SET at = now()),
     outcomes AS (DELETE FROM agent_outcomes WHERE project_id = $1 AND agent_id = $2 RETURNING *)
   INSERT INTO agent_outcomes AS o (project_id, agent_id, type, completed, failed, ms, last_at)
   SELECT project_id, '', type, completed, failed, ms, last_at FROM outcomes WHERE place = '' ORDER BY type
   ON CONFLICT (project_id, agent_id, type, place) DO UPDATE SET completed = o.completed + excluded.completed,
     failed = o.failed + excluded.failed, ms = o.ms + excluded.ms, last_at = greatest(o.last_at, excluded.last_at)`,
);
const forgetLeases = statement(
  'agents.forget_leases',
  `WITH gone AS (
     DELETE FROM task_leases l WHERE l.project_id = $1 AND l.agent = $2 AND (l.written OR NOT EXISTS (
       SELECT FROM unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id WHERE t.status = 'queued'))
     RETURNING l.*
   )
   INSERT INTO task_leases (token, n, project_id, agent, task_ids, check_at, claimed_at, written, open)
   SELECT g.token, g.n, g.project_id, g.agent, k.task_ids, g.check_at, g.claimed_at, g.written, g.open
   FROM gone g CROSS JOIN LATERAL (
     SELECT array_agg(t.id ORDER BY t.id) AS task_ids FROM unnest(g.task_ids) AS x (id) JOIN tasks t ON t.id = x.id
     WHERE t.claim_token = g.token AND t.status IN ('claimed', 'running')) k
   WHERE k.task_ids IS NOT NULL`,
);

/** Deletes an agent that holds nothing any more; what it did stays in the project's figures. */
export async function deleteAgent(executor: Executor, projectId: string, agentId: string): Promise<void> {
  // First, while it is still known: what its leases tell is added to what it did. What it lost and nobody has taken away yet stays in
  // them for the reaper.
  await executor.query(forgetLeases, [projectId, agentId]);
  await executor.query(remove, [projectId, agentId]);
}
