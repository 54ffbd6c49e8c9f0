import { z } from 'zod';
import { compareText } from '../graph/graph-base.ts';
import type { KnownEntity, KnownRelationship } from '../history/timeline.ts';
import { type Execution, figuresOf } from '../indexers/junit/test-history.ts';
import { performanceMetricsSchema } from '../vocabulary/test-entity.ts';

const { trend, benchmarkComparisons, historicalData } = performanceMetricsSchema.shape;
/** As it is stored and sent. */
const pointSchema = historicalData.element.extend({ timestamp: z.iso.datetime() });

/** KG-284. Of a test its own runs; of other code the runs of the tests that try it. What no run has told is null. */
export const entityPerformanceSchema = z.object({
  entityId: z.string(),
  /** Milliseconds, of runs that passed. */
  averageExecutionTime: z.number().nullable(),
  p95ExecutionTime: z.number().nullable(),
  /** From 0 to 1, of runs that were not skipped. */
  successRate: z.number().nullable(),
  /** Of several tests the worst. */
  trend: trend.nullable(),
  /** What was measured last of each metric, where it differs by what counts: the threshold is what it was before. */
  benchmarkComparisons,
  /** Of runs that are remembered, the oldest first; each with what all up to it came to. */
  historicalData: z.array(pointSchema),
});
export type EntityPerformance = z.infer<typeof entityPerformanceSchema>;

const WORST_FIRST = ['degrading', 'improving', 'stable'] as const;

/** @param tests the entity itself where it is one, else those that try it @param measured PERFORMANCE_… from or to it */
export function performanceSummary(
  entityId: string,
  tests: readonly KnownEntity[],
  measured: readonly KnownRelationship[],
): EntityPerformance {
  const runs = tests.flatMap(({ entity }) => (entity.executionHistory ?? []) as Execution[]);
  const figures = figuresOf(runs.sort((a, b) => compareText(a.timestamp, b.timestamp) || compareText(a.id, b.id)));
  const trends = new Set(
    tests.map(({ entity }) => performanceMetricsSchema.safeParse(entity.performanceMetrics).data?.trend),
  );
  return {
    entityId,
    averageExecutionTime: figures?.averageExecutionTime ?? null,
    p95ExecutionTime: figures?.p95ExecutionTime ?? null,
    successRate: figures?.successRate ?? (runs.some(({ status }) => status !== 'skipped') ? 0 : null),
    trend: WORST_FIRST.find((one) => trends.has(one)) ?? null,
    benchmarkComparisons: comparisonsOf(measured),
    historicalData: figures?.historicalData ?? [],
  };
}

/** Of each metric, by where and in which scenario it was measured, the latest. */
function comparisonsOf(measured: readonly KnownRelationship[]): EntityPerformance['benchmarkComparisons'] {
  const latest = new Map<string, KnownRelationship>();
  const time = ({ detectedAt }: KnownRelationship) => String(detectedAt ?? '');
  for (const one of measured.toSorted((a, b) => compareText(time(a), time(b))))
    latest.set(JSON.stringify([one.metricId, one.environment, one.scenario]), one);
  return [...latest.values()].flatMap(({ metricId, currentValue: value, baselineValue: threshold }) => {
    if (typeof value !== 'number' || typeof threshold !== 'number') return [];
    const status = value > threshold ? 'above' : value < threshold ? 'below' : 'at';
    return [{ benchmark: String(metricId), value, status, threshold }] as const;
  });
}
