import type { RollbackFigures } from '../rollback-figures.ts';
import type { RollbackMetrics } from '../rollback-sample.ts';

/** Figures that a test sets, per project. */
export class CountedFigures implements RollbackFigures {
  readonly totalsOf = new Map<string, Omit<RollbackMetrics, 'memoryUsage'>>();
  active = 0;
  pending = 0;
  bytes = 0;
  /** When operations failed. */
  readonly failures: Date[] = [];
  /** Thrown by whatever is asked next, until it is set back. */
  broken: Error | null = null;

  set(projectId: string, totals: Partial<Omit<RollbackMetrics, 'memoryUsage'>>): void {
    const none = { totalRollbackPoints: 0, successfulRollbacks: 0, failedRollbacks: 0, averageRollbackTime: 0 };
    this.totalsOf.set(projectId, { ...none, lastCleanup: null, ...this.totalsOf.get(projectId), ...totals });
  }

  async projects(): Promise<string[]> {
    return [...this.totalsOf.keys()];
  }

  async totals(projectId: string): Promise<Omit<RollbackMetrics, 'memoryUsage'>> {
    if (this.broken) throw this.broken;
    const totals = this.totalsOf.get(projectId);
    if (!totals) throw new Error(`nothing was set for project ${projectId}`);
    return totals;
  }

  async activeCount(): Promise<number> {
    return this.active;
  }

  async pendingCount(): Promise<number> {
    return this.pending;
  }

  async recentFailures(_projectId: string, since: Date): Promise<number> {
    return this.failures.filter((at) => at >= since).length;
  }

  async memory(): Promise<number> {
    return this.bytes;
  }
}
