import { type Executor, statement } from '../platform/database/index.ts';

/** An agent that was silent for too long. */
export interface SilentAgent {
  projectId: string;
  agentId: string;
  liveness: 'suspected' | 'dead';
  /** Milliseconds since it was last heard of. */
  silentMs: number;
}

const scan = statement('agents.scan', 'SELECT * FROM sb_agents_scan($1) ORDER BY project_id, agent_id');

/** @param gapSeconds a pause between two scans that is longer than this is not held against the agents. */
export async function scanAgents(executor: Executor, gapSeconds: number): Promise<SilentAgent[]> {
  const rows = await executor.query<{
    project_id: string;
    agent_id: string;
    liveness: 'suspected' | 'dead';
    silent_ms: number;
  }>(scan, [gapSeconds]);
  return rows.map(({ project_id, agent_id, liveness, silent_ms }) => ({
    projectId: project_id,
    agentId: agent_id,
    liveness,
    silentMs: silent_ms,
  }));
}

export interface Recovery {
  projectId: string;
  agentId: string;
  recovery: 'attempted' | 'failed';
}

const recover = statement(
  'agents.recover',
  `UPDATE agents a SET recovery = CASE WHEN a.recovery IS NULL THEN 'attempted' ELSE 'failed' END, recovery_at = now(),
     version = a.version + 1, updated_at = now()
   FROM (
     SELECT a.project_id, a.id FROM agents a JOIN agent_settings s USING (project_id)
     WHERE a.liveness = 'dead' AND (
       a.recovery IS NULL AND s.enable_auto_recovery AND a.dead_at <= now() - s.recovery_delay * interval '1 second'
       OR a.recovery = 'attempted' AND a.recovery_at <= now() - s.heartbeat_timeout * interval '1 second')
     ORDER BY 1, 2 FOR UPDATE OF a SKIP LOCKED) d
   WHERE a.project_id = d.project_id AND a.id = d.id
   RETURNING a.project_id, a.id, a.recovery`,
);

/** Marks the dead that are to be called now, and those that did not answer their call in time (COORD-62). */
export async function markRecoveries(executor: Executor): Promise<Recovery[]> {
  const rows = await executor.query<{ project_id: string; id: string; recovery: Recovery['recovery'] }>(recover);
  return rows.map(({ project_id, id, recovery }) => ({ projectId: project_id, agentId: id, recovery }));
}

const forgetPlaces = statement(
  'agents.forget_places',
  `DELETE FROM agent_outcomes WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM agent_outcomes o
     WHERE o.place <> '' AND o.last_at < now() - $1 * interval '1 day' FOR UPDATE SKIP LOCKED))`,
);
const forgetHandoffs = statement(
  'agents.forget_handoffs',
  `DELETE FROM handoffs WHERE id = ANY (ARRAY(SELECT h.id FROM handoffs h JOIN agent_settings s ON s.project_id = h.project_id
     WHERE h.at < now() - s.handoff_days * interval '1 day' FOR UPDATE OF h SKIP LOCKED))`,
);
const forgetDepartures = statement(
  'agents.forget_departures',
  `DELETE FROM agent_departures WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM agent_departures d WHERE d.at < now() - interval '1 day'
     AND NOT EXISTS (SELECT FROM task_leases l WHERE l.project_id = d.project_id AND l.agent = d.agent_id) FOR UPDATE SKIP LOCKED))`,
);

const forgetAbsent = statement(
  'agents.forget_absent',
  `WITH presences AS (
     DELETE FROM agent_presence WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM agent_presence p WHERE NOT EXISTS (
       SELECT FROM agents a WHERE a.project_id = p.project_id AND a.id = p.agent_id) FOR UPDATE SKIP LOCKED)))
   DELETE FROM task_assignments WHERE ctid = ANY (ARRAY(SELECT g.ctid FROM task_assignments g WHERE NOT EXISTS (
     SELECT FROM agents a WHERE a.project_id = g.project_id AND a.id = g.agent_id) FOR UPDATE SKIP LOCKED))`,
);

/** Forgets where agents worked `placeDays` ago, handoffs that are older than their project keeps them (COORD-45), and what agents left behind. */
export async function forgetOld(executor: Executor, placeDays: number): Promise<void> {
  await executor.query(forgetPlaces, [placeDays]);
  await executor.query(forgetHandoffs);
  await executor.query(forgetDepartures);
  await executor.query(forgetAbsent);
}
