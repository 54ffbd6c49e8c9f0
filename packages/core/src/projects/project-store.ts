import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type Project, projectSchema } from './project.ts';

const COLUMNS = 'id, slug, name, settings, version, created_at, updated_at';

const INSERT = statement(
  'projects.insert',
  `INSERT INTO projects (id, slug, name, settings) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING RETURNING ${COLUMNS}`,
);
const FIND = statement('projects.find', `SELECT ${COLUMNS} FROM projects WHERE slug = $1 OR id::text = $1`);
const LIST = statement(
  'projects.list',
  `SELECT ${COLUMNS}, count(*) OVER () AS total FROM projects ORDER BY slug LIMIT $1 OFFSET $2`,
);
const COUNT = statement('projects.count', 'SELECT count(*) AS total FROM projects');
const UPDATE = statement(
  'projects.update',
  `UPDATE projects SET name = coalesce($3, name), settings = coalesce($4, settings), version = version + 1, updated_at = now()
   WHERE id = $1 AND version = $2 RETURNING ${COLUMNS}`,
);

/** Null when the slug is taken. */
export async function insertProject(
  db: Executor,
  project: { id: string; slug: string; name: string; settings: Record<string, unknown> },
): Promise<Project | null> {
  const rows = await db.query<CamelRow>(INSERT, [
    project.id,
    project.slug,
    project.name,
    JSON.stringify(project.settings),
  ]);
  return rows[0] ? toProject(rows[0]) : null;
}

export async function findProject(db: Executor, slugOrId: string): Promise<Project | null> {
  const [row] = await db.query<CamelRow>(FIND, [slugOrId]);
  return row ? toProject(row) : null;
}

export async function listProjects(
  db: Executor,
  limit: number,
  offset: number,
): Promise<{ items: Project[]; total: number }> {
  const rows = await db.query<CamelRow & { total: string }>(LIST, [limit, offset]);
  const [count] = rows.length > 0 ? rows : await db.query<{ total: string }>(COUNT);
  return { items: rows.map(toProject), total: Number(count?.total ?? 0) };
}

/** Null when the version is not the present one. */
export async function updateProject(
  db: Executor,
  id: string,
  version: number,
  changes: { name?: string; settings?: Record<string, unknown> },
): Promise<Project | null> {
  const settings = changes.settings ? JSON.stringify(changes.settings) : null;
  const [row] = await db.query<CamelRow>(UPDATE, [id, version, changes.name ?? null, settings]);
  return row ? toProject(row) : null;
}

function toProject(row: CamelRow): Project {
  return projectSchema.parse(camelRow(row));
}
