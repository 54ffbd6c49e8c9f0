import { createHash } from 'node:crypto';
import type { RawEdge } from '../../edges/raw-edge.ts';
import type { Known, ReportUnit, Telling, Told } from '../../imports/report-adapter.ts';
import type { EntityFacts } from '../file-facts.ts';
import { testId, testTypeOf } from '../test-file.ts';
import type { RunCase, TestRun } from './run-case.ts';
import { type Execution, flakyScore, performanceOf, remembered } from './test-history.ts';

const STATUS = { passed: 'passing', failed: 'failing', error: 'failing', skipped: 'skipped' } as const;
const METRIC = 'test-duration';

/** The id by which the indexer of its source knows the test, too. */
export function testIdOf({ id, path, className, names }: RunCase): string {
  return id ?? testId(path ?? className, names);
}

/**
 * Each test with what this run and those before it came to, by test files: what a file had and has no more is over. Where a test became
 * slower by what counts, or is slow, an edge from it to its file says so.
 */
export function tellRuns({ cases }: TestRun, known: Known, telling: Telling): Told {
  const units = new Map<string, ReportUnit>();
  const byTest = new Map<string, RunCase[]>();
  for (const one of cases) {
    const id = testIdOf(one);
    const same = byTest.get(id);
    if (same) same.push(one);
    else byTest.set(id, [one]);
  }
  for (const [id, [first, ...again]] of byTest) {
    if (!first) continue;
    const name = first.path ?? first.className;
    const unit = units.get(name) ?? { name, entities: [], relationships: [] };
    units.set(name, unit);
    const before = known.entities.get(id)?.entity;
    const history = remembered(
      executionsOf(before?.executionHistory),
      executionsIn([first, ...again], telling),
      telling.noise,
    );
    unit.entities.push(testEntity(id, first, history, before, telling));
    unit.relationships.push(...performanceEdges(id, first, history, telling));
  }
  return { units: [...units.values()] };
}

function executionsOf(stored: unknown): Execution[] {
  return Array.isArray(stored) ? (stored as Execution[]) : [];
}

/** A test that was tried again within a run has failed before it passed; one of a name that several have ran that often. */
function executionsIn(cases: readonly RunCase[], { runId, at, environment }: Telling): Execution[] {
  return cases.flatMap((one, n) => {
    const base = {
      timestamp: at.toISOString(),
      ...(environment === undefined ? {} : { environment: { name: environment } }),
    };
    const own = n === 0 ? runId : `${runId}.${n}`;
    const failed = Array.from({ length: one.failedBefore }, (_, i) => `${own}!${i}`);
    return [
      ...failed.map((id) => ({ ...base, id, status: 'failed' as const, duration: 0, ...why(one) })),
      // Later than what failed before it, by the order of ids.
      {
        ...base,
        id: failed.length > 0 ? `${own}~` : own,
        status: one.status,
        duration: one.duration ?? 0,
        ...(failed.length > 0 ? {} : why(one)),
        ...measured(one),
      },
    ];
  });
}

function why({ message, stack }: RunCase): Partial<Execution> {
  return { ...(message === null ? {} : { errorMessage: message }), ...(stack === null ? {} : { stackTrace: stack }) };
}

function measured({ coverage, performance }: RunCase): Partial<Execution> {
  return { ...(coverage ? { coverage } : {}), ...(performance ? { performance } : {}) };
}

function testEntity(
  id: string,
  { path, className, names }: RunCase,
  history: readonly Execution[],
  before: Readonly<Record<string, unknown>> | undefined,
  { at, noise }: Telling,
): EntityFacts {
  const last = history.at(-1);
  const covered = history.findLast(({ coverage }) => coverage !== undefined)?.coverage;
  const score = flakyScore(history);
  const performance = performanceOf(history, noise);
  return {
    id,
    type: 'test',
    path: path ?? '',
    hash: createHash('sha256').update(id).digest('hex').slice(0, 32),
    language: '',
    lastModified: before?.lastModified ?? at.toISOString(),
    created: before?.created ?? at.toISOString(),
    testType: testTypeOf(path ?? className),
    targetSymbol: '',
    framework: 'unknown',
    status: last ? STATUS[last.status] : 'unknown',
    ...(score === undefined ? {} : { flakyScore: score }),
    ...(last ? { lastRunAt: last.timestamp, lastDuration: last.duration } : {}),
    ...(covered ? { coverage: covered } : {}),
    executionHistory: history,
    ...(performance ? { performanceMetrics: performance.metrics } : {}),
    dependencies: [],
    tags: [],
    metadata: { name: names.join(' > '), ...(path === null ? { className } : {}) },
  };
}

function performanceEdges(
  id: string,
  { path, className }: RunCase,
  history: readonly Execution[],
  { environment, runId, at, noise }: Telling,
): RawEdge[] {
  const here = history.filter((one) => one.environment?.name === environment);
  const performance = performanceOf(here, noise);
  if (!performance?.change) return [];
  const { verdict, change, metrics } = performance;
  const { baseline, current, delta, percentChange, runs } = change;
  return verdict.edges.map((type) => ({
    type,
    fromEntityId: id,
    toEntityId: path === null ? `external:${className}` : `file:${path}`,
    metricId: METRIC,
    ...(environment === undefined ? {} : { environment }),
    baselineValue: baseline,
    currentValue: current,
    unit: 'ms',
    delta,
    ...(percentChange === null ? {} : { percentChange: Math.round(percentChange * 100) / 100 }),
    sampleSize: runs,
    trend: verdict.trend,
    ...(verdict.severity === null ? {} : { severity: verdict.severity }),
    runId,
    detectedAt: at.toISOString(),
    metricsHistory: here
      .filter(({ status }) => status === 'passed')
      .map(({ timestamp, duration: value, id: run }) => ({ timestamp, value, runId: run, unit: 'ms' })),
    metadata: { p95ExecutionTime: metrics.p95ExecutionTime ?? null },
  }));
}
