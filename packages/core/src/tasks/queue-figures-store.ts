import { type Executor, statement } from '../platform/database/index.ts';
import type { BoundedCount, KindSums, QueueFigures } from './queue-figures.ts';

/**
 * Reads of what queues hold. Each stops counting at a bound, so that a queue of millions costs no more than one of thousands.
 * Rows are counted in the order of the index: without an order all of the table may be read for the first of them.
 */

/**
 * Claimed tasks that are looked at, the newest first: leases keep ended ones until they are due. Prefetched claims stand in
 * their lease alone at first, their tasks are `queued` still.
 */
const LIVE_LOOKED_AT = 20_000;
const REASONS_OF = 1_000;
const REASONS_SHOWN = 5;

const names = statement(
  'queues.names',
  `WITH RECURSIVE ready AS (
     (SELECT r.queue FROM task_ready r ORDER BY r.queue LIMIT 1)
     UNION ALL
     SELECT (SELECT r.queue FROM task_ready r WHERE r.queue > ready.queue ORDER BY r.queue LIMIT 1) FROM ready WHERE ready.queue IS NOT NULL
   )
   SELECT queue AS name FROM ready WHERE EXISTS (SELECT FROM task_ready r WHERE r.queue = ready.queue AND r.project_id = $1)
   UNION SELECT q.name FROM task_queues q WHERE q.project_id = $1
   UNION SELECT a.queue FROM task_activity a WHERE a.project_id = $1 AND a.minute >= now() - interval '1 day'
   UNION SELECT d.queue FROM (
     SELECT d.queue FROM task_dead_letters d WHERE d.project_id = $1 ORDER BY d.at DESC LIMIT 10000) d
   ORDER BY 1`,
);

/** Names of the project's queues: those with settings, ready tasks or dead ones, and where something happened within a day. */
export async function listQueueNames(executor: Executor, projectId: string): Promise<string[]> {
  return (await executor.query<{ name: string }>(names, [projectId])).map(({ name }) => name);
}

const ready = statement(
  'queues.ready',
  `SELECT q.name, ready.count::integer AS ready, delayed.count::integer AS delayed, extract(epoch FROM now() - oldest.run_at)::float8 AS oldest
   FROM unnest($2::text[]) AS q (name)
   CROSS JOIN LATERAL (SELECT count(*) FROM (
     SELECT FROM generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (
       SELECT FROM task_ready r WHERE r.queue = q.name AND r.project_id = $1 AND r.priority = p.priority AND r.run_at <= now()
       ORDER BY r.run_at LIMIT $3) x LIMIT $3) y) ready
   CROSS JOIN LATERAL (SELECT count(*) FROM (
     SELECT FROM generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (
       SELECT FROM task_ready r WHERE r.queue = q.name AND r.project_id = $1 AND r.priority = p.priority AND r.run_at > now()
       ORDER BY r.run_at LIMIT $3) x LIMIT $3) y) delayed
   CROSS JOIN LATERAL (SELECT min(x.run_at) AS run_at FROM generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (
     SELECT r.run_at FROM task_ready r WHERE r.queue = q.name AND r.project_id = $1 AND r.priority = p.priority AND r.run_at <= now()
     ORDER BY r.run_at LIMIT 1) x) oldest`,
);

const live = statement(
  'queues.live',
  `WITH looked AS (
     SELECT l.token, l.written, x.id FROM task_leases l CROSS JOIN LATERAL unnest(l.task_ids) AS x (id)
     WHERE l.project_id = $1 ORDER BY l.token DESC LIMIT $2
   )
   SELECT t.queue, CASE t.status WHEN 'running' THEN 'running' ELSE 'claimed' END AS status, count(*)::integer AS count,
     (SELECT count(*) FROM looked)::integer AS looked
   FROM looked c JOIN tasks t ON t.id = c.id AND CASE WHEN t.status = 'queued'
     THEN NOT c.written AND coalesce(t.claim_token, 0) < c.token
     ELSE t.claim_token = c.token AND t.status IN ('claimed', 'running') END
   GROUP BY 1, 2`,
);

const waiting = statement(
  'queues.waiting',
  `WITH looked AS (
     SELECT w.task_id FROM task_waiting w WHERE w.project_id = $1 ORDER BY w.task_id DESC LIMIT $2
   )
   SELECT t.queue, t.status, count(*)::integer AS count, (SELECT count(*) FROM looked)::integer AS looked
   FROM looked w JOIN tasks t ON t.id = w.task_id GROUP BY 1, 2`,
);

const dead = statement(
  'queues.dead',
  `WITH looked AS (
     SELECT d.queue, d.status FROM task_dead_letters d WHERE d.project_id = $1 ORDER BY d.at DESC LIMIT $2
   )
   SELECT queue, status, count(*)::integer AS count, (SELECT count(*) FROM looked)::integer AS looked FROM looked GROUP BY 1, 2`,
);

interface CountRow {
  queue: string;
  status: string;
  count: number;
  looked: number;
}

/** What queues hold, but for their activity. `bound` is where counting stops. */
export async function readQueueContents(
  executor: Executor,
  projectId: string,
  queueNames: readonly string[],
  bound: number,
): Promise<Map<string, Omit<QueueFigures, 'activity' | 'failureReasons'>>> {
  const rows = await executor.query<{ name: string; ready: number; delayed: number; oldest: number | null }>(ready, [
    projectId,
    queueNames,
    bound,
  ]);
  const claims = await executor.query<CountRow>(live, [projectId, LIVE_LOOKED_AT]);
  const dependent = await executor.query<CountRow>(waiting, [projectId, bound]);
  const letters = await executor.query<CountRow>(dead, [projectId, bound]);
  const counted = (found: CountRow[], limit: number, queue: string, status: string): BoundedCount => ({
    count: found.find((row) => row.queue === queue && row.status === status)?.count ?? 0,
    exact: (found[0]?.looked ?? 0) < limit,
  });
  return new Map(
    rows.map((row) => [
      row.name,
      {
        ready: { count: row.ready, exact: row.ready < bound },
        delayed: { count: row.delayed, exact: row.delayed < bound },
        waiting: counted(dependent, bound, row.name, 'waiting'),
        claimed: counted(claims, LIVE_LOOKED_AT, row.name, 'claimed'),
        running: counted(claims, LIVE_LOOKED_AT, row.name, 'running'),
        dead: counted(letters, bound, row.name, 'dead'),
        failed: counted(letters, bound, row.name, 'failed'),
        oldestReadySeconds: row.oldest,
      },
    ]),
  );
}

const activity = statement(
  'queues.activity',
  `SELECT a.queue, a.kind, sum(a.count)::float8 AS count, sum(a.ms) AS ms
   FROM task_activity a
   WHERE a.project_id = $1 AND a.minute > date_trunc('minute', now()) - $2 * interval '1 minute' GROUP BY 1, 2`,
);
const window = statement(
  'queues.window',
  `SELECT extract(epoch FROM now() - date_trunc('minute', now()) + ($1 - 1) * interval '1 minute')::float8 AS seconds`,
);

/** What happened in each queue within the last `minutes`, the present one among them, and how many seconds that is. */
export async function readActivity(
  executor: Executor,
  projectId: string,
  minutes: number,
): Promise<{ seconds: number; byQueue: Map<string, KindSums[]> }> {
  const rows = await executor.query<KindSums & { queue: string }>(activity, [projectId, minutes]);
  const [span] = await executor.query<{ seconds: number }>(window, [minutes]);
  return { seconds: span?.seconds ?? 0, byQueue: Map.groupBy(rows, ({ queue }) => queue) };
}

const reasons = statement(
  'queues.failure_reasons',
  `SELECT x.queue, x.name, x.message, x.count FROM (
     SELECT d.queue, coalesce(t.error ->> 'name', 'unknown') AS name, count(*)::integer AS count,
       (array_agg(left(coalesce(t.error ->> 'message', ''), 200) ORDER BY d.at DESC))[1] AS message,
       row_number() OVER (PARTITION BY d.queue ORDER BY count(*) DESC, coalesce(t.error ->> 'name', 'unknown')) AS place
     FROM (SELECT d.task_id, d.queue, d.at FROM task_dead_letters d WHERE d.project_id = $1 AND d.at >= now() - interval '1 hour'
       ORDER BY d.at DESC LIMIT $2) d JOIN tasks t ON t.id = d.task_id
     GROUP BY 1, 2) x
   WHERE x.place <= $3 ORDER BY x.queue, x.place`,
);

/** Why tasks of each queue were given up in the last hour, the commonest first. */
export async function readFailureReasons(
  executor: Executor,
  projectId: string,
): Promise<Map<string, QueueFigures['failureReasons']>> {
  const rows = await executor.query<QueueFigures['failureReasons'][number] & { queue: string }>(reasons, [
    projectId,
    REASONS_OF,
    REASONS_SHOWN,
  ]);
  const byQueue = Map.groupBy(rows, ({ queue }) => queue);
  return new Map([...byQueue].map(([queue, found]) => [queue, found.map(({ queue: _, ...reason }) => reason)]));
}
