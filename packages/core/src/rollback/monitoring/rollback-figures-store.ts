import { type Executor, statement } from '../../platform/database/index.ts';
import type { RollbackMetrics } from './rollback-sample.ts';

/** What a point and an operation are reckoned at beside what points hold (RB-165). Bytes. */
const POINT_BYTES = 1_024;
const OPERATION_BYTES = 512;

const projects = statement(
  'rollback_figures.projects',
  'SELECT project_id FROM rollback_points UNION SELECT project_id FROM rollback_operations',
);

/** Those that have a point or an operation. */
export async function projectsWithRollbacks(db: Executor): Promise<string[]> {
  return (await db.query<{ project_id: string }>(projects)).map(({ project_id }) => project_id);
}

const totals = statement(
  'rollback_figures.totals',
  `SELECT (SELECT count(*)::integer FROM rollback_points p WHERE p.project_id = $1 AND p.expired_at IS NULL) AS points,
     s.successes::float8 AS successes, s.failures::float8 AS failures,
     CASE WHEN s.successes = 0 THEN 0 ELSE s.success_ms / s.successes END AS average, s.last_cleanup_at
   FROM rollback_scopes s WHERE s.project_id = $1`,
);

interface TotalsRow {
  points: number;
  successes: number;
  failures: number;
  average: number;
  last_cleanup_at: Date | null;
}

/** Successes and failures of all times, dry runs left out (RB-072). */
export async function countRollbacks(db: Executor, projectId: string): Promise<Omit<RollbackMetrics, 'memoryUsage'>> {
  const [row] = await db.query<TotalsRow>(totals, [projectId]);
  return {
    totalRollbackPoints: row?.points ?? 0,
    successfulRollbacks: row?.successes ?? 0,
    failedRollbacks: row?.failures ?? 0,
    averageRollbackTime: row?.average ?? 0,
    lastCleanup: row?.last_cleanup_at?.toISOString() ?? null,
  };
}

const inStatus = statement(
  'rollback_figures.in_status',
  'SELECT count(*)::integer AS count FROM rollback_operations o WHERE o.project_id = $1 AND o.status = $2',
);

export async function countOperations(
  db: Executor,
  projectId: string,
  status: 'pending' | 'in_progress',
): Promise<number> {
  const [row] = await db.query<{ count: number }>(inStatus, [projectId, status]);
  return row?.count ?? 0;
}

const failures = statement(
  'rollback_figures.failures',
  `SELECT count(*)::integer AS count FROM rollback_operations o
   WHERE o.project_id = $1 AND o.status = 'failed' AND o.mutating AND o.completed_at >= $2`,
);

export async function countFailures(db: Executor, projectId: string, since: Date): Promise<number> {
  const [row] = await db.query<{ count: number }>(failures, [projectId, since]);
  return row?.count ?? 0;
}

const memory = statement(
  'rollback_figures.memory',
  `SELECT (coalesce((SELECT sum(s.size_bytes) FROM rollback_snapshots s WHERE s.project_id = $1), 0)
     + ${POINT_BYTES} * (SELECT count(*) FROM rollback_points p WHERE p.project_id = $1 AND p.expired_at IS NULL)
     + ${OPERATION_BYTES} * (SELECT count(*) FROM rollback_operations o WHERE o.project_id = $1))::float8 AS bytes`,
);

/** Bytes (RB-027, RB-165). */
export async function measureMemory(db: Executor, projectId: string): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(memory, [projectId]);
  return row?.bytes ?? 0;
}
