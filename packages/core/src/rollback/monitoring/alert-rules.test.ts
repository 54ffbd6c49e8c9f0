import { describe, expect, test } from 'vitest';
import { alertFor, measure } from './alert-rules.ts';
import { alertThresholdsSchema } from './monitoring-settings.ts';
import { type RollbackSample, successRate } from './rollback-sample.ts';

const limits = alertThresholdsSchema.parse({});

function sampleOf(metrics: Partial<RollbackSample['metrics']>, pendingOperations = 0): RollbackSample {
  return {
    id: 's',
    projectId: 'p',
    timestamp: '2026-01-01T00:00:00.000Z',
    cause: 'interval',
    metrics: {
      totalRollbackPoints: 0,
      successfulRollbacks: 0,
      failedRollbacks: 0,
      averageRollbackTime: 0,
      memoryUsage: 0,
      lastCleanup: null,
      ...metrics,
    },
    activeOperations: 0,
    pendingOperations,
    recentFailures: 0,
    memoryPressure: 0,
  };
}

const raised = (sample: RollbackSample) => measure(sample, limits).flatMap(({ alert }) => alert ?? []);

describe('measures (RB-217)', () => {
  test('success is 100 where nothing was rolled back', () => {
    expect(successRate({ successfulRollbacks: 0, failedRollbacks: 0 })).toBe(100);
    expect(successRate({ successfulRollbacks: 3, failedRollbacks: 1 })).toBe(75);
    expect(successRate({ successfulRollbacks: 0, failedRollbacks: 1 })).toBe(0);
  });

  test('at their limits nothing is raised', () => {
    const metrics = {
      successfulRollbacks: 9,
      failedRollbacks: 1,
      averageRollbackTime: 5_000,
      memoryUsage: 104_857_600,
    };
    expect(raised(sampleOf(metrics, 50))).toEqual([]);
    expect(measure(sampleOf(metrics, 50), limits).map(({ type, severity }) => `${type} ${severity}`)).toEqual([
      'failure_rate critical',
      'performance warning',
      'memory warning',
      'capacity critical',
    ]);
  });

  test('beyond them each is told with what was measured and the limit', () => {
    const metrics = {
      successfulRollbacks: 2,
      failedRollbacks: 1,
      averageRollbackTime: 5_000.6,
      memoryUsage: 157_286_400,
    };
    const found = raised(sampleOf(metrics, 51));
    expect(found.map(({ type, severity, message }) => [type, severity, message])).toEqual([
      ['failure_rate', 'critical', '33.3% of the rollbacks failed; the limit is 10%.'],
      ['performance', 'warning', 'Rollbacks take 5001 ms on average; the limit is 5000 ms.'],
      ['memory', 'warning', 'Rollback points take 150.0 MB; the limit is 100.0 MB.'],
      ['capacity', 'critical', '51 rollbacks are waiting to begin; the limit is 50.'],
    ]);
    expect(found.slice(1).map(({ data }) => data)).toEqual([
      { value: 5_000.6, threshold: 5_000 },
      { value: 157_286_400, threshold: 104_857_600 },
      { value: 51, threshold: 50 },
    ]);
  });
});

describe('ends of operations (RB-218)', () => {
  const ended = (status: 'completed' | 'failed' | 'cancelled', durationMs: number, error?: string) =>
    alertFor({ id: 'op', status, durationMs, ...(error === undefined ? {} : { error }) }, limits);

  test('a failure is a warning with the operation and its error', () => {
    expect(ended('failed', 1, 'boom')).toEqual({
      type: 'failure_rate',
      severity: 'warning',
      message: 'The rollback op failed: boom',
      data: { operationId: 'op', error: 'boom' },
    });
    expect(ended('failed', 1)).toMatchObject({ message: 'The rollback op failed', data: { error: null } });
  });

  test('a success is one only beyond twice the time that is allowed on average', () => {
    expect(ended('completed', 10_000)).toBeNull();
    expect(ended('completed', 10_000.4)).toEqual({
      type: 'performance',
      severity: 'warning',
      message: 'The rollback op took 10000 ms; the limit for one is 10000 ms.',
      data: { operationId: 'op', duration: 10_000.4 },
    });
  });

  test('a cancelled one is neither', () => {
    expect(ended('cancelled', 1_000_000, 'x')).toBeNull();
  });
});
