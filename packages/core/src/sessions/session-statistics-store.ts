import { camelRow, type Executor, statement } from '../platform/database/index.ts';
import type { Session } from './session.ts';
import { SESSION_COLUMNS, SESSION_FROM, type SessionRow, toSession } from './session-row-store.ts';
import type { SessionStatistics } from './session-statistics.ts';

const LIVE = 'FROM sessions s WHERE s.project_id = $1 AND s.deleted_at IS NULL';

const BY_STATUS = statement(
  'sessions.by_status',
  `SELECT s.status, count(*)::int AS count, 100 * count(*) / sum(count(*)) OVER ()::double precision AS percentage
   ${LIVE} GROUP BY s.status ORDER BY 2 DESC, 1`,
);
const BY_TYPE = statement(
  'sessions.by_type',
  `SELECT s.session_type AS type, count(*)::int AS count ${LIVE} GROUP BY s.session_type ORDER BY 2 DESC, 1`,
);
const BY_PRIORITY = statement(
  'sessions.by_priority',
  `SELECT s.priority, count(*)::int AS count ${LIVE} GROUP BY s.priority ORDER BY 1`,
);
const DURATIONS = statement(
  'sessions.durations',
  `SELECT count(m.total_duration_seconds)::int AS total_sessions,
     coalesce(avg(m.total_duration_seconds), 0) AS avg_duration_seconds,
     coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.total_duration_seconds), 0) AS median_duration_seconds,
     coalesce(min(m.total_duration_seconds), 0) AS min_duration_seconds,
     coalesce(max(m.total_duration_seconds), 0) AS max_duration_seconds, now() AS at
   FROM sessions s JOIN session_metrics m ON m.session_id = s.id WHERE s.project_id = $1 AND s.deleted_at IS NULL`,
);

/** All parts of the statistics; consistent with each other if `db` shows one snapshot (ORC-139…143). */
export async function readStatistics(db: Executor, projectId: string): Promise<SessionStatistics> {
  const statusDistribution = await db.query<SessionStatistics['statusDistribution'][number]>(BY_STATUS, [projectId]);
  const typeDistribution = await db.query<SessionStatistics['typeDistribution'][number]>(BY_TYPE, [projectId]);
  const priorityDistribution = await db.query<SessionStatistics['priorityDistribution'][number]>(BY_PRIORITY, [
    projectId,
  ]);
  const [durations] = await db.query<Record<string, unknown>>(DURATIONS, [projectId]);
  const { at, ...durationStats } = camelRow(durations ?? {});
  return {
    statusDistribution,
    typeDistribution,
    priorityDistribution,
    durationStats: durationStats as unknown as SessionStatistics['durationStats'],
    timestamp: String(at),
  };
}

const COUNT_ACTIVE = statement(
  'sessions.count_active',
  'SELECT count(*)::int AS total FROM active_sessions WHERE project_id = $1',
);

export async function countActive(db: Executor, projectId: string): Promise<number> {
  const [row] = await db.query<{ total: number }>(COUNT_ACTIVE, [projectId]);
  return row?.total ?? 0;
}

const AT_RISK = statement(
  'sessions.at_risk',
  `SELECT * FROM (
     SELECT ${SESSION_COLUMNS}, extract(epoch FROM now() - m.started_at)::double precision - m.paused_seconds AS elapsed_seconds
     FROM ${SESSION_FROM} JOIN session_metrics m ON m.session_id = s.id
     WHERE s.project_id = $1 AND s.deleted_at IS NULL AND s.status IN ('running', 'degraded') AND m.started_at IS NOT NULL) r
   WHERE r.max_duration_seconds - r.elapsed_seconds < $2
   ORDER BY r.max_duration_seconds - r.elapsed_seconds, r.id`,
);

/** Running and degraded sessions with less than that left of their limit, the most overdue first (ORC-208). */
export async function findAtRisk(
  db: Executor,
  projectId: string,
  belowSeconds: number,
): Promise<{ session: Session; elapsedSeconds: number }[]> {
  const rows = await db.query<SessionRow & { elapsed_seconds: number }>(AT_RISK, [projectId, belowSeconds]);
  return rows.map((row) => ({ session: toSession(row), elapsedSeconds: row.elapsed_seconds }));
}
