import { describe, expect, it } from 'vitest';
import { strategyRows } from './strategy-counts.ts';

describe('operations by strategy', () => {
  it('are summed up, and timed by how many there are of each', () => {
    const rows = strategyRows([
      { strategy: 'safe', status: 'completed', count: 3, averageTime: 100 },
      { strategy: 'safe', status: 'failed', count: 1, averageTime: 500 },
      { strategy: 'safe', status: 'in_progress', count: 2, averageTime: null },
      { strategy: null, status: 'pending', count: 9, averageTime: null },
    ]);
    expect(rows.map(({ strategy, total, averageTime }) => [strategy, total, averageTime])).toEqual([
      [null, 9, null],
      ['safe', 6, 200],
    ]);
    expect(rows[1]?.byStatus).toEqual({ pending: 0, in_progress: 2, completed: 3, failed: 1, cancelled: 0 });
  });
});
