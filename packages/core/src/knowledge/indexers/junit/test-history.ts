import { compareText } from '../../graph/graph-base.ts';
import { judgePerformance, type PerformanceVerdict } from '../../noise/judge-performance.ts';
import type { NoiseSettings } from '../../noise/noise-settings.ts';
import type { CoverageMetrics } from '../../vocabulary/test-entity.ts';

/** One run of a test (KG-011), as it is stored. */
export interface Execution {
  id: string;
  /** ISO 8601. */
  timestamp: string;
  status: 'passed' | 'failed' | 'skipped' | 'error';
  /** Milliseconds. */
  duration: number;
  errorMessage?: string;
  stackTrace?: string;
  coverage?: CoverageMetrics;
  performance?: Record<string, number>;
  environment?: Record<string, string>;
}

/** Runs of a test that are remembered: as many as anything judges by, and at least this many. */
const LEAST_REMEMBERED = 20;

/** What is remembered of a test once this run is known: the latest runs, the oldest first, each once. */
export function remembered(before: readonly Execution[], run: readonly Execution[], noise: NoiseSettings): Execution[] {
  const most = Math.max(LEAST_REMEMBERED, noise.PERF_MIN_HISTORY, noise.PERF_TREND_MIN_RUNS);
  const all = new Map([...before, ...run].map((one) => [one.id, one]));
  const ordered = [...all.values()].sort((a, b) => compareText(a.timestamp, b.timestamp) || compareText(a.id, b.id));
  // Only of the last failures it is told why: each may be pages.
  return ordered.slice(-most).map((one, n, { length }) => {
    if (n >= length - 3) return one;
    const { stackTrace: _stack, ...rest } = one;
    return rest;
  });
}

/**
 * How often a test came out otherwise than the time before, from 0 (always the same) to 1 (each time): of the runs in which it passed or
 * failed. Undefined where there are not two of these.
 */
export function flakyScore(history: readonly Execution[]): number | undefined {
  const verdicts = history.flatMap(({ status }) => (status === 'skipped' ? [] : status === 'passed'));
  if (verdicts.length < 2) return undefined;
  const flips = verdicts.filter((passed, n) => n > 0 && passed !== verdicts[n - 1]).length;
  return rounded(flips / (verdicts.length - 1));
}

/** What times of runs came to (KG-012); times of those that passed. */
export interface RunFigures {
  averageExecutionTime: number;
  p95ExecutionTime: number;
  successRate: number;
  historicalData: ReturnType<typeof pointOf>[];
}

/** Null where none of them passed. @param history the oldest first */
export function figuresOf(history: readonly Execution[]): RunFigures | null {
  const ran = history.filter(({ status }) => status !== 'skipped');
  const times = ran.flatMap(({ status, duration }) => (status === 'passed' ? [duration] : []));
  if (times.length === 0) return null;
  return {
    averageExecutionTime: rounded(mean(times)),
    p95ExecutionTime: rounded(percentile95(times)),
    successRate: rounded(times.length / ran.length),
    historicalData: ran.map((one, n) => pointOf(one, ran.slice(0, n + 1))),
  };
}

export interface PerformanceHistory {
  metrics: RunFigures & { trend: 'improving' | 'stable' | 'degrading'; benchmarkComparisons: [] };
  /** Null where there is nothing to compare the last run with. */
  change: { baseline: number; current: number; delta: number; percentChange: number | null; runs: number } | null;
  verdict: PerformanceVerdict;
}

/** What the times of a test came to (KG-012, KG-153): of those runs in which it passed. Null where there is none. */
export function performanceOf(history: readonly Execution[], noise: NoiseSettings): PerformanceHistory | null {
  const passed = history.filter(({ status }) => status === 'passed');
  const last = passed.at(-1);
  const figures = figuresOf(history);
  if (!last || !figures) return null;
  const times = passed.map(({ duration }) => duration);
  const earlier = times.slice(0, -1);
  const baseline = earlier.length > 0 ? mean(earlier) : last.duration;
  const delta = last.duration - baseline;
  const percentChange = baseline === 0 ? null : (delta / baseline) * 100;
  const measured = { runs: times.length, average: mean(times), p95: percentile95(times) };
  const verdict = judgePerformance({ delta, percentChange, ...measured }, noise);
  const trend = verdict.trend === 'regression' ? 'degrading' : verdict.trend === 'improvement' ? 'improving' : 'stable';
  return {
    metrics: { ...figures, trend, benchmarkComparisons: [] },
    change:
      earlier.length === 0
        ? null
        : {
            baseline: rounded(baseline),
            current: last.duration,
            delta: rounded(delta),
            percentChange,
            runs: times.length,
          },
    verdict,
  };
}

/** A run, with what all runs up to it came to. */
function pointOf({ id, timestamp, duration, coverage }: Execution, upTo: readonly Execution[]) {
  const times = upTo.map((one) => one.duration);
  return {
    timestamp,
    executionTime: duration,
    averageExecutionTime: rounded(mean(times)),
    p95ExecutionTime: rounded(percentile95(times)),
    successRate: rounded(upTo.filter(({ status }) => status === 'passed').length / upTo.length),
    ...(coverage?.lines === undefined ? {} : { coveragePercentage: coverage.lines }),
    runId: id,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The least value that 95 % of them are not above. */
export function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? 0;
}

/** To a thousandth. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
