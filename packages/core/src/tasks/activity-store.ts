import { type Executor, statement } from '../platform/database/index.ts';
import type { MeasuredWork } from './activity.ts';

const add = statement(
  'tasks.activity_add',
  `INSERT INTO task_activity AS a (project_id, minute, queue, type, kind, count, ms, ms2)
   SELECT w.project_id, date_trunc('minute', now()), w.queue, w.type, w.kind, w.count, w.ms, w.ms2
   FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::float8[])
     AS w (project_id, queue, type, kind, count, ms, ms2)
   JOIN projects p ON p.id = w.project_id
   ORDER BY 1, 2, 3, 4, 5
   ON CONFLICT (project_id, minute, queue, type, kind) DO UPDATE
   SET count = a.count + excluded.count, ms = a.ms + excluded.ms, ms2 = a.ms2 + excluded.ms2`,
);

/**
 * Adds what was measured to the present minute, by the database's clock. One element per project, queue, type and kind.
 * Rows are met in one order by all nodes. What belongs to a project that is gone is left out.
 */
export async function addActivity(executor: Executor, work: readonly MeasuredWork[]): Promise<void> {
  await executor.query(add, [
    work.map(({ projectId }) => projectId),
    work.map(({ queue }) => queue),
    work.map(({ type }) => type),
    work.map(({ kind }) => kind),
    work.map(({ count }) => count),
    work.map(({ ms }) => ms),
    work.map(({ ms2 }) => ms2),
  ]);
}

const drop = statement(
  'tasks.activity_drop',
  `WITH gone AS (
     DELETE FROM task_activity WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM task_activity WHERE minute < now() - $1 * interval '1 day'
       LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1)
   SELECT count(*)::integer AS count FROM gone`,
);

/** Deletes up to `limit` rows of minutes that are older; answers how many. */
export async function dropActivity(executor: Executor, olderThanDays: number, limit: number): Promise<number> {
  const [row] = await executor.query<{ count: number }>(drop, [olderThanDays, limit]);
  return row?.count ?? 0;
}
