import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type RollbackPoint, rollbackPointSchema } from './rollback-point.ts';

const COLUMNS = `p.id, p.project_id, p.name, p.description, p.metadata, p.kind, p.session_id, p.workspace_id, p.captured, p.consistent,
  p.created_by, p.created_at, p.expires_at, p.version`;

const lockScopeRow = statement(
  'rollback.lock_scope',
  'SELECT project_id FROM rollback_scopes WHERE project_id = $1 FOR UPDATE',
);

/** Whatever makes, removes or evicts points of a project comes one after the other. False for an unknown project. */
export async function lockScope(executor: Executor, projectId: string): Promise<boolean> {
  return (await executor.query(lockScopeRow, [projectId])).length > 0;
}

const insert = statement(
  'rollback.insert_point',
  `WITH counted AS (
     UPDATE rollback_scopes SET points_created = points_created + CASE WHEN $6 = 'named' THEN 1 ELSE 0 END WHERE project_id = $1)
   INSERT INTO rollback_points AS p (project_id, id, name, description, metadata, kind, session_id, workspace_id, captured, consistent,
     created_by, created_at, used_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13) RETURNING ${COLUMNS}`,
);

/** Puts a point into its table. Points that are asked for are counted; those that operations make for themselves are not. */
export async function insertPoint(executor: Executor, point: Omit<RollbackPoint, 'version'>): Promise<RollbackPoint> {
  const [row] = await executor.query<CamelRow>(insert, [
    point.projectId,
    point.id,
    point.name,
    point.description,
    JSON.stringify(point.metadata),
    point.kind,
    point.sessionId,
    point.workspaceId,
    point.captured,
    point.consistent,
    point.createdBy,
    point.createdAt,
    point.expiresAt,
  ]);
  return toPoint(row as CamelRow);
}

/** A point with the time at which it was found to be expired: it holds nothing then. */
export interface PointRecord {
  point: RollbackPoint;
  expiredAt: string | null;
}

const get = statement(
  'rollback.get_point',
  `SELECT ${COLUMNS}, p.expired_at FROM rollback_points p WHERE p.project_id = $1 AND p.id = $2`,
);
const lock = statement('rollback.lock_point', `${get.text} FOR UPDATE`);

export async function getPoint(executor: Executor, projectId: string, id: string): Promise<PointRecord | null> {
  return toRecord((await executor.query<CamelRow>(get, [projectId, id]))[0]);
}

/** {@link getPoint}, held until the transaction ends. */
export async function lockPoint(executor: Executor, projectId: string, id: string): Promise<PointRecord | null> {
  return toRecord((await executor.query<CamelRow>(lock, [projectId, id]))[0]);
}

const touch = statement(
  'rollback.touch_point',
  'UPDATE rollback_points p SET used_at = greatest(p.used_at, $3) WHERE p.project_id = $1 AND p.id = $2',
);

/** Notes that it was asked for, so that others give way before it (RB-159). */
export async function touchPoint(executor: Executor, projectId: string, id: string, at: Date): Promise<void> {
  await executor.query(touch, [projectId, id, at]);
}

const list = statement(
  'rollback.list_points',
  `SELECT ${COLUMNS} FROM rollback_points p
   WHERE p.project_id = $1 AND ($2::uuid IS NULL OR p.session_id = $2) AND p.expired_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > $3)
   ORDER BY p.created_at DESC, p.id DESC LIMIT $4 OFFSET $5`,
);
const count = statement(
  'rollback.count_points',
  `SELECT count(*)::integer AS total FROM rollback_points p
   WHERE p.project_id = $1 AND ($2::uuid IS NULL OR p.session_id = $2) AND p.expired_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > $3)`,
);

/** Those that have not expired, newest first (RB-021). Looking through the list does not count as asking for one. */
export async function listPoints(
  executor: Executor,
  projectId: string,
  { sessionId, at, limit, offset }: { sessionId: string | null; at: Date; limit: number; offset: number },
): Promise<{ items: RollbackPoint[]; total: number }> {
  const rows = await executor.query<CamelRow>(list, [projectId, sessionId, at, limit, offset]);
  const [counted] = await executor.query<{ total: number }>(count, [projectId, sessionId, at]);
  return { items: rows.map(toPoint), total: counted?.total ?? 0 };
}

const remove = statement(
  'rollback.delete_point',
  'DELETE FROM rollback_points p WHERE p.project_id = $1 AND p.id = $2 RETURNING p.id',
);

/** With its snapshots. False when there is none. */
export async function deletePoint(executor: Executor, projectId: string, id: string): Promise<boolean> {
  return (await executor.query(remove, [projectId, id])).length > 0;
}

const recaptured = statement(
  'rollback.recaptured',
  `UPDATE rollback_points p SET captured = $3, consistent = $4, version = version + 1
   WHERE p.project_id = $1 AND p.id = $2 RETURNING ${COLUMNS}`,
);

/** Notes what a point holds after being captured again. */
export async function writeCaptured(
  executor: Executor,
  projectId: string,
  id: string,
  { captured, consistent }: Pick<RollbackPoint, 'captured' | 'consistent'>,
): Promise<RollbackPoint> {
  const [row] = await executor.query<CamelRow>(recaptured, [projectId, id, captured, consistent]);
  return toPoint(row as CamelRow);
}

export function toPoint({ expiredAt: _, ...row }: CamelRow): RollbackPoint {
  return rollbackPointSchema.parse(camelRow(row));
}

function toRecord(row: CamelRow | undefined): PointRecord | null {
  if (!row) return null;
  const { expired_at: expiredAt, ...rest } = row;
  return { point: toPoint(rest), expiredAt: expiredAt instanceof Date ? expiredAt.toISOString() : null };
}
