import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import { ATTRIBUTIONS, CHANGE_OPERATIONS, type WorkspaceChange, workspaceChangeSchema } from './workspace-change.ts';

export const CHANGE_COLUMNS = `c.id, c.project_id, c.workspace_id, c.position, c.path, c.operation, c.old_path, c.before_oid,
  c.after_oid, c.before_mode, c.after_mode, c."binary", c.additions, c.deletions, c.before_tree, c.after_tree,
  c.attribution, c.session_id, c.call_id, c.tool, c.actor, c.attempt, c.undo_id, c.candidates, c.occurred_at`;

/** All that lists of changes can be filtered and sorted by. */
export const WORKSPACE_CHANGE_FIELDS: FieldTable = {
  noun: 'change',
  fields: {
    id: { kind: 'uuid', column: 'c.id' },
    workspaceId: { kind: 'uuid', column: 'c.workspace_id' },
    position: { kind: 'integer', column: 'c.position' },
    path: { kind: 'text', column: 'c.path' },
    oldPath: { kind: 'text', column: 'c.old_path', nullable: true },
    operation: { kind: 'enum', column: 'c.operation', values: CHANGE_OPERATIONS },
    binary: { kind: 'boolean', column: 'c.binary' },
    attribution: { kind: 'enum', column: 'c.attribution', values: ATTRIBUTIONS },
    sessionId: { kind: 'uuid', column: 'c.session_id', nullable: true },
    callId: { kind: 'text', column: 'c.call_id', nullable: true },
    tool: { kind: 'text', column: 'c.tool', nullable: true },
    actor: { kind: 'text', column: 'c.actor', nullable: true },
    attempt: { kind: 'integer', column: 'c.attempt', nullable: true },
    undoId: { kind: 'uuid', column: 'c.undo_id', nullable: true },
    candidates: { kind: 'json', column: 'c.candidates' },
    occurredAt: { kind: 'time', column: 'c.occurred_at' },
  },
  defaultSort: { by: 'position', order: 'asc' },
  idColumn: 'c.id',
  deletedColumn: null,
};

/** Which changes may be seen: of the whole project, of one workspace, or of one session. */
export interface ChangeScope {
  workspaceId?: string;
  sessionId?: string;
}

export async function pageChanges(
  db: Executor,
  projectId: string,
  scope: ChangeScope,
  query: ListQuery,
): Promise<Page<WorkspaceChange>> {
  const ofWorkspace = scope.workspaceId === undefined ? sql`` : sql` and c.workspace_id = ${scope.workspaceId}::uuid`;
  const ofSession = scope.sessionId === undefined ? sql`` : sql` and c.session_id = ${scope.sessionId}::uuid`;
  const source: ListSource = {
    label: 'changes.list',
    table: WORKSPACE_CHANGE_FIELDS,
    columns: sql.raw(CHANGE_COLUMNS),
    from: sql`workspace_changes c`,
    scope: sql`c.project_id = ${projectId}::uuid${ofWorkspace}${ofSession}`,
  };
  return readPage(db, source, query, toWorkspaceChange);
}

const OF_SESSION = statement(
  'changes.of_session',
  `SELECT ${CHANGE_COLUMNS} FROM workspace_changes c WHERE c.project_id = $1 AND c.session_id = $2
   ORDER BY c.workspace_id, c.position, c.path`,
);

/** All changes of a session, oldest first. */
export async function changesOfSession(db: Executor, projectId: string, sessionId: string): Promise<WorkspaceChange[]> {
  return (await db.query<CamelRow>(OF_SESSION, [projectId, sessionId])).map(toWorkspaceChange);
}

const BETWEEN = statement(
  'changes.between',
  `SELECT ${CHANGE_COLUMNS} FROM workspace_changes c
   WHERE c.project_id = $1 AND c.workspace_id = $2 AND c.position > $3 AND c.position <= $4 ORDER BY c.position, c.path`,
);

/** All changes of a workspace after one position of its chain, up to and including another; oldest first. */
export async function changesBetween(
  db: Executor,
  projectId: string,
  workspaceId: string,
  after: number,
  through: number,
): Promise<WorkspaceChange[]> {
  return (await db.query<CamelRow>(BETWEEN, [projectId, workspaceId, after, through])).map(toWorkspaceChange);
}

const OF_PATH = statement(
  'changes.of_path',
  `SELECT ${CHANGE_COLUMNS} FROM workspace_changes c
   WHERE c.project_id = $1 AND c.workspace_id = $2 AND c.path = $3 AND c.position <= $4 ORDER BY c.position DESC LIMIT $5`,
);

/** Changes of one path up to a position, newest first. */
export async function changesOfPath(
  db: Executor,
  projectId: string,
  workspaceId: string,
  path: string,
  through: number,
  limit: number,
): Promise<WorkspaceChange[]> {
  const rows = await db.query<CamelRow>(OF_PATH, [projectId, workspaceId, path, through, limit]);
  return rows.map(toWorkspaceChange);
}

const CONCERNING = statement(
  'changes.concerning',
  `SELECT ${CHANGE_COLUMNS} FROM workspace_changes c
   WHERE c.project_id = $1 AND c.workspace_id = $2 AND c.position > $4
     AND (c.session_id = $3 OR c.candidates @> jsonb_build_array(jsonb_build_object('sessionId', $3::text)))
   ORDER BY c.position, c.path`,
);

/** Changes of a workspace after a position that are a session's, or may be; oldest first. */
export async function changesConcerning(
  db: Executor,
  projectId: string,
  workspaceId: string,
  sessionId: string,
  after: number,
): Promise<WorkspaceChange[]> {
  return (await db.query<CamelRow>(CONCERNING, [projectId, workspaceId, sessionId, after])).map(toWorkspaceChange);
}

const LAST_OF = statement(
  'changes.last_of',
  `SELECT DISTINCT ON (x.path) x.path, x.occurred_at, k.taken_at FROM (
     SELECT c.path, c.position, c.occurred_at FROM workspace_changes c
     WHERE c.project_id = $1 AND c.workspace_id = $2 AND c.position <= $3 AND c.path = ANY($4::text[])
     UNION ALL
     SELECT c.old_path, c.position, c.occurred_at FROM workspace_changes c
     WHERE c.project_id = $1 AND c.workspace_id = $2 AND c.position <= $3 AND c.old_path = ANY($4::text[])) x
   LEFT JOIN workspace_captures k ON k.workspace_id = $2 AND k.position = x.position - 1
   ORDER BY x.path, x.position DESC`,
);

/** The interval in which a path last changed: after one capture, null where that is not known, and up to another. */
export interface LastChange {
  after: Date | null;
  upTo: Date;
}

/** When these paths last changed, up to a position; paths that were renamed away or deleted as well. */
export async function lastChangesOf(
  db: Executor,
  projectId: string,
  workspaceId: string,
  paths: readonly string[],
  through: number,
): Promise<Map<string, LastChange>> {
  const rows = await db.query<{ path: string; occurred_at: Date; taken_at: Date | null }>(LAST_OF, [
    projectId,
    workspaceId,
    through,
    paths,
  ]);
  return new Map(rows.map(({ path, occurred_at: upTo, taken_at: after }) => [path, { after, upTo }]));
}

/** The one place where a row becomes a change; unknown columns are left out. */
export function toWorkspaceChange(row: CamelRow): WorkspaceChange {
  return workspaceChangeSchema.parse(camelRow(row));
}
