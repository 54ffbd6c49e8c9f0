import { LEVELS, type Level } from '../vocabulary/terms.ts';
import type { NoiseSettings } from './noise-settings.ts';

/** What was measured of one metric. Times in milliseconds. */
export interface Measured {
  /** Current value less the baseline. */
  delta: number;
  /** Of the baseline; null where that is 0. */
  percentChange: number | null;
  runs: number;
  average: number;
  p95: number;
}

export interface PerformanceVerdict {
  /** Null where no band is reached. */
  severity: Level | null;
  trend: 'regression' | 'improvement' | 'neutral';
  /** Which edges there are to be. */
  edges: ('PERFORMANCE_REGRESSION' | 'PERFORMANCE_IMPACT')[];
}

/** KG-153. */
export function judgePerformance(measured: Measured, settings: NoiseSettings): PerformanceVerdict {
  const { delta, percentChange, runs, average, p95 } = measured;
  const severity = LEVELS.find((level) => {
    const band = level.toUpperCase() as Uppercase<Level>;
    const percent = settings[`PERF_SEVERITY_PERCENT_${band}`];
    return percentChange !== null && percentChange >= percent && delta >= settings[`PERF_SEVERITY_DELTA_${band}`];
  });
  const moved = runs >= settings.PERF_TREND_MIN_RUNS && Math.abs(delta) >= settings.PERF_DEGRADING_MIN_DELTA_MS;
  const trend = !moved || delta === 0 ? 'neutral' : delta > 0 ? 'regression' : 'improvement';
  const edges: PerformanceVerdict['edges'] = [];
  if (trend === 'regression' && runs >= settings.PERF_MIN_HISTORY) edges.push('PERFORMANCE_REGRESSION');
  if (average > settings.PERF_IMPACT_AVG_MS || p95 > settings.PERF_IMPACT_P95_MS) edges.push('PERFORMANCE_IMPACT');
  return { severity: severity ?? null, trend, edges };
}
