import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { historyOptions } from './performance-history.ts';

const DAY = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();

it('scenario 14: names as they are stored, numbers within their bounds, and nothing where a value is of no use', () => {
  const raw = { metricId: 'API/Latency P95', environment: 'Production', severity: ' HIGH ', limit: '9999', days: '0' };
  const read = { metricId: 'api/latency-p95', environment: 'prod', severity: 'high', limit: 500, days: 1 };
  expect(historyOptions(raw)).toEqual(read);
  expect(historyOptions({ environment: ' ', severity: 'info', limit: 'x' })).toEqual({});
  expect(historyOptions({ limit: '12abc', days: '-3', metricId: '***' })).toEqual({ limit: 12, days: 1 });
  expect(historyOptions({ metricId: ' Unknown ', limit: 7.9 })).toEqual({ metricId: 'unknown', limit: 7 });
  for (const wrong of [{ severity: 'info' }, { limit: 'x' }, { metricId: ['a', 'b'] }, { environment: ' ' }]) {
    expect(() => historyOptions(wrong, { strict: true })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  }
  expect(historyOptions(raw, { strict: true })).toEqual(read);
});

describeOnBackends('the history of performance', (backend) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());

  it('KG-286: relationships and what tests remember, the newest first; what the baseline of 0 comes to is not known', async () => {
    const clock = { ...systemClock, now: () => new Date(DAY(31)) };
    const knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
    const projectId = await insertTestProject(db.database);
    const test = {
      ...{ id: 'test:a#1', type: 'test', path: 'a.test.ts', hash: 'h', language: 'typescript', testType: 'unit' },
      ...{ lastModified: DAY(1), created: DAY(1), targetSymbol: '', framework: 'vitest', status: 'passing' },
      ...{ executionHistory: [], dependencies: [], tags: [] },
      performanceMetrics: {
        ...{
          averageExecutionTime: 15,
          p95ExecutionTime: 20,
          successRate: 1,
          trend: 'stable',
          benchmarkComparisons: [],
        },
        historicalData: [1, 2].map((day) => ({
          ...{ timestamp: DAY(day), executionTime: day * 10, averageExecutionTime: day === 1 ? 10 : 15 },
          ...{ p95ExecutionTime: 20, successRate: 1, runId: `run-${day}` },
        })),
      },
    };
    const edge = (metricId: string, more: object) => ({
      ...{ type: 'PERFORMANCE_REGRESSION', fromEntityId: test.id, toEntityId: 'sym:x', metricId, ...more },
    });
    const relationships = [
      edge('Latency', { detectedAt: DAY(20), baselineValue: 100, currentValue: 150, severity: 'high' }),
      edge('Latency', { detectedAt: DAY(30), baselineValue: 0, currentValue: 5, environment: 'Production' }),
      edge('memory', { detectedAt: DAY(10), delta: 3, baselineValue: 30, validFrom: DAY(10), validTo: DAY(11) }),
    ];
    await knowledge.ingest(projectId, { units: [{ unit: 'u', entities: [test], relationships }] }, 'ann');
    const history = (raw: Record<string, unknown> = {}, id = 'sym:x') =>
      knowledge.queries.performanceHistory(projectId, id, raw);
    const { records, total } = await history();
    expect(total).toBe(3);
    expect(records.map(({ metricId, detectedAt, percentChange }) => [metricId, detectedAt, percentChange])).toEqual([
      ['latency', DAY(30), null],
      ['latency', DAY(20), 50],
      ['memory', DAY(10), 10],
    ]);
    expect(records[1]).toMatchObject({ testId: test.id, targetId: 'sym:x', delta: 50, severity: 'high', source: null });
    expect((await history({ severity: ' HIGH', limit: '1' })).records.map(({ detectedAt }) => detectedAt)).toEqual([
      DAY(20),
    ]);
    expect((await history({ days: '5' })).total).toBe(1);
    expect((await history({ environment: 'prod', metricId: 'LATENCY' })).total).toBe(1);
    const own = (await history({ metricId: 'test-duration' }, test.id)).records;
    expect(own.map((one) => [one.source, one.currentValue, one.baselineValue, one.percentChange])).toEqual([
      ['snapshot', 20, 10, 100],
      ['snapshot', 10, null, null],
    ]);
    await expect(history({}, 'nobody')).rejects.toMatchObject({ code: 'GRAPH_ENTITY_NOT_FOUND' });
  });
});
