import type { RollbackMetrics } from './rollback-sample.ts';

/** What monitoring asks of those who keep points and operations. Everything is counted, nothing estimated, save for memory. */
export interface RollbackFigures {
  /** Projects in which there is something to watch: a point or an operation. */
  projects(): Promise<string[]>;
  totals(projectId: string): Promise<Omit<RollbackMetrics, 'memoryUsage'>>;
  /** Operations in progress. */
  activeCount(projectId: string): Promise<number>;
  /** Operations that have not begun. */
  pendingCount(projectId: string): Promise<number>;
  /** Operations that failed at `since` or later. */
  recentFailures(projectId: string, since: Date): Promise<number>;
  /** Bytes of points, operations and snapshots (RB-027, RB-165). */
  memory(projectId: string): Promise<number>;
}

/** An operation that has ended, as far as monitoring cares. Cancelled ones are neither success nor failure (RB-241). */
export interface EndedOperation {
  id: string;
  status: 'completed' | 'failed' | 'cancelled';
  error?: string | null;
  /** Milliseconds. */
  durationMs: number;
}
