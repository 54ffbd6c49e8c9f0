import { type Executor, statement } from '../../platform/database/index.ts';
import type { BoundedCount } from '../queue-figures.ts';
import type { Task } from '../task.ts';
import type { KindMeasure } from './duration.ts';
import type { Eta, EtaAccuracy } from './eta.ts';

/** Tasks ahead that are counted, and claims that are looked at. */
const AHEAD_BOUND = 50_000;
const LIVE_LOOKED_AT = 20_000;

const measures = statement(
  'eta.measures',
  `SELECT a.type, a.kind, sum(a.count)::float8 AS count, sum(a.ms) AS ms, sum(a.ms2) AS ms2 FROM task_activity a
   WHERE a.project_id = $1 AND a.minute >= now() - $2 * interval '1 second' AND a.kind IN ('completed', 'retried', 'failed', 'dead')
     AND ($3::text IS NULL OR a.type = $3)
   GROUP BY 1, 2`,
);

/** What was measured of attempts lately, by type; of one type where it is given. */
export async function readMeasures(
  executor: Executor,
  projectId: string,
  windowSeconds: number,
  type: string | null,
): Promise<Map<string, KindMeasure[]>> {
  const rows = await executor.query<KindMeasure & { type: string }>(measures, [projectId, windowSeconds, type]);
  return Map.groupBy(rows, (row) => row.type);
}

const ahead = statement(
  'eta.ahead',
  `SELECT x.type, count(*)::integer AS count, count(*) FILTER (WHERE x.concurrency_key = $7)::integer AS same_key FROM (
     SELECT r.type, r.concurrency_key FROM generate_series(0, $3::integer) AS p (priority) CROSS JOIN LATERAL (
       SELECT r.type, r.concurrency_key FROM task_ready r
       WHERE r.queue = $2 AND r.project_id = $1 AND r.priority = p.priority AND r.run_at <= greatest(now(), $4::timestamptz)
         AND (p.priority < $3 OR (r.run_at, r.task_id) < ((SELECT t.run_at FROM tasks t WHERE t.id = $5), $5))
       ORDER BY r.run_at, r.task_id LIMIT $6) r LIMIT $6) x
   GROUP BY 1`,
);

/** Ready tasks that are claimed before one, by type, and how many of them share its concurrency key. */
export async function readAhead(
  executor: Executor,
  task: Task,
): Promise<{ byType: { type: string; count: number }[]; total: BoundedCount; sameKey: number }> {
  const { projectId, queue, priority, runAt, id, concurrencyKey } = task;
  const rows = await executor.query<{ type: string; count: number; same_key: number }>(ahead, [
    projectId,
    queue,
    priority,
    runAt,
    id,
    AHEAD_BOUND,
    concurrencyKey,
  ]);
  const count = rows.reduce((total, row) => total + row.count, 0);
  return {
    byType: rows.map((row) => ({ type: row.type, count: row.count })),
    total: { count, exact: count < AHEAD_BOUND },
    sameKey: rows.reduce((total, row) => total + row.same_key, 0),
  };
}

const live = statement(
  'eta.live',
  `SELECT t.type, t.concurrency_key, extract(epoch FROM now() - coalesce(CASE WHEN t.status <> 'queued' THEN t.claimed_at END,
     c.claimed_at))::float8 * 1000 AS elapsed FROM (
     SELECT l.token, l.written, l.claimed_at, x.id FROM task_leases l CROSS JOIN LATERAL unnest(l.task_ids) AS x (id)
     WHERE l.project_id = $1 ORDER BY l.token DESC LIMIT $3) c
   JOIN tasks t ON t.id = c.id AND t.queue = $2 AND CASE WHEN t.status = 'queued'
     THEN NOT c.written AND coalesce(t.claim_token, 0) < c.token
     ELSE t.claim_token = c.token AND t.status IN ('claimed', 'running') END`,
);

/** A task that is worked on. */
export interface LiveTask {
  type: string;
  concurrencyKey: string | null;
  elapsedMs: number;
}

/** Tasks of a queue that are worked on, of the newest claims. */
export async function readLive(executor: Executor, projectId: string, queue: string): Promise<LiveTask[]> {
  const rows = await executor.query<{ type: string; concurrency_key: string | null; elapsed: number }>(live, [
    projectId,
    queue,
    LIVE_LOOKED_AT,
  ]);
  return rows.map((row) => ({ type: row.type, concurrencyKey: row.concurrency_key, elapsedMs: row.elapsed }));
}

const pace = statement(
  'eta.pace',
  `SELECT n.now, coalesce(a.claims, 0)::float8 AS claims, coalesce(a.busy, 0)::float8 / (extract(epoch FROM n.now - n.since) * 1000) AS busy,
     q.rate_limit, q.rate_seconds::float8 AS rate_seconds, least(q.rate_limit, q.rate_tokens +
       extract(epoch FROM n.now - q.rate_at) * q.rate_limit / q.rate_seconds)::float8 AS tokens
   FROM (SELECT now() AS now, date_trunc('minute', now()) - interval '4 minutes' AS since) n
   LEFT JOIN task_queues q ON q.project_id = $1 AND q.name = $2
   CROSS JOIN LATERAL (SELECT sum(a.count) FILTER (WHERE a.kind = 'claimed') AS claims, sum(a.ms) AS busy FROM task_activity a
     WHERE a.project_id = $1 AND a.queue = $2 AND a.minute >= n.since) a`,
);

/** How a queue has gone for the last minutes, and where its rate limit stands. */
export interface QueuePace {
  now: Date;
  /** Claims within the last minutes. */
  claims: number;
  /** How many were worked on at the same time, on average over these minutes. */
  busy: number;
  rate: { tokens: number; msPerToken: number } | null;
}

export async function readPace(executor: Executor, projectId: string, queue: string): Promise<QueuePace> {
  const [row] = await executor.query<{
    now: Date;
    claims: number;
    busy: number;
    rate_limit: number | null;
    rate_seconds: number | null;
    tokens: number | null;
  }>(pace, [projectId, queue]);
  const { now, claims, busy, rate_limit, rate_seconds, tokens } = row as NonNullable<typeof row>;
  const rate =
    rate_limit === null || rate_seconds === null
      ? null
      : { tokens: tokens ?? 0, msPerToken: (rate_seconds * 1000) / rate_limit };
  return { now, claims, busy, rate };
}

const keep = statement(
  'eta.keep',
  `INSERT INTO task_eta_predictions (task_id, project_id, type, starts_at, finishes_at, error_seconds)
   VALUES ($2, $1, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
);

/** Keeps what was first said of a task; later answers are not kept. */
export async function keepPrediction(executor: Executor, task: Task, eta: Eta): Promise<void> {
  const { projectId, id, type } = task;
  await executor.query(keep, [projectId, id, type, eta.startsAt, eta.finishesAt, eta.errorSeconds]);
}

const accuracy = statement(
  'eta.accuracy',
  `SELECT p.type, count(*)::integer AS samples,
     avg(abs(extract(epoch FROM t.finished_at - p.finishes_at)))::float8 AS error,
     avg(abs(extract(epoch FROM a.started_at - p.starts_at)))::float8 AS start_error,
     avg((abs(extract(epoch FROM t.finished_at - p.finishes_at)) <= p.error_seconds)::integer)::float8 AS within
   FROM task_eta_predictions p JOIN tasks t ON t.id = p.task_id AND t.status = 'completed'
   JOIN LATERAL sb_task_attempts(t.id) a ON a.attempt = 1
   WHERE p.project_id = $1 AND ($2::text IS NULL OR p.type = $2)
   GROUP BY 1 ORDER BY 1`,
);

/** How good foretelling was, by type: of tasks that are completed and still there. */
export async function readAccuracy(executor: Executor, projectId: string, type: string | null): Promise<EtaAccuracy[]> {
  const rows = await executor.query<{
    type: string;
    samples: number;
    error: number;
    start_error: number;
    within: number;
  }>(accuracy, [projectId, type]);
  return rows.map((row) => ({
    type: row.type,
    samples: row.samples,
    meanAbsoluteErrorSeconds: row.error,
    meanAbsoluteStartErrorSeconds: row.start_error,
    withinStatedError: row.within,
  }));
}
