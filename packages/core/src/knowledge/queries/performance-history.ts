import { z } from 'zod';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { KnownRelationship } from '../history/timeline.ts';
import { environmentName, metricName } from '../identity/names.ts';
import { LEVELS, type Level, levelSchema } from '../vocabulary/terms.ts';

const DAY_MS = 24 * 3600 * 1000;
const MOST_RECORDS = 500;
const MOST_DAYS = 365;
/** Where nobody says how many. */
const DEFAULT_RECORDS = 100;
/** The metric of what tests remember of their runs, as reports of runs name it. */
const TEST_DURATION = 'test-duration';

/** What of an entity's performance is asked for (KG-174); what is absent is not asked about. */
export interface HistoryOptions {
  metricId?: string;
  environment?: string;
  severity?: Level;
  limit?: number;
  days?: number;
}

const OPTIONS: Readonly<Record<keyof HistoryOptions, (value: unknown) => string | number | undefined>> = {
  metricId: (value) => {
    const name = metricName(value);
    // A name that comes to nothing is no name, unless it is that word itself (KG-173).
    return name === 'unknown' && textOf(value).toLowerCase() !== 'unknown' ? undefined : name;
  },
  environment: (value) => (textOf(value) === '' ? undefined : environmentName(value)),
  severity: (value) => LEVELS.find((level) => level === textOf(value).toLowerCase()),
  limit: (value) => wholeNumber(value, 1, MOST_RECORDS),
  days: (value) => wholeNumber(value, 1, MOST_DAYS),
};

/**
 * What a raw query asks for: names as they are stored, numbers within their bounds, and nothing where a value cannot be used (KG-171…174).
 * @param strict refuse what cannot be used @throws VALIDATION_FAILED
 */
export function historyOptions(raw: Readonly<Record<string, unknown>>, { strict = false } = {}): HistoryOptions {
  const found = Object.entries(OPTIONS).flatMap(([name, read]) => {
    const value = raw[name];
    if (value === undefined || value === null) return [];
    const usable = read(value);
    if (usable !== undefined) return [[name, usable] as const];
    if (strict) throw new SignalboxError('VALIDATION_FAILED', { reason: `${name} cannot be used as it is given` });
    return [];
  });
  return Object.fromEntries(found);
}

/** From the digits that a text begins with (KG-171). */
function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'number' ? value : Number.parseInt(textOf(value), 10);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, Math.floor(number))) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

const nullableNumber = z.number().nullable();
const nullableText = z.string().nullable();

/** KG-286. */
export const performanceHistorySchema = z.object({
  entityId: z.string(),
  total: z.int(),
  /** The newest first. */
  records: z.array(
    z.object({
      id: z.string(),
      /** The test that measured; null where it was none. */
      testId: nullableText,
      targetId: z.string(),
      metricId: z.string(),
      scenario: nullableText,
      environment: nullableText,
      severity: levelSchema.nullable(),
      trend: nullableText,
      unit: nullableText,
      runId: nullableText,
      /** A measurement that a test remembers; null for what the graph was told as a relationship. */
      source: z.literal('snapshot').nullable(),
      baselineValue: nullableNumber,
      currentValue: nullableNumber,
      delta: nullableNumber,
      /** Of the baseline; null where that is 0 or not known. */
      percentChange: nullableNumber,
      sampleSize: nullableNumber,
      riskScore: nullableNumber,
      detectedAt: nullableText,
      resolvedAt: nullableText,
    }),
  ),
});
export type PerformanceHistory = z.infer<typeof performanceHistorySchema>;
type PerformanceRecord = PerformanceHistory['records'][number];

/** What a relationship about performance tells. */
export function recordOf(edge: KnownRelationship): PerformanceRecord {
  const text = (name: string) => (typeof edge[name] === 'string' ? String(edge[name]) : null);
  const number = (name: string) => (typeof edge[name] === 'number' ? Number(edge[name]) : null);
  const [baselineValue, currentValue] = [number('baselineValue'), number('currentValue')];
  const delta =
    number('delta') ?? (baselineValue === null || currentValue === null ? null : currentValue - baselineValue);
  const from = String(edge.fromEntityId);
  return {
    ...{ id: String(edge.id), testId: from.startsWith('test:') ? from : null, targetId: String(edge.toEntityId) },
    ...{ metricId: text('metricId') ?? 'unknown', scenario: text('scenario'), environment: text('environment') },
    ...{ severity: levelSchema.safeParse(edge.severity).data ?? null, trend: text('trend'), unit: text('unit') },
    ...{ runId: text('runId'), source: null, baselineValue, currentValue, delta },
    percentChange: delta === null || !baselineValue ? null : (delta / baselineValue) * 100,
    ...{ sampleSize: number('sampleSize'), riskScore: number('riskScore') },
    ...{ detectedAt: text('detectedAt'), resolvedAt: text('resolvedAt') },
  };
}

/** What a test remembers of its runs, each compared with the mean up to then. */
export function snapshotsOf(testId: string, entity: Readonly<Record<string, unknown>>): PerformanceRecord[] {
  const { historicalData = [] } = (entity.performanceMetrics ?? {}) as {
    historicalData?: { timestamp: string; executionTime: number; averageExecutionTime: number; runId?: string }[];
  };
  return historicalData.map(({ timestamp, executionTime, runId }, n) => {
    const baselineValue = historicalData[n - 1]?.averageExecutionTime ?? null;
    const delta = baselineValue === null ? null : executionTime - baselineValue;
    return {
      ...{
        id: `snapshot:${testId}:${timestamp}`,
        testId,
        targetId: testId,
        metricId: TEST_DURATION,
        scenario: null,
        environment: null,
      },
      ...{ severity: null, trend: null, unit: 'ms', runId: runId ?? null, source: 'snapshot' as const, baselineValue },
      ...{
        currentValue: executionTime,
        delta,
        sampleSize: n + 1,
        riskScore: null,
        detectedAt: timestamp,
        resolvedAt: null,
      },
      percentChange: delta === null || !baselineValue ? null : (delta / baselineValue) * 100,
    };
  });
}

/** Those that are asked for, the newest first. */
export function historyOf(
  entityId: string,
  records: readonly PerformanceRecord[],
  { metricId, environment, severity, limit = DEFAULT_RECORDS, days }: HistoryOptions,
  now: Date,
): PerformanceHistory {
  const since = days === undefined ? null : new Date(now.getTime() - days * DAY_MS).toISOString();
  const asked = records.filter(
    (record) =>
      (metricId === undefined || record.metricId === metricId) &&
      (environment === undefined || record.environment === environment) &&
      (severity === undefined || record.severity === severity) &&
      (since === null || (record.detectedAt !== null && record.detectedAt >= since)),
  );
  asked.sort((a, b) => order(b).localeCompare(order(a)) || (a.id < b.id ? -1 : 1));
  return { entityId, total: asked.length, records: asked.slice(0, limit) };
}

function order({ detectedAt }: PerformanceRecord): string {
  return detectedAt ?? '';
}
