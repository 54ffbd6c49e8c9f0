import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type Workspace, workspaceSchema } from './workspace.ts';

const COLUMNS = 'id, project_id, parent_id, name, path, metadata, version, created_at, updated_at, deleted_at';

const INSERT = statement(
  'workspaces.insert',
  `INSERT INTO workspaces (id, project_id, name, path, metadata, parent_id) VALUES ($2, $1, $3, $4, $5, $6)
   ON CONFLICT (project_id, path) WHERE deleted_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
);
const GET = statement(
  'workspaces.get',
  `SELECT ${COLUMNS} FROM workspaces WHERE project_id = $1 AND id = $2 AND deleted_at IS NULL`,
);
const BY_PATH = statement(
  'workspaces.by_path',
  `SELECT ${COLUMNS} FROM workspaces WHERE project_id = $1 AND path = $2 AND deleted_at IS NULL`,
);
const LIST = statement(
  'workspaces.list',
  `SELECT ${COLUMNS}, count(*) OVER () AS total FROM workspaces
   WHERE project_id = $1 AND deleted_at IS NULL AND parent_id IS NULL
   ORDER BY created_at, id LIMIT $2 OFFSET $3`,
);
const COUNT = statement(
  'workspaces.count',
  'SELECT count(*) AS total FROM workspaces WHERE project_id = $1 AND deleted_at IS NULL AND parent_id IS NULL',
);
const UPDATE = statement(
  'workspaces.update',
  `UPDATE workspaces SET name = coalesce($4, name), metadata = coalesce($5, metadata),
     deleted_at = CASE WHEN $6 THEN now() ELSE deleted_at END, version = version + 1, updated_at = now()
   WHERE project_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL RETURNING ${COLUMNS}`,
);

/** Null when the directory is a workspace of the project already. */
export async function insertWorkspace(
  db: Executor,
  projectId: string,
  workspace: { id: string; name: string; path: string; metadata: Record<string, unknown>; parentId?: string },
): Promise<Workspace | null> {
  const { id, name, path, metadata, parentId = null } = workspace;
  const [row] = await db.query<CamelRow>(INSERT, [projectId, id, name, path, JSON.stringify(metadata), parentId]);
  return row ? toWorkspace(row) : null;
}

export async function getWorkspace(db: Executor, projectId: string, id: string): Promise<Workspace | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toWorkspace(row) : null;
}

export async function workspaceByPath(db: Executor, projectId: string, path: string): Promise<Workspace | null> {
  const [row] = await db.query<CamelRow>(BY_PATH, [projectId, path]);
  return row ? toWorkspace(row) : null;
}

/** Those that a person named; work trees of sessions are listed as such. */
export async function listWorkspaces(
  db: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: Workspace[]; total: number }> {
  const rows = await db.query<CamelRow & { total: string }>(LIST, [projectId, limit, offset]);
  const [count] = rows.length > 0 ? rows : await db.query<{ total: string }>(COUNT, [projectId]);
  return { items: rows.map(toWorkspace), total: Number(count?.total ?? 0) };
}

/** Null when there is no live workspace with this version. */
export async function writeWorkspace(
  db: Executor,
  projectId: string,
  id: string,
  version: number,
  changes: { name?: string; metadata?: Record<string, unknown>; deleted?: boolean },
): Promise<Workspace | null> {
  const metadata = changes.metadata ? JSON.stringify(changes.metadata) : null;
  const values = [projectId, id, version, changes.name ?? null, metadata, changes.deleted ?? false];
  const [row] = await db.query<CamelRow>(UPDATE, values);
  return row ? toWorkspace(row) : null;
}

function toWorkspace(row: CamelRow): Workspace {
  return workspaceSchema.parse(camelRow(row));
}
