import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import type { PathState, PlannedWrite, WriteOutcome } from './files/index.ts';
import {
  type PausedSession,
  UNDO_STATUSES,
  type Undo,
  type UndoPlan,
  type UndoReport,
  type UndoStatus,
  undoSchema,
} from './undo.ts';

const COLUMNS = `u.id, u.project_id, u.workspace_id, u.status, u.selection, u.options, u.as_commit, u.undoes, u.rollback_operation_id,
  u.plan, u.restored, u.report, u.error, u.paused, u.requested_by, u.version, u.created_at, u.started_at, u.finished_at`;

/** All that lists of undos can be filtered and sorted by. */
export const UNDO_FIELDS: FieldTable = {
  noun: 'undo',
  fields: {
    id: { kind: 'uuid', column: 'u.id' },
    workspaceId: { kind: 'uuid', column: 'u.workspace_id' },
    status: { kind: 'enum', column: 'u.status', values: UNDO_STATUSES },
    undoes: { kind: 'uuid', column: 'u.undoes', nullable: true },
    rollbackOperationId: { kind: 'uuid', column: 'u.rollback_operation_id', nullable: true },
    requestedBy: { kind: 'text', column: 'u.requested_by' },
    createdAt: { kind: 'time', column: 'u.created_at' },
    finishedAt: { kind: 'time', column: 'u.finished_at', nullable: true },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 'u.id',
  deletedColumn: null,
};

const INSERT = statement(
  'undos.insert',
  `INSERT INTO undo_operations AS u (id, project_id, workspace_id, status, selection, options, undoes, node_id, process_id,
     requested_by, created_at, rollback_operation_id, as_commit)
   VALUES ($2, $1, $3, 'planned', $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
);
const GET = statement('undos.get', `SELECT ${COLUMNS} FROM undo_operations u WHERE u.project_id = $1 AND u.id = $2`);
const HOLD = statement(
  'undos.hold',
  `SELECT ${COLUMNS} FROM undo_operations u WHERE u.project_id = $1 AND u.id = $2 FOR UPDATE`,
);
const MOVE = statement(
  'undos.move',
  `UPDATE undo_operations AS u SET status = $3, version = u.version + 1,
     plan = coalesce($4::jsonb, u.plan), plan_digest = coalesce($4::jsonb ->> 'digest', u.plan_digest),
     current_tree = coalesce($4::jsonb ->> 'currentTree', u.current_tree),
     target_tree = coalesce($4::jsonb ->> 'targetTree', u.target_tree),
     restored = $5, report = $6::jsonb, error = $7::jsonb,
     started_at = CASE WHEN $3 = 'applying' THEN $8 ELSE u.started_at END,
     finished_at = CASE WHEN $3 IN ('completed', 'failed', 'cancelled') THEN $8 END
   WHERE u.project_id = $1 AND u.id = $2 AND u.status = ANY ($9) RETURNING ${COLUMNS}`,
);
const UNFINISHED = statement(
  'undos.unfinished',
  `SELECT ${COLUMNS}, u.process_id FROM undo_operations u
   WHERE u.status IN ('planned', 'waiting', 'applying') ORDER BY u.created_at`,
);
const PAUSED = statement(
  'undos.paused',
  `UPDATE undo_operations SET paused = $3::jsonb, version = version + 1 WHERE project_id = $1 AND id = $2`,
);
const LEFT_PAUSED = statement(
  'undos.left_paused',
  `SELECT ${COLUMNS} FROM undo_operations u
   WHERE u.status IN ('completed', 'failed', 'cancelled') AND u.paused @> '[{"outcome": "paused"}]' ORDER BY u.created_at`,
);
const INSERT_WRITES = statement(
  'undos.insert_writes',
  `INSERT INTO undo_writes (project_id, undo_id, ordinal, path, expected_oid, expected_mode, target_oid, target_mode)
   SELECT $1, $2, r.ordinal, r.path, r."expectedOid", r."expectedMode", r."targetOid", r."targetMode"
   FROM jsonb_to_recordset($3::jsonb) AS r(ordinal integer, path text, "expectedOid" text, "expectedMode" text,
     "targetOid" text, "targetMode" text)`,
);
const WRITES = statement(
  'undos.writes',
  `SELECT ordinal, path, expected_oid, expected_mode, target_oid, target_mode, outcome FROM undo_writes
   WHERE project_id = $1 AND undo_id = $2 ORDER BY ordinal`,
);
const OUTCOMES = statement(
  'undos.outcomes',
  `UPDATE undo_writes w SET outcome = r.outcome FROM jsonb_to_recordset($3::jsonb) AS r(ordinal integer, outcome text)
   WHERE w.project_id = $1 AND w.undo_id = $2 AND w.ordinal = r.ordinal`,
);

const TREES = statement(
  'undos.trees_in_use',
  `SELECT t.tree AS "treeId" FROM undo_operations u CROSS JOIN LATERAL (VALUES (u.current_tree), (u.target_tree)) AS t (tree)
   WHERE u.project_id = $1 AND u.workspace_id = $2 AND u.status = 'applying' AND t.tree IS NOT NULL
   UNION
   SELECT t.tree FROM undo_operations u JOIN workspace_changes c ON c.project_id = u.project_id AND c.undo_id = u.id
   CROSS JOIN LATERAL (VALUES (c.before_tree), (c.after_tree)) AS t (tree)
   WHERE u.project_id = $1 AND u.workspace_id = $2 AND u.status = 'completed' AND u.finished_at >= $3`,
);

/** Trees between which undos lead: of those under way, and of those that ended since. */
export async function treesOfUndos(
  db: Executor,
  projectId: string,
  workspaceId: string,
  since: Date,
): Promise<string[]> {
  const rows = await db.query<{ treeId: string }>(TREES, [projectId, workspaceId, since]);
  return rows.map(({ treeId }) => treeId);
}

export interface NewUndo
  extends Pick<Undo, 'id' | 'workspaceId' | 'asCommit' | 'undoes' | 'rollbackOperationId' | 'requestedBy'> {
  selection: unknown;
  options: unknown;
  nodeId: string;
  /** Host, number and mark of the process that applies it. */
  processId: string;
  at: Date;
}

export async function insertUndo(tx: Transaction, projectId: string, undo: NewUndo): Promise<Undo> {
  const { id, workspaceId, selection, options, undoes, nodeId, processId, requestedBy, at, rollbackOperationId } = undo;
  const values = [projectId, id, workspaceId, JSON.stringify(selection), JSON.stringify(options), undoes];
  const own = [nodeId, processId, requestedBy, at, rollbackOperationId, undo.asCommit];
  const [row] = await tx.query<CamelRow>(INSERT, [...values, ...own]);
  return toUndo(row as CamelRow);
}

export async function getUndo(db: Executor, projectId: string, id: string): Promise<Undo | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toUndo(row) : null;
}

/** The undo, locked until the transaction ends. */
export async function holdUndo(tx: Transaction, projectId: string, id: string): Promise<Undo | null> {
  const [row] = await tx.query<CamelRow>(HOLD, [projectId, id]);
  return row ? toUndo(row) : null;
}

export interface UndoMove {
  to: UndoStatus;
  from: readonly UndoStatus[];
  at: Date;
  plan?: UndoPlan;
  restored?: 'old' | 'partial';
  report?: UndoReport;
  error?: { code: string; message: string };
}

/** Null when it does not stand in one of the statuses it may come from. */
export async function moveUndo(tx: Transaction, projectId: string, id: string, move: UndoMove): Promise<Undo | null> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  const { to, from, at, plan, restored, report, error } = move;
  const values = [projectId, id, to, json(plan), restored ?? null, json(report), json(error), at, [...from]];
  const [row] = await tx.query<CamelRow>(MOVE, values);
  return row ? toUndo(row) : null;
}

/** Undos of all projects that have not ended, with the process that has them. */
export async function unfinishedUndos(db: Executor): Promise<{ undo: Undo; processId: string }[]> {
  const rows = await db.query<CamelRow & { process_id: string }>(UNFINISHED, []);
  return rows.map((row) => ({ undo: toUndo(row), processId: row.process_id }));
}

/** Says what became of the sessions that were paused for an undo. Its row must be held. */
export async function setPaused(
  tx: Transaction,
  { projectId, id }: Pick<Undo, 'projectId' | 'id'>,
  paused: readonly PausedSession[],
): Promise<void> {
  await tx.query(PAUSED, [projectId, id, JSON.stringify(paused)]);
}

/** Undos of all projects that have ended, and whose sessions do not run again yet. */
export async function undosWithPaused(db: Executor): Promise<Undo[]> {
  return (await db.query<CamelRow>(LEFT_PAUSED, [])).map(toUndo);
}

export async function insertWrites(
  tx: Transaction,
  projectId: string,
  undoId: string,
  writes: readonly PlannedWrite[],
): Promise<void> {
  if (writes.length === 0) return;
  const rows = writes.map(({ ordinal, path, expected, target }) => ({
    ordinal,
    path,
    expectedOid: expected?.oid ?? null,
    expectedMode: expected?.mode ?? null,
    targetOid: target?.oid ?? null,
    targetMode: target?.mode ?? null,
  }));
  await tx.query(INSERT_WRITES, [projectId, undoId, JSON.stringify(rows)]);
}

export async function plannedWritesOf(db: Executor, projectId: string, undoId: string): Promise<PlannedWrite[]> {
  const rows = await db.query<WriteRow>(WRITES, [projectId, undoId]);
  return rows.map((row) => ({
    ordinal: row.ordinal,
    path: row.path,
    expected: stateOf(row.expected_mode, row.expected_oid),
    target: stateOf(row.target_mode, row.target_oid),
  }));
}

export async function writeOutcomes(
  tx: Transaction,
  projectId: string,
  undoId: string,
  outcomes: ReadonlyMap<PlannedWrite, WriteOutcome>,
): Promise<void> {
  if (outcomes.size === 0) return;
  const rows = [...outcomes].map(([{ ordinal }, outcome]) => ({ ordinal, outcome }));
  await tx.query(OUTCOMES, [projectId, undoId, JSON.stringify(rows)]);
}

export async function pageUndos(db: Executor, projectId: string, query: ListQuery): Promise<Page<Undo>> {
  const source: ListSource = {
    label: 'undos.list',
    table: UNDO_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`undo_operations u`,
    scope: sql`u.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toUndo);
}

interface WriteRow {
  ordinal: number;
  path: string;
  expected_oid: string | null;
  expected_mode: string | null;
  target_oid: string | null;
  target_mode: string | null;
}

function stateOf(mode: string | null, oid: string | null): PathState {
  return mode === null ? null : { mode, oid };
}

/** The one place where a row becomes an undo; unknown columns are left out. */
function toUndo(row: CamelRow): Undo {
  return undoSchema.parse(camelRow(row));
}
