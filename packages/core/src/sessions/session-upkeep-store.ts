import { type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { TERMINAL_STATUSES } from './session-status.ts';

const OLD = `s.project_id = $1 AND s.deleted_at IS NULL AND s.status = ANY($2::text[]) AND s.created_at < now() - $3 * interval '1 day'`;

const COUNT_OLD = statement('sessions.count_old', `SELECT count(*)::int AS total FROM sessions s WHERE ${OLD}`);

/** How many finished sessions are older than that many days. */
export async function countOldSessions(db: Executor, projectId: string, days: number): Promise<number> {
  const [row] = await db.query<{ total: number }>(COUNT_OLD, [projectId, TERMINAL_STATUSES, days]);
  return row?.total ?? 0;
}

const TAKE_OLD = statement(
  'sessions.take_old',
  `SELECT s.id FROM sessions s WHERE ${OLD} ORDER BY s.created_at, s.id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED`,
);

/** Holds the oldest of them that nobody else holds, so that several cleanups may run at once (ORC-148). */
export async function takeOldSessions(
  tx: Transaction,
  projectId: string,
  days: number,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(TAKE_OLD, [projectId, TERMINAL_STATUSES, days, limit]);
  return rows.map((row) => row.id);
}

/** A session found by a rule, and whose it is. */
export interface FoundSession {
  projectId: string;
  id: string;
}

const DUE = statement(
  'sessions.due',
  `SELECT s.project_id AS "projectId", s.id FROM sessions s LEFT JOIN journal_heads h ON h.session_id = s.id
   WHERE s.deleted_at IS NULL AND s.status IN ('pending', 'queued', 'running', 'paused', 'degraded')
     AND (h.expires_at <= $1 OR s.created_at <= $1::timestamptz - $2 * interval '1 day')
     AND ($4::uuid[] IS NULL OR s.id = ANY($4))
   ORDER BY s.project_id, s.id LIMIT $3`,
);

/** Unfinished sessions whose lifetime is over, or that are older than the retention in days; in all projects, or among ids. */
export async function findDueSessions(
  db: Executor,
  at: Date,
  retentionDays: number,
  limit: number,
  among: readonly string[] | null = null,
): Promise<FoundSession[]> {
  return db.query<FoundSession>(DUE, [at, retentionDays, limit, among]);
}

/** Seconds an attempt has executed: since its start, pauses left out (design.md §4). */
const ELAPSED = `(extract(epoch FROM coalesce(m.paused_at, now()) - m.started_at)::double precision - m.paused_seconds)`;

/** A session that has run, or stood paused, for too long. */
export interface OverdueSession extends FoundSession {
  rule: 'run_limit' | 'pause_limit';
}

const OVERDUE = statement(
  'sessions.overdue',
  `SELECT s.project_id AS "projectId", s.id,
     CASE WHEN ${ELAPSED} > s.max_duration_seconds THEN 'run_limit' ELSE 'pause_limit' END AS rule
   FROM sessions s JOIN session_metrics m ON m.session_id = s.id
   WHERE s.deleted_at IS NULL AND s.status IN ('running', 'paused', 'degraded')
     AND (${ELAPSED} > s.max_duration_seconds OR m.paused_at < now() - $1 * interval '1 second')
     AND ($3::uuid[] IS NULL OR s.id = ANY($3))
   ORDER BY s.project_id, s.id LIMIT $2`,
);

/** Runs over their own limit, and pauses longer than `pauseSeconds`; in all projects, or among ids (ORC-135, ORC-205). */
export async function findOverdueSessions(
  db: Executor,
  pauseSeconds: number,
  limit: number,
  among: readonly string[] | null = null,
): Promise<OverdueSession[]> {
  return db.query<OverdueSession>(OVERDUE, [pauseSeconds, limit, among]);
}

const OVER_LIMIT = statement(
  'sessions.over_limit',
  `SELECT s.id FROM sessions s JOIN session_metrics m ON m.session_id = s.id
   WHERE s.project_id = $1 AND s.deleted_at IS NULL AND s.status IN ('running', 'paused', 'degraded')
     AND ${ELAPSED} > s.max_duration_seconds
   ORDER BY m.started_at, s.id`,
);

/** ORC-135, by each session's own limit. */
export async function findOverLimit(db: Executor, projectId: string): Promise<string[]> {
  return (await db.query<{ id: string }>(OVER_LIMIT, [projectId])).map((row) => row.id);
}

const OLDER_THAN = statement(
  'sessions.older_than',
  `SELECT s.id FROM sessions s JOIN session_metrics m ON m.session_id = s.id
   WHERE s.project_id = $1 AND s.deleted_at IS NULL AND s.status IN ('running', 'paused', 'degraded')
     AND m.started_at < now() - $2 * interval '1 hour'
   ORDER BY m.started_at, s.id`,
);

/** ORC-135, by an age in hours since the start that holds for all. */
export async function findStartedBefore(db: Executor, projectId: string, hours: number): Promise<string[]> {
  return (await db.query<{ id: string }>(OLDER_THAN, [projectId, hours])).map((row) => row.id);
}
