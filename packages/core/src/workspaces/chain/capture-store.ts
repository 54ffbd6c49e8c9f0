import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import { CAPTURE_REASONS, type WorkspaceCapture, workspaceCaptureSchema } from './workspace-capture.ts';

const COLUMNS = `k.id, k.project_id, k.workspace_id, k.position, k.tree_id, k.files, k.bytes::double precision AS bytes,
  k.head, k.branch, k.index_hash, k.stash, k.operation, k.unreadable, k.empty_directories, k.reason, k.session_id,
  k.pruned_at, k.taken_at`;

/** All that lists of captures can be filtered and sorted by. */
export const CAPTURE_FIELDS: FieldTable = {
  noun: 'capture',
  fields: {
    id: { kind: 'uuid', column: 'k.id' },
    position: { kind: 'integer', column: 'k.position' },
    treeId: { kind: 'text', column: 'k.tree_id' },
    head: { kind: 'text', column: 'k.head', nullable: true },
    branch: { kind: 'text', column: 'k.branch', nullable: true },
    operation: { kind: 'text', column: 'k.operation', nullable: true },
    reason: { kind: 'enum', column: 'k.reason', values: CAPTURE_REASONS },
    sessionId: { kind: 'uuid', column: 'k.session_id', nullable: true },
    prunedAt: { kind: 'time', column: 'k.pruned_at', nullable: true },
    takenAt: { kind: 'time', column: 'k.taken_at' },
  },
  defaultSort: { by: 'position', order: 'desc' },
  idColumn: 'k.id',
  deletedColumn: null,
};

/** The newest capture of a chain, or its beginning. */
export interface ChainHead {
  position: number;
  capture: WorkspaceCapture | null;
}

const ENSURE = statement(
  'captures.ensure_chain',
  `INSERT INTO capture_chains (workspace_id, project_id) VALUES ($2, $1) ON CONFLICT (workspace_id) DO NOTHING`,
);
const HEAD = statement(
  'captures.head',
  `SELECT ${COLUMNS} FROM workspace_captures k WHERE k.project_id = $1 AND k.workspace_id = $2
   ORDER BY k.position DESC LIMIT 1`,
);

export async function ensureChain(db: Executor, projectId: string, workspaceId: string): Promise<void> {
  await db.query(ENSURE, [projectId, workspaceId]);
}

export async function chainHead(db: Executor, projectId: string, workspaceId: string): Promise<ChainHead> {
  const [row] = await db.query<CamelRow>(HEAD, [projectId, workspaceId]);
  const capture = row ? toCapture(row) : null;
  return { position: capture?.position ?? 0, capture };
}

const HOLD = statement(
  'captures.hold_chain',
  `SELECT position, held_by AS "heldBy", held_alone AS alone, held_until > clock_timestamp() AS held FROM capture_chains
   WHERE project_id = $1 AND workspace_id = $2 FOR NO KEY UPDATE`,
);

/** Holds the head of a chain until the transaction ends; nobody appends to it meanwhile. */
export async function holdChain(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
): Promise<{ position: number; heldBy: string | null; alone: boolean }> {
  const [row] = await tx.query<{ position: number; heldBy: string | null; alone: boolean; held: boolean | null }>(
    HOLD,
    [projectId, workspaceId],
  );
  const held = row?.held ?? false;
  return {
    position: row?.position ?? 0,
    heldBy: held ? (row?.heldBy ?? null) : null,
    alone: held && row?.alone === true,
  };
}

const APPEND = statement(
  'captures.append',
  `WITH chain AS (UPDATE capture_chains SET position = $4 WHERE project_id = $1 AND workspace_id = $2)
   INSERT INTO workspace_captures (id, project_id, workspace_id, position, tree_id, files, bytes, head, branch, index_hash,
     stash, operation, unreadable, empty_directories, reason, session_id, taken_at)
   VALUES ($3, $1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
);

/** Appends to a chain whose head is held. */
export async function appendCapture(tx: Transaction, projectId: string, capture: WorkspaceCapture): Promise<void> {
  await tx.query(APPEND, [
    projectId,
    capture.workspaceId,
    capture.id,
    capture.position,
    capture.treeId,
    capture.files,
    capture.bytes,
    capture.head,
    capture.branch,
    capture.indexHash,
    capture.stash,
    capture.operation,
    JSON.stringify(capture.unreadable),
    JSON.stringify(capture.emptyDirectories),
    capture.reason,
    capture.sessionId,
    capture.takenAt,
  ]);
}

const SET_HOLDER = statement(
  'captures.set_holder',
  `UPDATE capture_chains SET held_by = $3, held_until = clock_timestamp() + $4 * interval '1 second', held_alone = $5
   WHERE project_id = $1 AND workspace_id = $2`,
);
const RENEW_HOLDER = statement(
  'captures.renew_holder',
  `UPDATE capture_chains SET held_until = clock_timestamp() + $4 * interval '1 second'
   WHERE project_id = $1 AND workspace_id = $2 AND held_by = $3`,
);
const CLEAR_HOLDER = statement(
  'captures.clear_holder',
  `UPDATE capture_chains SET held_by = NULL, held_until = NULL, held_alone = false
   WHERE project_id = $1 AND workspace_id = $2 AND held_by = $3`,
);

/** Gives the files to one holder for some seconds, once they are `alone`; the chain's head must be held. */
export async function setHolder(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  holder: string,
  seconds: number,
  alone: boolean,
): Promise<void> {
  await tx.query(SET_HOLDER, [projectId, workspaceId, holder, seconds, alone]);
}

export async function renewHolder(
  db: Executor,
  projectId: string,
  workspaceId: string,
  holder: string,
  seconds: number,
): Promise<void> {
  await db.query(RENEW_HOLDER, [projectId, workspaceId, holder, seconds]);
}

export async function clearHolder(db: Executor, projectId: string, workspaceId: string, holder: string): Promise<void> {
  await db.query(CLEAR_HOLDER, [projectId, workspaceId, holder]);
}

export async function pageCaptures(
  db: Executor,
  projectId: string,
  workspaceId: string,
  query: ListQuery,
): Promise<Page<WorkspaceCapture>> {
  const source: ListSource = {
    label: 'captures.list',
    table: CAPTURE_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`workspace_captures k`,
    scope: sql`k.project_id = ${projectId}::uuid and k.workspace_id = ${workspaceId}::uuid`,
  };
  return readPage(db, source, query, toCapture);
}

const AT = statement(
  'captures.at',
  `SELECT ${COLUMNS} FROM workspace_captures k WHERE k.project_id = $1 AND k.workspace_id = $2 AND k.position = $3`,
);

/** The capture at a position of a chain; null where there is none. */
export async function captureAt(
  db: Executor,
  projectId: string,
  workspaceId: string,
  position: number,
): Promise<WorkspaceCapture | null> {
  const [row] = await db.query<CamelRow>(AT, [projectId, workspaceId, position]);
  return row ? toCapture(row) : null;
}

/** The one place where a row becomes a capture; unknown columns are left out. */
export function toCapture(row: CamelRow): WorkspaceCapture {
  return workspaceCaptureSchema.parse(camelRow(row));
}
