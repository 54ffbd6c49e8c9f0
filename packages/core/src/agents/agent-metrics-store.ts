import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { AGENT_STATUSES, type AgentStatus } from './agent.ts';
import { type AgentMetrics, agentMetricsSchema } from './agent-metrics.ts';
import { AGENTS_HEAD, AGENTS_OF_PROJECT, AGENTS_TAIL } from './agent-store.ts';

const metrics = statement(
  'agents.metrics',
  `WITH a AS (SELECT * FROM ${AGENTS_OF_PROJECT}),
     unregistered AS (
       SELECT o.completed, o.ms FROM agent_outcomes o
       WHERE o.project_id = $1 AND o.place = '' AND NOT EXISTS (SELECT FROM agents r WHERE r.project_id = $1 AND r.id = o.agent_id)
       UNION ALL SELECT 1, date_part('epoch', t.ended_at - t.started_at) * 1000
       FROM agent_departures d JOIN task_leases l ON l.project_id = d.project_id AND l.agent = d.agent_id CROSS JOIN unnest(l.task_ids) AS x (id)
       JOIN LATERAL sb_task_attempts(x.id) t ON t.token = l.token AND t.outcome = 'completed'
       WHERE d.project_id = $1 AND NOT EXISTS (SELECT FROM agents r WHERE r.project_id = $1 AND r.id = d.agent_id)),
     gone AS (SELECT coalesce(sum(u.completed), 0)::float8 AS completed, coalesce(sum(u.ms), 0) AS ms FROM unregistered u),
     summed AS (SELECT count(*)::integer AS total_agents, coalesce(sum(a.total_tasks_completed), 0) AS completed,
       coalesce(sum(a.total_task_duration), 0) AS ms,
       coalesce(sum(a.load) FILTER (WHERE a.status NOT IN ('dead', 'maintenance')), 0)::float8 AS load,
       coalesce(sum(a.max_load) FILTER (WHERE a.status NOT IN ('dead', 'maintenance')), 0)::float8 AS capacity FROM a)
   SELECT s.total_agents, (SELECT coalesce(jsonb_object_agg(x.status, x.count), '{}') FROM (
       SELECT a.status, count(*) FROM a GROUP BY 1) x) AS by_status,
     (SELECT count(*)::float8 FROM task_ready r WHERE r.project_id = $1) AS queued_tasks,
     (SELECT count(*)::float8 FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id
       WHERE l.project_id = $1 AND sb_lease_holds(l.token, l.written, l.check_at, t.status, t.claim_token,
         t.claim_expires_at)) AS running_tasks,
     s.completed + g.completed AS completed_tasks,
     (SELECT count(*)::float8 FROM task_dead_letters d WHERE d.project_id = $1) AS failed_tasks,
     (s.ms + g.ms) / nullif(s.completed + g.completed, 0) AS average_task_duration, s.load, s.capacity,
     coalesce(s.load / nullif(s.capacity, 0), 0) AS system_load,
     (SELECT c.handoff_count::float8 FROM agent_settings c WHERE c.project_id = $1) AS handoff_count
   FROM summed s CROSS JOIN gone g`,
);

export async function readAgentMetrics(executor: Executor, projectId: string): Promise<AgentMetrics> {
  const [row] = await executor.query<CamelRow>(metrics, [projectId]);
  const { byStatus: counts, ...rest } = camelRow(row ?? {});
  const found = counts as Partial<Record<AgentStatus, number>>;
  const byStatus = Object.fromEntries(AGENT_STATUSES.map((status) => [status, found[status] ?? 0]));
  const of = (status: AgentStatus) => byStatus[status] ?? 0;
  return agentMetricsSchema.parse({
    ...rest,
    byStatus,
    activeAgents: of('active') + of('busy'),
    deadAgentCount: of('dead'),
  });
}

/** Agents of one project that stand alike: how many, what they carry together, and what they could. */
export interface AgentCount {
  /** Its slug. */
  project: string;
  status: AgentStatus;
  agents: number;
  load: number;
  capacity: number;
}

const counts = statement(
  'agents.counts',
  `SELECT p.slug AS project, s.status, count(*)::integer AS agents, sum(s.load)::float8 AS load, sum(s.max_load)::float8 AS capacity
   FROM ${AGENTS_HEAD} sb_agents_work_in(NULL) ${AGENTS_TAIL} JOIN projects p ON p.id = s.project_id GROUP BY 1, 2 ORDER BY 1, 2`,
);

/** Of all projects; for metrics. */
export function countAgents(executor: Executor): Promise<AgentCount[]> {
  return executor.query<AgentCount>(counts);
}
