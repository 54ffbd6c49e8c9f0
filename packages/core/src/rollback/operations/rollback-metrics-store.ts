import { z } from 'zod';
import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { operationStatusSchema } from './operation-status.ts';
import { type RollbackOperation, strategyNameSchema } from './rollback-operation.ts';

/** RB-013, RB-164, RB-185, RB-208. Durations in milliseconds, sizes in bytes. */
export const rollbackTotalsSchema = z.object({
  /** Points that have not expired. */
  totalRollbackPoints: z.int(),
  /** Points that were ever made. */
  createdTotal: z.number(),
  successfulRollbacks: z.number(),
  failedRollbacks: z.number(),
  /** Of successful ones, dry runs left out; 0 when there are none. */
  averageRollbackTime: z.number(),
  /** What points, operations and snapshots are reckoned to take up: 1024 for each point, 512 for each operation, and the snapshots. */
  memoryUsage: z.number(),
  activeOperations: z.int(),
  pendingOperations: z.int(),
  conflictsFound: z.number(),
  conflictsResolved: z.number(),
  /** Mean time that resolving the conflicts of one took; 0 when there were none. */
  averageResolutionTime: z.number(),
  itemsWritten: z.number(),
  itemErrors: z.number(),
  lastCleanup: z.iso.datetime().nullable(),
});
export type RollbackTotals = z.infer<typeof rollbackTotalsSchema>;

/** Operations that are kept, dry runs among them, of one strategy and status. */
export const operationCountSchema = z.object({
  /** Null where none was chosen yet. */
  strategy: strategyNameSchema.nullable(),
  status: operationStatusSchema,
  count: z.int(),
  /** Milliseconds from the request to the end, on average; null where they are not over. */
  averageTime: z.number().nullable(),
});
export type OperationCount = z.infer<typeof operationCountSchema>;

const POINT_BYTES = 1_024;
const OPERATION_BYTES = 512;

const read = statement(
  'rollback.metrics',
  `SELECT s.points_created::double precision AS created_total, s.successes::double precision AS successful_rollbacks,
     s.failures::double precision AS failed_rollbacks,
     CASE WHEN s.successes = 0 THEN 0 ELSE s.success_ms / s.successes END AS average_rollback_time,
     s.conflicts_found::double precision AS conflicts_found, s.conflicts_resolved::double precision AS conflicts_resolved,
     CASE WHEN s.conflicts_resolved = 0 THEN 0 ELSE s.resolution_ms / s.conflicts_resolved END AS average_resolution_time,
     s.items_written::double precision AS items_written, s.item_failures::double precision AS item_errors, s.last_cleanup_at AS last_cleanup,
     p.points AS total_rollback_points, o.running AS active_operations, o.pending AS pending_operations,
     p.points * ${POINT_BYTES}::double precision + o.operations * ${OPERATION_BYTES}::double precision + h.bytes AS memory_usage
   FROM rollback_scopes s,
     LATERAL (SELECT count(*)::integer AS points FROM rollback_points p
       WHERE p.project_id = s.project_id AND p.expired_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > $2)) p,
     LATERAL (SELECT count(*)::integer AS operations, count(*) FILTER (WHERE o.status = 'in_progress')::integer AS running,
       count(*) FILTER (WHERE o.status = 'pending')::integer AS pending FROM rollback_operations o WHERE o.project_id = s.project_id) o,
     LATERAL (SELECT coalesce(sum(h.size_bytes), 0)::double precision AS bytes FROM rollback_snapshots h WHERE h.project_id = s.project_id) h
   WHERE s.project_id = $1`,
);

/** Null for an unknown project. */
export async function readRollbackMetrics(
  executor: Executor,
  projectId: string,
  at: Date,
): Promise<RollbackTotals | null> {
  const [row] = await executor.query<CamelRow>(read, [projectId, at]);
  return row ? rollbackTotalsSchema.parse(camelRow(row)) : null;
}

const group = statement(
  'rollback.count_operations_of_each',
  `SELECT o.strategy, o.status, count(*)::integer AS count,
     (avg(extract(epoch FROM o.completed_at - o.started_at)) * 1000)::double precision AS average_time
   FROM rollback_operations o WHERE o.project_id = $1 GROUP BY o.strategy, o.status ORDER BY o.strategy NULLS LAST, o.status`,
);

/** What the operations of the project that are kept come to, by strategy and status. */
export async function readOperationCounts(executor: Executor, projectId: string): Promise<OperationCount[]> {
  const rows = await executor.query<CamelRow>(group, [projectId]);
  return rows.map((row) => operationCountSchema.parse(camelRow(row)));
}

const count = statement(
  'rollback.count_end',
  `UPDATE rollback_scopes s SET successes = successes + $2, failures = failures + $3, success_ms = success_ms + $4,
     conflicts_found = conflicts_found + $5, conflicts_resolved = conflicts_resolved + $6, resolution_ms = resolution_ms + $7,
     items_written = items_written + $8, item_failures = item_failures + $9
   WHERE s.project_id = $1`,
);

/** Counts an operation that has just ended. Dry runs and cancelled ones are neither successes nor failures (RB-072, RB-241). */
export async function countEnd(executor: Executor, operation: RollbackOperation): Promise<void> {
  const { projectId, status, mutating, result, startedAt, completedAt } = operation;
  if (!mutating) return;
  const succeeded = status === 'completed' ? 1 : 0;
  const took = completedAt === null ? 0 : Date.parse(completedAt) - Date.parse(startedAt);
  await executor.query(count, [
    projectId,
    succeeded,
    status === 'failed' ? 1 : 0,
    succeeded * took,
    result?.conflicts.found ?? 0,
    result?.conflicts.resolved ?? 0,
    result?.conflicts.took ?? 0,
    result?.appliedChanges ?? 0,
    result?.errors.length ?? 0,
  ]);
}

const cleaned = statement(
  'rollback.cleaned',
  `UPDATE rollback_scopes s SET last_cleanup_at = $1
   FROM (SELECT x.project_id FROM rollback_scopes x ORDER BY x.project_id FOR NO KEY UPDATE) held WHERE s.project_id = held.project_id`,
);

/** Notes that all projects were cleaned. */
export async function noteCleanup(executor: Executor, at: Date): Promise<void> {
  await executor.query(cleaned, [at]);
}

const bySession = statement(
  'rollback.session_metrics',
  `SELECT count(*)::integer AS total_sessions, count(*) FILTER (WHERE s.operations > 0)::integer AS sessions_with_rollbacks,
     coalesce(avg(s.operations), 0)::double precision AS average_rollbacks_per_session
   FROM (SELECT r.session_id, (SELECT count(*) FROM rollback_operations o WHERE o.session_id = r.session_id AND o.mutating) AS operations
     FROM rollback_sessions r WHERE r.project_id = $1) s`,
);

/** RB-209: of sessions in which points were made. */
export interface SessionRollbackMetrics {
  totalSessions: number;
  sessionsWithRollbacks: number;
  averageRollbacksPerSession: number;
}

export async function readSessionMetrics(executor: Executor, projectId: string): Promise<SessionRollbackMetrics> {
  const [row] = await executor.query<CamelRow>(bySession, [projectId]);
  return camelRow(row as CamelRow) as unknown as SessionRollbackMetrics;
}
