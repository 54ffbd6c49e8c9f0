import type { RollbackMetrics } from '@signalbox/client';
import { OPERATION_STATUSES, type OperationStatus } from './rollback-looks.ts';

type Count = RollbackMetrics['operations'][number];

/** What the operations of one strategy come to. */
export interface StrategyRow {
  strategy: Count['strategy'];
  byStatus: Record<OperationStatus, number>;
  total: number;
  /** Milliseconds that those took that are over, on average; null where none is. */
  averageTime: number | null;
}

/** Counts by strategy and status as a table: a row for each strategy, the one with the most operations first. */
export function strategyRows(counts: readonly Count[]): StrategyRow[] {
  const rows = [...Map.groupBy(counts, ({ strategy }) => strategy)].map(([strategy, mine]) => {
    const countOf = (status: OperationStatus) =>
      mine.reduce((sum, each) => sum + (each.status === status ? each.count : 0), 0);
    const over = mine.filter(({ averageTime }) => averageTime !== null);
    const ended = over.reduce((sum, { count }) => sum + count, 0);
    const took = over.reduce((sum, { count, averageTime }) => sum + count * (averageTime ?? 0), 0);
    return {
      strategy,
      byStatus: Object.fromEntries(OPERATION_STATUSES.map((status) => [status, countOf(status)])) as Record<
        OperationStatus,
        number
      >,
      total: mine.reduce((sum, { count }) => sum + count, 0),
      averageTime: ended === 0 ? null : took / ended,
    };
  });
  return rows.sort((a, b) => b.total - a.total);
}
