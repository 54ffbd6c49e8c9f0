import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type Page, readPage } from '../../platform/query/index.ts';
import { type RollbackSample, rollbackSampleSchema, SAMPLE_CAUSES } from './rollback-sample.ts';

const COLUMNS = `s.id, s.project_id, s.timestamp, s.cause, s.total_rollback_points, s.successful_rollbacks::float8, s.failed_rollbacks::float8,
  s.average_rollback_time, s.memory_usage::float8, s.last_cleanup, s.active_operations, s.pending_operations, s.recent_failures, s.memory_pressure`;

/** All that lists of samples can be filtered and sorted by. */
export const SAMPLE_FIELDS: FieldTable = {
  noun: 'sample',
  fields: {
    id: { kind: 'uuid', column: 's.id' },
    timestamp: { kind: 'time', column: 's.timestamp' },
    cause: { kind: 'enum', column: 's.cause', values: SAMPLE_CAUSES },
    memoryPressure: { kind: 'number', column: 's.memory_pressure' },
    recentFailures: { kind: 'integer', column: 's.recent_failures' },
  },
  defaultSort: { by: 'timestamp', order: 'desc' },
  idColumn: 's.id',
  deletedColumn: null,
};

/** A page of the project's samples, the latest first unless asked otherwise. */
export function pageSamples(db: Executor, projectId: string, query: ListQuery = {}): Promise<Page<RollbackSample>> {
  const source = {
    label: 'rollback_samples.list',
    table: SAMPLE_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`rollback_samples s`,
    scope: sql`s.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toSample);
}

const insert = statement(
  'rollback_samples.insert',
  `INSERT INTO rollback_samples (id, project_id, timestamp, cause, total_rollback_points, successful_rollbacks, failed_rollbacks,
     average_rollback_time, memory_usage, last_cleanup, active_operations, pending_operations, recent_failures, memory_pressure)
   SELECT $2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
   WHERE $15::timestamptz IS NULL
     OR NOT EXISTS (SELECT FROM rollback_samples s WHERE s.project_id = $1 AND s.cause = $4 AND s.timestamp > $15)
   RETURNING id`,
);

/** @param unlessSince do nothing where a sample of the same cause was taken after this; another node was first then. False then. */
export async function insertSample(
  db: Executor,
  projectId: string,
  sample: RollbackSample,
  unlessSince: Date | null,
): Promise<boolean> {
  const { metrics } = sample;
  const rows = await db.query(insert, [
    projectId,
    sample.id,
    sample.timestamp,
    sample.cause,
    metrics.totalRollbackPoints,
    metrics.successfulRollbacks,
    metrics.failedRollbacks,
    metrics.averageRollbackTime,
    metrics.memoryUsage,
    metrics.lastCleanup,
    sample.activeOperations,
    sample.pendingOperations,
    sample.recentFailures,
    sample.memoryPressure,
    unlessSince,
  ]);
  return rows.length > 0;
}

const recent = statement(
  'rollback_samples.recent',
  `SELECT ${COLUMNS} FROM rollback_samples s WHERE s.project_id = $1 AND s.timestamp >= $2 ORDER BY s.timestamp DESC, s.id DESC LIMIT $3`,
);

/** The latest that were taken at `since` or later; oldest first. */
export async function latestSamples(
  db: Executor,
  projectId: string,
  since: Date,
  limit: number,
): Promise<RollbackSample[]> {
  return (await db.query<CamelRow>(recent, [projectId, since, limit])).map(toSample).reverse();
}

const dropOld = statement(
  'rollback_samples.drop_old',
  `DELETE FROM rollback_samples WHERE id = ANY (ARRAY(
     SELECT s.id FROM rollback_samples s WHERE s.timestamp < $1 ORDER BY s.id FOR UPDATE SKIP LOCKED))`,
);

/** In every project. */
export async function dropSamples(db: Executor, before: Date): Promise<void> {
  await db.query(dropOld, [before]);
}

function toSample(row: Record<string, unknown>): RollbackSample {
  const {
    totalRollbackPoints,
    successfulRollbacks,
    failedRollbacks,
    averageRollbackTime,
    memoryUsage,
    lastCleanup,
    ...rest
  } = camelRow(row);
  const metrics = {
    totalRollbackPoints,
    successfulRollbacks,
    failedRollbacks,
    averageRollbackTime,
    memoryUsage,
    lastCleanup,
  };
  return rollbackSampleSchema.parse({ ...rest, metrics });
}
