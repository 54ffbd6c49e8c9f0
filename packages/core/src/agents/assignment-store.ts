import { type Executor, statement } from '../platform/database/index.ts';
import type { PastOutcome } from './strategies/index.ts';

const lock = statement(
  'agents.pass_lock',
  'SELECT s.rotation FROM agent_settings s WHERE s.project_id = $1 FOR UPDATE',
);

/** Makes passes of one project go one after the other, on all nodes; answers whose turn was last. Null: no such project. */
export async function lockPass(executor: Executor, projectId: string): Promise<number | null> {
  const [row] = await executor.query<{ rotation: string }>(lock, [projectId]);
  return row ? Number(row.rotation) : null;
}

const rotate = statement('agents.rotate', 'UPDATE agent_settings SET rotation = $2 WHERE project_id = $1');

export async function updateRotation(executor: Executor, projectId: string, last: number): Promise<void> {
  await executor.query(rotate, [projectId, last]);
}

const pushed = statement(
  'agents.pushed_projects',
  `SELECT s.project_id FROM agent_settings s WHERE s.assign_queues <> '{}' ORDER BY s.project_id`,
);

/** Projects that have tasks given to agents. */
export async function findPushedProjects(executor: Executor): Promise<string[]> {
  return (await executor.query<{ project_id: string }>(pushed)).map(({ project_id }) => project_id);
}

const outcomes = statement(
  'agents.outcomes',
  `SELECT o.agent_id, o.type, o.place, o.completed::float8 AS completed, o.failed::float8 AS failed,
     extract(epoch FROM now() - o.last_at)::float8 AS age_seconds
   FROM agent_outcomes o WHERE o.project_id = $1 AND o.type = ANY ($2::text[]) AND (o.place = '' OR o.place = ANY ($3::text[]))
   UNION ALL
   SELECT l.agent, t.type, p.place, count(*) FILTER (WHERE e.outcome = 'completed'), count(*) FILTER (WHERE e.outcome <> 'completed'),
     min(extract(epoch FROM now() - e.ended_at))::float8
   FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id)
   JOIN LATERAL sb_task_attempts(x.id) e ON e.token = l.token AND e.outcome IN ('completed', 'failed', 'lost')
   JOIN tasks t ON t.id = x.id AND t.type = ANY ($2::text[])
   CROSS JOIN LATERAL unnest(ARRAY[''] || sb_task_places(t.session_id, t.payload)) AS p (place)
   WHERE l.project_id = $1 AND l.agent = ANY ($4::text[]) AND (p.place = '' OR p.place = ANY ($3::text[])) GROUP BY 1, 2, 3`,
);

/** What an agent made of a type of task at a place. */
export interface AgentOutcome extends PastOutcome {
  agentId: string;
  type: string;
}

/** What agents made of such types of tasks, at all and at these places; also what came of leases that still run. */
export async function findOutcomes(
  executor: Executor,
  projectId: string,
  agentIds: readonly string[],
  types: readonly string[],
  places: readonly string[],
): Promise<AgentOutcome[]> {
  const rows = await executor.query<{
    agent_id: string;
    type: string;
    place: string;
    completed: number | string;
    failed: number | string;
    age_seconds: number;
  }>(outcomes, [projectId, types, places, agentIds]);
  return rows.map(({ agent_id, age_seconds, completed, failed, ...row }) => ({
    ...row,
    agentId: agent_id,
    completed: Number(completed),
    failed: Number(failed),
    ageSeconds: age_seconds,
  }));
}
