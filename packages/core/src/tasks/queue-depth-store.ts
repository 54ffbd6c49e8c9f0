import { type Executor, statement } from '../platform/database/index.ts';

const depths = statement(
  'queues.depths',
  `WITH RECURSIVE ready AS (
     (SELECT r.queue, r.project_id FROM task_ready r ORDER BY r.queue, r.project_id LIMIT 1)
     UNION ALL
     SELECT n.queue, n.project_id FROM ready CROSS JOIN LATERAL (
       SELECT r.queue, r.project_id FROM task_ready r WHERE (r.queue, r.project_id) > (ready.queue, ready.project_id)
       ORDER BY r.queue, r.project_id LIMIT 1) n
   ), known AS (
     SELECT x.queue, x.project_id FROM (
       (SELECT queue, project_id FROM ready LIMIT $1)
       UNION (SELECT DISTINCT a.queue, a.project_id FROM task_activity a WHERE a.minute >= now() - interval '1 hour' LIMIT $1)) x
     ORDER BY 1, 2 LIMIT $1
   )
   SELECT p.slug AS project, k.queue, (SELECT count(*) FROM (
       SELECT FROM generate_series(0, 9) AS s (priority) CROSS JOIN LATERAL (
         SELECT FROM task_ready r WHERE r.queue = k.queue AND r.project_id = k.project_id AND r.priority = s.priority AND r.run_at <= now()
         ORDER BY r.run_at LIMIT $2) x LIMIT $2) y)::integer AS ready,
     coalesce((SELECT extract(epoch FROM now() - min(x.run_at)) FROM generate_series(0, 9) AS s (priority) CROSS JOIN LATERAL (
       SELECT r.run_at FROM task_ready r WHERE r.queue = k.queue AND r.project_id = k.project_id AND r.priority = s.priority
         AND r.run_at <= now() ORDER BY r.run_at LIMIT 1) x), 0)::float8 AS oldest_seconds
   FROM known k JOIN projects p ON p.id = k.project_id ORDER BY 1, 2`,
);

/** How much is ready in a queue; counting stops at the bound that was asked for. */
export interface QueueDepth {
  /** Slug. */
  project: string;
  queue: string;
  ready: number;
  /** 0 where nothing is ready. */
  oldestSeconds: number;
}

/** Queues of all projects in which something is ready, or happened within the hour; the first `limit` by name. */
export async function readDepths(executor: Executor, limit: number, bound: number): Promise<QueueDepth[]> {
  const rows = await executor.query<Omit<QueueDepth, 'oldestSeconds'> & { oldest_seconds: number }>(depths, [
    limit,
    bound,
  ]);
  return rows.map(({ oldest_seconds, ...row }) => ({ ...row, oldestSeconds: oldest_seconds }));
}
