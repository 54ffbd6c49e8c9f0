import fc from 'fast-check';
import { expect, it } from 'vitest';
import { elapsedSeconds, healthScore, whyNotRecoverable } from './session-health.ts';
import { toMetrics } from './session-metrics.ts';

const now = new Date('2026-01-01T01:00:00.000Z');
const session = { limits: { maxDurationSeconds: 3600, cpuLimit: null, memoryLimitMb: null } };
const well = {
  apiErrorRate: 0,
  retryCount: 0,
  warnings: [],
  startedAt: null,
  endedAt: null,
  pausedAt: null,
  pausedSeconds: 0,
};

it('scores 1 for a session that has not begun, and 0 when every trouble is at its worst', () => {
  expect(healthScore(session, well, now)).toBe(1);
  const worst = {
    ...well,
    apiErrorRate: 1,
    retryCount: 9,
    warnings: Array(20).fill('w'),
    startedAt: '2026-01-01T00:00:00Z',
  };
  expect(healthScore(session, worst, now)).toBe(0);
});

it('takes each share in proportion', () => {
  expect(healthScore(session, { ...well, apiErrorRate: 0.25 }, now)).toBe(0.8);
  expect(healthScore(session, { ...well, retryCount: 1 }, now)).toBe(0.96);
  expect(healthScore(session, { ...well, warnings: ['w', 'w'] }, now)).toBe(0.98);
  expect(healthScore(session, { ...well, startedAt: '2026-01-01T00:30:00Z' }, now)).toBe(0.85);
});

it('property: more trouble is never a better score, and a score is between 0 and 1', () => {
  const trouble = fc.record({
    apiErrorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    retryCount: fc.nat(20),
    warnings: fc.array(fc.constant('w'), { maxLength: 20 }),
    secondsAgo: fc.nat(10_000),
  });
  const score = ({
    secondsAgo,
    ...rest
  }: {
    apiErrorRate: number;
    retryCount: number;
    warnings: string[];
    secondsAgo: number;
  }) =>
    healthScore(
      session,
      { ...well, ...rest, startedAt: new Date(now.getTime() - secondsAgo * 1000).toISOString() },
      now,
    );
  fc.assert(
    fc.property(trouble, trouble, (a, b) => {
      const worse = {
        apiErrorRate: Math.max(a.apiErrorRate, b.apiErrorRate),
        retryCount: Math.max(a.retryCount, b.retryCount),
        warnings: a.warnings.length > b.warnings.length ? a.warnings : b.warnings,
        secondsAgo: Math.max(a.secondsAgo, b.secondsAgo),
      };
      expect(score(a)).toBeLessThanOrEqual(1);
      expect(score(worse)).toBeGreaterThanOrEqual(0);
      expect(score(worse)).toBeLessThanOrEqual(score(a));
    }),
  );
});

it('counts the time of execution until the pause or the end, pauses left out', () => {
  const times = { startedAt: '2026-01-01T00:00:00Z', endedAt: null, pausedAt: null, pausedSeconds: 0 };
  expect(elapsedSeconds(times, now)).toBe(3600);
  expect(elapsedSeconds({ ...times, pausedSeconds: 600 }, now)).toBe(3000);
  expect(elapsedSeconds({ ...times, pausedAt: '2026-01-01T00:10:00Z' }, now)).toBe(600);
  expect(elapsedSeconds({ ...times, endedAt: '2026-01-01T00:20:00Z', pausedSeconds: 60 }, now)).toBe(1140);
  expect(elapsedSeconds({ ...times, startedAt: null }, now)).toBeNull();
});

it('says why a session cannot be retried', () => {
  const failed = { status: 'failed' as const, retryable: true, attempt: 1, maxRetries: 3 };
  expect(whyNotRecoverable(failed)).toBeNull();
  expect(whyNotRecoverable({ ...failed, retryable: null })).toBeNull();
  expect(whyNotRecoverable({ ...failed, retryable: false })).toContain('not retryable');
  expect(whyNotRecoverable({ ...failed, attempt: 3 })).toBeNull();
  expect(whyNotRecoverable({ ...failed, attempt: 4 })).toContain('3 retries');
  expect(whyNotRecoverable({ ...failed, status: 'completed' })).toContain('completed');
});

it('calls metrics healthy up to and at each limit, and not above it (ORC-072)', () => {
  const stored = {
    ...Object.fromEntries(
      [
        'startedAt',
        'completedAt',
        'failedAt',
        'endedAt',
        'pausedAt',
        'lastCheckpointAt',
        'queueDurationSeconds',
        'executionDurationSeconds',
        'totalDurationSeconds',
        'cpuUsagePercent',
        'cpuSeconds',
        'memoryUsageMb',
        'diskUsageMb',
        'networkBytesSent',
        'networkBytesReceived',
        'totalTokensUsed',
        'inputTokens',
        'outputTokens',
        'reasoningTokens',
        'cacheReadTokens',
        'cacheWriteTokens',
        'estimatedCostMicroUsd',
        'successRate',
        'confidenceScore',
        'codeQualityScore',
        'result',
        'error',
      ].map((name) => [name, null]),
    ),
    sessionId: 's',
    pausedSeconds: 0,
    toolCallsCount: 0,
    checkpointCount: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    apiCallsCount: 10,
    apiErrorsCount: 1,
    retryCount: 5,
    warnings: Array(10).fill('w'),
  };
  expect(toMetrics(stored)).toMatchObject({ apiErrorRate: 0.1, isHealthy: true });
  expect(toMetrics({ ...stored, apiErrorsCount: 2 }).isHealthy).toBe(false);
  expect(toMetrics({ ...stored, retryCount: 6 }).isHealthy).toBe(false);
  expect(toMetrics({ ...stored, warnings: Array(11).fill('w') }).isHealthy).toBe(false);
  expect(toMetrics({ ...stored, apiCallsCount: 0, apiErrorsCount: 0 }).apiErrorRate).toBe(0);
});
