import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type Schedule, type SkipReason, scheduleSchema } from './schedule.ts';

const COLUMNS = `s.id, s.project_id, s.name, s.cron, s.timezone, s.task, s.enabled, s.catch_up, s.overlap, s.next_run_at, s.last_run_at,
  s.last_task_id, s.last_skipped_at, s.last_skip_reason, s.created_by, s.version, s.created_at, s.updated_at`;

const now = statement('schedules.now', 'SELECT clock_timestamp() AS now');

/** The present by the database's clock, which all nodes share. */
export async function databaseNow(executor: Executor): Promise<Date> {
  const [row] = await executor.query<{ now: Date }>(now);
  return (row as { now: Date }).now;
}

const insert = statement(
  'schedules.insert',
  `INSERT INTO task_schedules AS s (id, project_id, name, cron, timezone, task, enabled, catch_up, overlap, next_run_at, created_by)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (project_id, name) DO NOTHING RETURNING ${COLUMNS}`,
);

/** Null when the name is taken. */
export async function insertSchedule(
  executor: Executor,
  projectId: string,
  schedule: Omit<
    Schedule,
    | 'projectId'
    | 'lastRunAt'
    | 'lastTaskId'
    | 'lastSkippedAt'
    | 'lastSkipReason'
    | 'version'
    | 'createdAt'
    | 'updatedAt'
  >,
): Promise<Schedule | null> {
  const [row] = await executor.query<CamelRow>(insert, [
    projectId,
    schedule.id,
    schedule.name,
    schedule.cron,
    schedule.timezone,
    JSON.stringify(schedule.task),
    schedule.enabled,
    schedule.catchUp,
    schedule.overlap,
    schedule.nextRunAt,
    schedule.createdBy,
  ]);
  return row ? toSchedule(row) : null;
}

const get = statement('schedules.get', `SELECT ${COLUMNS} FROM task_schedules s WHERE s.project_id = $1 AND s.id = $2`);
const lock = statement('schedules.lock', `${get.text} FOR UPDATE`);

export async function getSchedule(executor: Executor, projectId: string, id: string): Promise<Schedule | null> {
  const [row] = await executor.query<CamelRow>(get, [projectId, id]);
  return row ? toSchedule(row) : null;
}

/** {@link getSchedule}, held until the transaction ends. */
export async function lockSchedule(executor: Executor, projectId: string, id: string): Promise<Schedule | null> {
  const [row] = await executor.query<CamelRow>(lock, [projectId, id]);
  return row ? toSchedule(row) : null;
}

const list = statement(
  'schedules.list',
  `SELECT ${COLUMNS} FROM task_schedules s WHERE s.project_id = $1 ORDER BY s.name LIMIT $2 OFFSET $3`,
);
const count = statement(
  'schedules.count',
  'SELECT count(*)::integer AS total FROM task_schedules s WHERE s.project_id = $1',
);

/** By name. */
export async function listSchedules(
  executor: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: Schedule[]; total: number }> {
  const rows = await executor.query<CamelRow>(list, [projectId, limit, offset]);
  const [counted] = await executor.query<{ total: number }>(count, [projectId]);
  return { items: rows.map(toSchedule), total: counted?.total ?? 0 };
}

const nameTaken = statement(
  'schedules.name_taken',
  'SELECT FROM task_schedules s WHERE s.project_id = $1 AND s.name = $2 AND s.id <> $3',
);

/** Whether another schedule of the project has this name. */
export async function isNameTaken(executor: Executor, projectId: string, name: string, id: string): Promise<boolean> {
  return (await executor.query(nameTaken, [projectId, name, id])).length > 0;
}

const update = statement(
  'schedules.update',
  `UPDATE task_schedules s SET name = $4, cron = $5, timezone = $6, task = $7, enabled = $8, catch_up = $9, overlap = $10,
     next_run_at = $11, version = version + 1, updated_at = now()
   WHERE s.project_id = $1 AND s.id = $2 AND s.version = $3 RETURNING ${COLUMNS}`,
);

/** Writes over the version that the schedule carries; null when that is not the version any more. */
export async function writeSchedule(executor: Executor, schedule: Schedule): Promise<Schedule | null> {
  const { projectId, id, version, name, cron, timezone, task, enabled, catchUp, overlap, nextRunAt } = schedule;
  const values = [projectId, id, version, name, cron, timezone, JSON.stringify(task), enabled, catchUp, overlap];
  const [row] = await executor.query<CamelRow>(update, [...values, nextRunAt]);
  return row ? toSchedule(row) : null;
}

const remove = statement(
  'schedules.delete',
  'DELETE FROM task_schedules s WHERE s.project_id = $1 AND s.id = $2 AND s.version = $3 RETURNING s.id',
);

/** False when there is none with this version. */
export async function deleteSchedule(
  executor: Executor,
  projectId: string,
  id: string,
  version: number,
): Promise<boolean> {
  return (await executor.query(remove, [projectId, id, version])).length > 0;
}

const due = statement(
  'schedules.due',
  `SELECT ${COLUMNS}, EXISTS (SELECT FROM tasks t WHERE t.id = s.last_task_id AND t.finished_at IS NULL) AS busy
   FROM task_schedules s WHERE s.next_run_at <= $1 ORDER BY s.next_run_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED`,
);

/**
 * Schedules of any project that are due, held until the transaction ends; what another node holds is left to it. `busy`: the
 * task of the last time is not over.
 */
export async function lockDueSchedules(
  executor: Executor,
  at: Date,
  limit: number,
): Promise<{ schedule: Schedule & { nextRunAt: string }; busy: boolean }[]> {
  const rows = await executor.query<CamelRow & { busy: boolean }>(due, [at, limit]);
  return rows.map(({ busy, ...row }) => ({ schedule: toSchedule(row) as Schedule & { nextRunAt: string }, busy }));
}

const fired = statement(
  'schedules.fired',
  `UPDATE task_schedules s SET next_run_at = $3, last_run_at = coalesce($4, s.last_run_at), last_task_id = coalesce($5, s.last_task_id),
     last_skipped_at = coalesce($6, s.last_skipped_at), last_skip_reason = coalesce($7, s.last_skip_reason)
   WHERE s.project_id = $1 AND s.id = $2`,
);

/** What came of a schedule that was due. */
export interface FiringOutcome {
  next: Date | null;
  run: { at: Date; taskId: string } | null;
  skipped: { at: Date; reason: SkipReason } | null;
}

/** Notes what came of it; not a change of the schedule, so that its version stays. The row is held by the caller. */
export async function writeFiring(
  executor: Executor,
  projectId: string,
  id: string,
  { next, run, skipped }: FiringOutcome,
): Promise<void> {
  const values = [next, run?.at ?? null, run?.taskId ?? null, skipped?.at ?? null, skipped?.reason ?? null];
  await executor.query(fired, [projectId, id, ...values]);
}

function toSchedule(row: CamelRow): Schedule {
  return scheduleSchema.parse(camelRow(row));
}
