import { type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { Session } from './session.ts';

const CHILDREN = statement(
  'sessions.children',
  `SELECT id FROM sessions WHERE project_id = $1 AND parent_id = $2 AND deleted_at IS NULL ORDER BY created_at, id`,
);

/** Live children, oldest first; derived, never stored (ORC-085). */
export async function childIds(db: Executor, projectId: string, id: string): Promise<string[]> {
  return (await db.query<{ id: string }>(CHILDREN, [projectId, id])).map((row) => row.id);
}

const ALL_CHILDREN = statement(
  'sessions.all_children',
  'SELECT id FROM sessions WHERE project_id = $1 AND parent_id = $2 ORDER BY id',
);

/** Children, the soft-deleted ones too. */
export async function allChildIds(db: Executor, projectId: string, id: string): Promise<string[]> {
  return (await db.query<{ id: string }>(ALL_CHILDREN, [projectId, id])).map((row) => row.id);
}

const HOLD_FAMILY = statement(
  'sessions.hold_family',
  `SELECT pg_advisory_xact_lock(hashtext('signalbox.session_family'), hashtext($1))`,
);

/** Moves within one project's hierarchy go one after the other: two at once could close a circle that neither sees. */
export async function holdFamily(tx: Transaction, projectId: string): Promise<void> {
  await tx.query(HOLD_FAMILY, [projectId]);
}

const HOLD_LIVE = statement(
  'sessions.hold_live',
  `SELECT id FROM sessions WHERE project_id IS NOT DISTINCT FROM $1 AND id = ANY($2::uuid[]) AND deleted_at IS NULL ORDER BY id FOR SHARE`,
);

/** Which of these sessions are live; they stay so until the transaction ends. */
export async function holdLive(tx: Transaction, projectId: string, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(HOLD_LIVE, [projectId, ids]);
  return new Set(rows.map((row) => row.id));
}

const ANCESTORS = statement(
  'sessions.ancestors',
  `WITH RECURSIVE up (id, parent_id) AS (
     SELECT id, parent_id FROM sessions WHERE project_id IS NOT DISTINCT FROM $1 AND id = ANY($2::uuid[])
     UNION
     SELECT s.id, s.parent_id FROM up JOIN sessions s ON s.project_id = $1 AND s.id = up.parent_id)
   SELECT id, parent_id FROM up`,
);

/** The parent of each of these sessions and of all above them, soft-deleted ones too: those may be restored. */
export async function ancestors(
  db: Executor,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const rows = await db.query<{ id: string; parent_id: string | null }>(ANCESTORS, [projectId, ids]);
  return new Map(rows.map((row) => [row.id, row.parent_id]));
}

export interface TreeRow extends Pick<Session, 'id' | 'title' | 'status' | 'sessionType' | 'parentId'> {
  depth: number;
}

const TREE = statement(
  'sessions.tree',
  `WITH RECURSIVE tree (id, depth) AS (
     SELECT id, 1 FROM sessions WHERE project_id = $1 AND id = $2 AND deleted_at IS NULL
     UNION ALL
     SELECT s.id, tree.depth + 1 FROM tree JOIN sessions s ON s.parent_id = tree.id
     WHERE s.project_id = $1 AND s.deleted_at IS NULL AND tree.depth < $3)
   SELECT s.id, s.title, s.status, s.session_type AS "sessionType", s.parent_id AS "parentId", tree.depth
   FROM tree JOIN sessions s ON s.id = tree.id ORDER BY tree.depth, s.created_at, s.id`,
);

/** The session and its live descendants down to `maxDepth`, parents before children, siblings oldest first (ORC-136). */
export async function treeRows(db: Executor, projectId: string, rootId: string, maxDepth: number): Promise<TreeRow[]> {
  return db.query<TreeRow>(TREE, [projectId, rootId, maxDepth]);
}
