import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import { WORK_TREE_STATUSES, type WorkTree, type WorkTreeStatus, workTreeSchema } from './work-tree.ts';

const COLUMNS = `t.id, t.project_id, t.session_id, s.title AS session_title, s.status AS session_status, t.workspace_id,
  t.tree_workspace_id, t.repository, t.path, t.branch, t.base, t.status, t.merged_commit, t.version, t.created_at, t.updated_at`;
const FROM = 'work_trees t LEFT JOIN sessions s ON s.id = t.session_id';
const OPEN = `t.status NOT IN ('merged', 'discarded', 'removed')`;
/** Whether nothing will run in it any more, unless its session is tried again. */
const OVER = `(s.id IS NULL OR s.deleted_at IS NOT NULL OR s.status NOT IN ('pending', 'queued', 'running', 'paused', 'degraded'))`;

/** All that lists of work trees can be filtered and sorted by. */
export const WORK_TREE_FIELDS: FieldTable = {
  noun: 'work tree',
  fields: {
    id: { kind: 'uuid', column: 't.id' },
    sessionId: { kind: 'uuid', column: 't.session_id', nullable: true },
    workspaceId: { kind: 'uuid', column: 't.workspace_id' },
    treeWorkspaceId: { kind: 'uuid', column: 't.tree_workspace_id' },
    status: { kind: 'enum', column: 't.status', values: WORK_TREE_STATUSES },
    branch: { kind: 'text', column: 't.branch' },
    createdAt: { kind: 'time', column: 't.created_at' },
    updatedAt: { kind: 'time', column: 't.updated_at' },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 't.id',
  deletedColumn: null,
};

const GET = statement('work_trees.get', `SELECT ${COLUMNS} FROM ${FROM} WHERE t.project_id = $1 AND t.id = $2`);
const OF_SESSION = statement(
  'work_trees.of_session',
  `SELECT ${COLUMNS} FROM ${FROM} WHERE t.project_id = $1 AND t.session_id = $2`,
);
const INSERT = statement(
  'work_trees.insert',
  `INSERT INTO work_trees (id, project_id, session_id, workspace_id, tree_workspace_id, repository, path, branch, base, created_at, updated_at)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
);
const REMAKE = statement(
  'work_trees.remake',
  `UPDATE work_trees SET status = 'making', merged_commit = NULL, repository = $4, branch = $5, base = $6,
     version = version + 1, updated_at = $7
   WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id`,
);
const MOVE = statement(
  'work_trees.move',
  `UPDATE work_trees SET status = $4, merged_commit = $5, version = version + 1, updated_at = $6
   WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id`,
);
/** Whoever retries the session waits for this row, or is seen here. */
const SESSION_UNDER_WAY = statement(
  'work_trees.session_under_way',
  `SELECT NOT ${OVER} AS active FROM sessions s WHERE s.project_id = $1 AND s.id = $2 FOR SHARE`,
);
const LEFT_OVER = statement(
  'work_trees.left_over',
  `SELECT ${COLUMNS} FROM ${FROM} WHERE ${OPEN} AND ${OVER} AND starts_with(t.path, $1) AND t.status = ANY($2)
     AND ($4::uuid IS NULL OR t.project_id = $4)
   ORDER BY t.updated_at, t.id LIMIT $3`,
);
const AMONG = statement(
  'work_trees.among',
  `SELECT t.path FROM work_trees t WHERE ${OPEN} AND t.path = ANY($1::text[])`,
);

export async function getWorkTree(db: Executor, projectId: string, id: string): Promise<WorkTree | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toWorkTree(row) : null;
}

export async function workTreeOfSession(db: Executor, projectId: string, sessionId: string): Promise<WorkTree | null> {
  const [row] = await db.query<CamelRow>(OF_SESSION, [projectId, sessionId]);
  return row ? toWorkTree(row) : null;
}

export type NewWorkTree = Pick<
  WorkTree,
  'id' | 'workspaceId' | 'treeWorkspaceId' | 'repository' | 'path' | 'branch' | 'base' | 'createdAt'
> & { sessionId: string };

/** As `making`. */
export async function insertWorkTree(tx: Transaction, projectId: string, tree: NewWorkTree): Promise<void> {
  const { id, sessionId, workspaceId, treeWorkspaceId, repository, path, branch, base, createdAt } = tree;
  const values = [projectId, id, sessionId, workspaceId, treeWorkspaceId, repository, path, branch, base, createdAt];
  await tx.query(INSERT, values);
}

/** One that was gone is `making` again. False where it is not at this version any more. */
export async function remakeWorkTree(
  tx: Transaction,
  projectId: string,
  { id, version }: WorkTree,
  { repository, branch, base, at }: { repository: string; branch: string; base: string; at: string },
): Promise<boolean> {
  return (await tx.query(REMAKE, [projectId, id, version, repository, branch, base, at])).length > 0;
}

/** False where it is not at this version any more. */
export async function moveWorkTree(
  tx: Transaction,
  projectId: string,
  { id, version }: WorkTree,
  to: { status: WorkTreeStatus; mergedCommit?: string; at: string },
): Promise<boolean> {
  const values = [projectId, id, version, to.status, to.mergedCommit ?? null, to.at];
  return (await tx.query(MOVE, values)).length > 0;
}

/** Whether the session is there and not over. Holds its row against a change of status until the transaction ends. */
export async function sessionUnderWay(tx: Transaction, projectId: string, sessionId: string): Promise<boolean> {
  const [row] = await tx.query<{ active: boolean }>(SESSION_UNDER_WAY, [projectId, sessionId]);
  return row?.active ?? false;
}

/** Trees below a directory, of one project or (null) of all, that may be there while their session is over or gone; the oldest first. */
export async function leftOverWorkTrees(
  db: Executor,
  projectId: string | null,
  directory: string,
  statuses: readonly WorkTreeStatus[],
  limit: number,
): Promise<WorkTree[]> {
  return (await db.query<CamelRow>(LEFT_OVER, [`${directory}/`, statuses, limit, projectId])).map(toWorkTree);
}

/** Those of these paths that are trees which may be there. */
export async function knownTreePaths(db: Executor, paths: readonly string[]): Promise<Set<string>> {
  return new Set((await db.query<{ path: string }>(AMONG, [paths])).map((row) => row.path));
}

export async function pageWorkTrees(db: Executor, projectId: string, query: ListQuery): Promise<Page<WorkTree>> {
  const source: ListSource = {
    label: 'work_trees.list',
    table: WORK_TREE_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql.raw(FROM),
    scope: sql`t.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toWorkTree);
}

/** The one place where a row becomes a work tree; unknown columns are left out. */
function toWorkTree(row: CamelRow): WorkTree {
  return workTreeSchema.parse(camelRow(row));
}
