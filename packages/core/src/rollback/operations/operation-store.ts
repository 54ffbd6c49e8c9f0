import { sql } from 'kysely';
import { type CamelRow, camelRow, DatabaseError, type Executor, statement } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import { OPERATION_STATUSES } from './operation-status.ts';
import {
  operationTypeSchema,
  type RollbackLogEntry,
  type RollbackOperation,
  rollbackOperationSchema,
  type StrategyName,
  strategyNameSchema,
} from './rollback-operation.ts';

const COLUMNS = `o.id, o.project_id, o.type, o.strategy, o.target_point_id AS target_rollback_point_id,
  o.target_point_name AS target_rollback_point_name, o.session_id, o.status, o.progress, o.mutating, o.options, o.error, o.result,
  o.preview, o.log, o.backup_point_id,
  ARRAY(SELECT u.id::text FROM undo_operations u WHERE u.rollback_operation_id = o.id ORDER BY u.created_at, u.id) AS undo_ids,
  o.created_by, o.cancelled_by, o.cancel_requested_at, o.started_at, o.completed_at`;
/** Silence after which whoever ran an operation counts as gone. By the database's clock, which all nodes share. */
const LEASE = `clock_timestamp() + interval '30 seconds'`;

const insert = statement(
  'rollback.insert_operation',
  `INSERT INTO rollback_operations AS o (project_id, id, type, strategy, point_id, target_point_id, target_point_name, session_id, options,
     mutating, created_by, started_at, runner, lease_until)
   VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, ${LEASE}) RETURNING ${COLUMNS}`,
);

export type NewOperation = Pick<
  RollbackOperation,
  | 'id'
  | 'projectId'
  | 'type'
  | 'strategy'
  | 'targetRollbackPointId'
  | 'targetRollbackPointName'
  | 'sessionId'
  | 'options'
  | 'mutating'
  | 'createdBy'
  | 'startedAt'
> & { runner: string };

/** Null when another one is changing the project; the transaction is of no use then. */
export async function insertOperation(executor: Executor, operation: NewOperation): Promise<RollbackOperation | null> {
  const { projectId, id, type, strategy, targetRollbackPointId, targetRollbackPointName, sessionId, options } =
    operation;
  const { mutating, createdBy, startedAt, runner } = operation;
  try {
    const [row] = await executor.query<CamelRow>(insert, [
      projectId,
      id,
      type,
      strategy,
      targetRollbackPointId,
      targetRollbackPointName,
      sessionId,
      JSON.stringify(options),
      mutating,
      createdBy,
      startedAt,
      runner,
    ]);
    return toOperation(row as CamelRow);
  } catch (error) {
    if (DatabaseError.is(error, 'uq_rollback_operations_active')) return null;
    throw error;
  }
}

const get = statement(
  'rollback.get_operation',
  `SELECT ${COLUMNS} FROM rollback_operations o WHERE o.project_id = $1 AND o.id = $2`,
);

export async function getOperation(
  executor: Executor,
  projectId: string,
  id: string,
): Promise<RollbackOperation | null> {
  const [row] = await executor.query<CamelRow>(get, [projectId, id]);
  return row ? toOperation(row) : null;
}

const active = statement(
  'rollback.active_operation',
  `SELECT o.id FROM rollback_operations o WHERE o.project_id = $1 AND o.mutating AND o.completed_at IS NULL`,
);

/** The operation that is changing the project. */
export async function activeOperation(executor: Executor, projectId: string): Promise<string | null> {
  const [row] = await executor.query<{ id: string }>(active, [projectId]);
  return row?.id ?? null;
}

/** All that lists of operations can be filtered and sorted by. */
export const OPERATION_FIELDS: FieldTable = {
  noun: 'operation',
  fields: {
    id: { kind: 'uuid', column: 'o.id' },
    type: { kind: 'enum', column: 'o.type', values: operationTypeSchema.options },
    strategy: { kind: 'enum', column: 'o.strategy', values: strategyNameSchema.options, nullable: true },
    status: { kind: 'status', column: 'o.status', values: OPERATION_STATUSES },
    targetRollbackPointId: { kind: 'uuid', column: 'o.target_point_id' },
    sessionId: { kind: 'uuid', column: 'o.session_id', nullable: true },
    mutating: { kind: 'boolean', column: 'o.mutating' },
    createdBy: { kind: 'text', column: 'o.created_by', nullable: true },
    startedAt: { kind: 'time', column: 'o.started_at' },
    completedAt: { kind: 'time', column: 'o.completed_at', nullable: true },
  },
  defaultSort: { by: 'startedAt', order: 'desc' },
  idColumn: 'o.id',
  deletedColumn: null,
};

/** Newest first unless asked otherwise. @throws what lists throw for a query that they do not know */
export function pageOperations(
  executor: Executor,
  projectId: string,
  query: ListQuery,
): Promise<Page<RollbackOperation>> {
  const source: ListSource = {
    label: 'rollback.list_operations',
    table: OPERATION_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`rollback_operations o`,
    scope: sql`o.project_id = ${projectId}::uuid`,
  };
  return readPage(executor, source, query, toOperation);
}

const begin = statement(
  'rollback.begin_operation',
  `UPDATE rollback_operations o SET status = 'in_progress', lease_until = ${LEASE}
   WHERE o.project_id = $1 AND o.id = $2 AND o.status = 'pending' AND o.runner = $3 AND o.cancel_requested_at IS NULL RETURNING ${COLUMNS}`,
);

/** Null when it is not this runner's, or was cancelled before it began. */
export async function beginOperation(
  executor: Executor,
  projectId: string,
  id: string,
  runner: string,
): Promise<RollbackOperation | null> {
  const [row] = await executor.query<CamelRow>(begin, [projectId, id, runner]);
  return row ? toOperation(row) : null;
}

const report = statement(
  'rollback.report_operation',
  `UPDATE rollback_operations o SET progress = greatest(o.progress, $4), log = o.log || $5::jsonb, strategy = coalesce($6, o.strategy),
     lease_until = ${LEASE}
   WHERE o.project_id = $1 AND o.id = $2 AND o.runner = $3 AND o.status = 'in_progress' RETURNING o.cancel_requested_at IS NOT NULL AS cancelled`,
);

/** Notes how far it is, and keeps the lease. Null when it is not this runner's any more; else whether it is to be cancelled. */
export async function reportOperation(
  executor: Executor,
  projectId: string,
  id: string,
  runner: string,
  {
    progress = 0,
    log = [],
    strategy = null,
  }: { progress?: number; log?: readonly RollbackLogEntry[]; strategy?: StrategyName | null },
): Promise<{ cancelled: boolean } | null> {
  const values = [projectId, id, runner, progress, JSON.stringify(log), strategy];
  const [row] = await executor.query<{ cancelled: boolean }>(report, values);
  return row ?? null;
}

const noteBackup = statement(
  'rollback.note_backup',
  'UPDATE rollback_operations o SET backup_point_id = $3 WHERE o.project_id = $1 AND o.id = $2',
);

export async function writeBackupPoint(
  executor: Executor,
  projectId: string,
  id: string,
  pointId: string,
): Promise<void> {
  await executor.query(noteBackup, [projectId, id, pointId]);
}

const end = statement(
  'rollback.end_operation',
  `UPDATE rollback_operations o SET status = $4, progress = CASE WHEN $4 = 'completed' THEN 100 ELSE o.progress END, error = $5,
     result = coalesce($6, o.result), preview = coalesce($7, o.preview), log = o.log || $8::jsonb, completed_at = $9
   WHERE o.project_id = $1 AND o.id = $2 AND o.runner = $3 AND o.completed_at IS NULL RETURNING ${COLUMNS}`,
);

export interface OperationEnd extends Partial<Pick<RollbackOperation, 'error' | 'result' | 'preview'>> {
  status: 'completed' | 'failed' | 'cancelled';
  log: readonly RollbackLogEntry[];
  at: Date;
}

/** Null when it was over already, or is not this runner's. */
export async function endOperation(
  executor: Executor,
  projectId: string,
  id: string,
  runner: string,
  { status, error = null, result = null, preview = null, log, at }: OperationEnd,
): Promise<RollbackOperation | null> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  const values = [projectId, id, runner, status, json(error), json(result), json(preview), JSON.stringify(log), at];
  const [row] = await executor.query<CamelRow>(end, values);
  return row ? toOperation(row) : null;
}

const cancel = statement(
  'rollback.cancel_operation',
  `UPDATE rollback_operations o SET cancel_requested_at = $3, cancelled_by = $4,
     status = CASE WHEN o.status = 'pending' THEN 'cancelled' ELSE o.status END,
     completed_at = CASE WHEN o.status = 'pending' THEN $3 ELSE o.completed_at END
   WHERE o.project_id = $1 AND o.id = $2 AND o.completed_at IS NULL AND o.cancel_requested_at IS NULL RETURNING ${COLUMNS}`,
);

/** Ends one that has not begun; asks one that has to stop. Null when it is over, or was asked already. */
export async function cancelOperation(
  executor: Executor,
  projectId: string,
  id: string,
  at: Date,
  actor: string,
): Promise<RollbackOperation | null> {
  const [row] = await executor.query<CamelRow>(cancel, [projectId, id, at, actor]);
  return row ? toOperation(row) : null;
}

const failGone = statement(
  'rollback.fail_gone',
  `UPDATE rollback_operations o SET status = 'failed', completed_at = $1, error = $2, log = o.log || $3::jsonb
   FROM (SELECT g.id FROM rollback_operations g WHERE g.completed_at IS NULL AND g.lease_until < clock_timestamp()
     ORDER BY g.id FOR UPDATE SKIP LOCKED) gone
   WHERE o.id = gone.id RETURNING ${COLUMNS}`,
);

/** Ends operations of any project whose runner has been silent for too long (RB-079). */
export async function failGoneOperations(
  executor: Executor,
  at: Date,
  error: NonNullable<RollbackOperation['error']>,
  log: RollbackLogEntry,
): Promise<RollbackOperation[]> {
  const rows = await executor.query<CamelRow>(failGone, [at, JSON.stringify(error), JSON.stringify([log])]);
  return rows.map(toOperation);
}

const forget = statement(
  'rollback.forget_operations',
  `DELETE FROM rollback_operations WHERE id = ANY (ARRAY(
     SELECT o.id FROM rollback_operations o WHERE o.completed_at < $1 ORDER BY o.id FOR UPDATE SKIP LOCKED)) RETURNING project_id`,
);

/** Removes operations of any project that were over before that moment. Answers whose they were, one for each. */
export async function forgetOperations(executor: Executor, before: Date): Promise<{ projectId: string }[]> {
  const rows = await executor.query<{ project_id: string }>(forget, [before]);
  return rows.map((row) => ({ projectId: row.project_id }));
}

function toOperation(row: CamelRow): RollbackOperation {
  return rollbackOperationSchema.parse(camelRow(row));
}
