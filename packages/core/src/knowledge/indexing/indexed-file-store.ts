import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { IndexedFile } from './indexed-file.ts';

const READ = statement(
  'graph_index.files',
  `SELECT f.path, f.hash, f.shape, f.setup, f.is_global AS "isGlobal", f.imports FROM graph_indexed_files f
   WHERE f.project_id = $1 AND f.workspace_id = $2`,
);
const WRITE = statement(
  'graph_index.write_files',
  `INSERT INTO graph_indexed_files (project_id, workspace_id, path, hash, shape, setup, is_global, imports)
   SELECT $1, $2, f.path, f.hash, f.shape, f.setup, f."isGlobal", f.imports
   FROM json_to_recordset($3::json) AS f (path text, hash text, shape text, setup text, "isGlobal" boolean, imports text[])
   ON CONFLICT (project_id, workspace_id, path) DO UPDATE SET hash = EXCLUDED.hash, shape = EXCLUDED.shape, setup = EXCLUDED.setup,
     is_global = EXCLUDED.is_global, imports = EXCLUDED.imports`,
);
const FORGET = statement(
  'graph_index.forget_files',
  'DELETE FROM graph_indexed_files WHERE project_id = $1 AND workspace_id = $2 AND path = ANY ($3::text[])',
);
const DISTRUST = statement(
  'graph_index.distrust_files',
  `UPDATE graph_indexed_files SET hash = '', shape = '' WHERE project_id = $1 AND workspace_id = $2`,
);

const HASHES = statement(
  'graph_index.hashes',
  `SELECT f.path, f.hash FROM graph_indexed_files f
   WHERE f.project_id = $1 AND f.workspace_id = ANY ($2::uuid[]) AND f.path = ANY ($3::text[])`,
);
const ANY = statement(
  'graph_index.any_file',
  'SELECT EXISTS (SELECT FROM graph_indexed_files f WHERE f.project_id = $1 AND f.workspace_id = ANY ($2::uuid[])) AS "isRead"',
);

/** Digests of these files as they were read last in any of the workspaces; null where nothing of them was ever read. */
export async function readFileHashes(
  db: Executor,
  projectId: string,
  workspaceIds: readonly string[],
  paths: readonly string[],
): Promise<Map<string, Set<string>> | null> {
  const [any] = await db.query<{ isRead: boolean }>(ANY, [projectId, workspaceIds]);
  if (!any?.isRead) return null;
  const hashes = new Map<string, Set<string>>();
  for (const { path, hash } of await db.query<{ path: string; hash: string }>(HASHES, [projectId, workspaceIds, paths]))
    hashes.set(path, (hashes.get(path) ?? new Set()).add(hash));
  return hashes;
}

const WORKSPACES_OF = statement(
  'graph_index.workspaces_of',
  `SELECT f.workspace_id FROM graph_indexed_files f WHERE f.project_id = $1 AND f.path = ANY ($2::text[])
   GROUP BY f.workspace_id ORDER BY count(*) DESC, f.workspace_id`,
);

/** The workspaces in which files of these paths were read, the one with most of them first. */
export async function findWorkspacesOf(db: Executor, projectId: string, paths: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ workspace_id: string }>(WORKSPACES_OF, [projectId, paths]);
  return rows.map(({ workspace_id }) => workspace_id);
}

export function readIndexedFiles(db: Executor, projectId: string, workspaceId: string): Promise<IndexedFile[]> {
  return db.query<IndexedFile>(READ, [projectId, workspaceId]);
}

export async function writeIndexedFiles(
  db: Executor,
  projectId: string,
  workspaceId: string,
  files: readonly IndexedFile[],
): Promise<void> {
  await db.query(WRITE, [projectId, workspaceId, JSON.stringify(files)]);
}

/** What these files say is not known to be in the graph any more. */
export async function forgetIndexedFiles(
  db: Executor,
  projectId: string,
  workspaceId: string,
  paths: readonly string[],
): Promise<void> {
  await db.query(FORGET, [projectId, workspaceId, paths]);
}

/** Of all files of the workspace what they said is not known any more, but that there were such files is. */
export async function distrustIndexedFiles(tx: Transaction, projectId: string, workspaceId: string): Promise<void> {
  await tx.query(DISTRUST, [projectId, workspaceId]);
}
