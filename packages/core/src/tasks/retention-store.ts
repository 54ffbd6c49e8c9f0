import { type Executor, statement } from '../platform/database/index.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

const old = statement(
  'tasks.delete_old',
  `WITH seen AS (
     SELECT t.id FROM tasks t
     WHERE t.id > $1 AND t.id < (lpad(to_hex((extract(epoch FROM now() - least($2::float8, $3::float8) * interval '1 day') * 1000)::bigint), 12, '0')
       || '00000000000000000000')::uuid
     ORDER BY t.id LIMIT $4
   ), due AS (
     SELECT t.id FROM tasks t JOIN seen s ON s.id = t.id
     WHERE t.finished_at < now() - CASE WHEN t.status IN ('dead', 'failed') THEN $3::float8 ELSE $2::float8 END * interval '1 day'
       AND NOT EXISTS (SELECT FROM task_dependencies d JOIN tasks w ON w.id = d.task_id
         WHERE d.depends_on = t.id AND w.finished_at IS NULL)
     ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
   ), gone AS (
     DELETE FROM tasks t USING due d WHERE t.id = d.id RETURNING t.id
   ), forgotten AS (
     DELETE FROM task_eta_predictions p USING gone g WHERE p.task_id = g.id
   )
   SELECT (SELECT s.id FROM seen s ORDER BY s.id DESC LIMIT 1) AS last, (SELECT count(*) FROM gone)::integer AS deleted`,
);

/** What one step of the walk over old tasks came to. */
export interface OldTasksStep {
  /** Where to go on; null at the end. */
  next: string | null;
  deleted: number;
}

/**
 * Looks at up to `limit` tasks that were made long ago, in the order of their ids, which is that of time, and deletes those
 * that have been over for long enough. What somebody still waits for stays. An index on the time of their end would
 * make every ending of a task dearer.
 */
export async function deleteOldTasks(
  executor: Executor,
  from: string | null,
  { retentionDays, failedRetentionDays }: { retentionDays: number; failedRetentionDays: number },
  limit: number,
): Promise<OldTasksStep> {
  const values = [from ?? FIRST, retentionDays, failedRetentionDays, limit];
  const [row] = await executor.query<{ last: string | null; deleted: number }>(old, values);
  return { next: row?.last ?? null, deleted: row?.deleted ?? 0 };
}

const predictions = statement(
  'tasks.forget_predictions',
  `WITH gone AS (
     DELETE FROM task_eta_predictions WHERE ctid = ANY (ARRAY(
       SELECT x.ctid FROM task_eta_predictions x WHERE x.asked_at < now() - $1::float8 * interval '1 day'
       LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1)
   SELECT count(*)::integer AS count FROM gone`,
);

/** Deletes up to `limit` predictions of tasks that were asked for long ago; answers how many. */
export async function deleteOldPredictions(executor: Executor, olderThanDays: number, limit: number): Promise<number> {
  const [row] = await executor.query<{ count: number }>(predictions, [olderThanDays, limit]);
  return row?.count ?? 0;
}

const keys = statement(
  'tasks.forget_keys',
  `WITH gone AS (
     DELETE FROM task_idempotency_keys k WHERE k.expires_at <= now() AND k.ctid = ANY (ARRAY(
       SELECT x.ctid FROM task_idempotency_keys x WHERE x.expires_at <= now()
       ORDER BY x.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1)
   SELECT count(*)::integer AS count FROM gone`,
);

/** Deletes up to `limit` idempotency keys whose time is over; answers how many. */
export async function deleteExpiredKeys(executor: Executor, limit: number): Promise<number> {
  const [row] = await executor.query<{ count: number }>(keys, [limit]);
  return row?.count ?? 0;
}
