import { type CamelRow, type Executor, statement } from '../../platform/database/index.ts';
import type { RollbackPoint } from './rollback-point.ts';
import { toPoint } from './rollback-point-store.ts';

const POINT = `p.id, p.project_id, p.name, p.description, p.metadata, p.kind, p.session_id, p.workspace_id, p.captured, p.consistent,
  p.created_by, p.created_at, p.expires_at, p.version`;
/** A point that an operation under way needs is left alone (RB-022, RB-160). */
const NOT_IN_USE = `NOT EXISTS (SELECT FROM rollback_operations o WHERE o.completed_at IS NULL AND (o.point_id = p.id OR o.backup_point_id = p.id))`;

/** Deletes points but those that somebody holds just now, who may be another node that deletes the same. Answers their ids. */
function deleteFree(which: string): string {
  return `DELETE FROM rollback_points WHERE id = ANY (ARRAY(
     SELECT p.id FROM rollback_points p WHERE ${which} ORDER BY p.id FOR UPDATE OF p SKIP LOCKED)) RETURNING id`;
}

const inUse = statement(
  'rollback.point_in_use',
  `SELECT o.id FROM rollback_operations o
   WHERE o.project_id = $1 AND (o.point_id = $2 OR o.backup_point_id = $2) AND o.completed_at IS NULL LIMIT 1`,
);

/** The operation under way that needs this point, if there is one. */
export async function operationOn(executor: Executor, projectId: string, pointId: string): Promise<string | null> {
  const [row] = await executor.query<{ id: string }>(inUse, [projectId, pointId]);
  return row?.id ?? null;
}

const live = statement(
  'rollback.count_live_points',
  `SELECT count(*)::integer AS total FROM rollback_points p WHERE p.project_id = $1 AND p.kind = $2 AND p.expired_at IS NULL
   AND (p.expires_at IS NULL OR p.expires_at > $3)`,
);

/** How many points take up room. */
export async function countLivePoints(
  executor: Executor,
  projectId: string,
  kind: RollbackPoint['kind'],
  at: Date,
): Promise<number> {
  const [row] = await executor.query<{ total: number }>(live, [projectId, kind, at]);
  return row?.total ?? 0;
}

const evict = statement(
  'rollback.evict_points',
  deleteFree(`p.id IN (
     SELECT p.id FROM rollback_points p WHERE p.project_id = $1 AND p.kind = $2 AND p.expired_at IS NULL AND ${NOT_IN_USE}
     ORDER BY p.used_at, p.created_at, p.id LIMIT $3)`),
);

/** Deletes those that were not asked for for longest, at most so many; fewer where the rest is in use. */
export async function evictPoints(
  executor: Executor,
  projectId: string,
  kind: RollbackPoint['kind'],
  most: number,
): Promise<string[]> {
  return idsOf(await executor.query<{ id: string }>(evict, [projectId, kind, most]));
}

const trim = statement(
  'rollback.trim_session',
  deleteFree(`p.id IN (
     SELECT p.id FROM rollback_points p WHERE p.project_id = $1 AND p.session_id = $2 AND p.kind = 'named' AND p.expired_at IS NULL
     ORDER BY p.created_at DESC, p.id DESC OFFSET $3) AND ${NOT_IN_USE}`),
);

/** Deletes the oldest points of a session beyond its newest `most` (RB-200). */
export async function trimSession(
  executor: Executor,
  projectId: string,
  sessionId: string,
  most: number,
): Promise<string[]> {
  return idsOf(await executor.query<{ id: string }>(trim, [projectId, sessionId, most]));
}

const counted = statement(
  'rollback.count_session_point',
  `INSERT INTO rollback_sessions AS s (project_id, session_id, points_created) VALUES ($1, $2, 1)
   ON CONFLICT (session_id) DO UPDATE SET points_created = s.points_created + 1 RETURNING s.points_created`,
);

/** Counts a point made in a session; answers how many there ever were. */
export async function countSessionPoint(executor: Executor, projectId: string, sessionId: string): Promise<number> {
  const [row] = await executor.query<{ points_created: number }>(counted, [projectId, sessionId]);
  return (row as { points_created: number }).points_created;
}

const expire = statement(
  'rollback.expire_points',
  `WITH due AS (
     SELECT p.id FROM rollback_points p
     WHERE p.expires_at <= $1 AND p.expired_at IS NULL AND ($2::uuid IS NULL OR p.id = $2) AND ${NOT_IN_USE}
     ORDER BY p.expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
   ), emptied AS (DELETE FROM rollback_snapshots s USING due WHERE s.point_id = due.id RETURNING s.id)
   UPDATE rollback_points p SET expired_at = $1 FROM due WHERE p.id = due.id
   RETURNING ${POINT}, (SELECT count(*)::integer FROM emptied) AS snapshots`,
);

/** Empties points of any project whose time has passed, or one of them; they stay to say so. @param limit most at once */
export async function expirePoints(
  executor: Executor,
  at: Date,
  { id = null, limit = 500 }: { id?: string | null; limit?: number } = {},
): Promise<{ points: RollbackPoint[]; snapshots: number }> {
  const rows = await executor.query<CamelRow & { snapshots: number }>(expire, [at, id, limit]);
  const points = rows.map(({ snapshots: _, ...row }) => toPoint(row));
  return { points, snapshots: rows[0]?.snapshots ?? 0 };
}

const forget = statement('rollback.forget_points', deleteFree('p.expired_at < $1'));

/** Removes what is left of points that expired before that moment. */
export async function forgetExpiredPoints(executor: Executor, before: Date): Promise<number> {
  return (await executor.query(forget, [before])).length;
}

const ofEnded = statement(
  'rollback.ended_sessions_with_points',
  `SELECT DISTINCT p.project_id, p.session_id FROM rollback_points p
   JOIN sessions s ON s.project_id = p.project_id AND s.id = p.session_id
   WHERE p.kind = 'named' AND p.expired_at IS NULL AND (s.status = ANY ($1) OR s.deleted_at IS NOT NULL) LIMIT $2`,
);

/** Sessions of any project that are in one of these statuses, or deleted, and still have points. */
export async function endedSessionsWithPoints(
  executor: Executor,
  statuses: readonly string[],
  limit: number,
): Promise<{ projectId: string; sessionId: string }[]> {
  const rows = await executor.query<{ project_id: string; session_id: string }>(ofEnded, [[...statuses], limit]);
  return rows.map((row) => ({ projectId: row.project_id, sessionId: row.session_id }));
}

function idsOf(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
