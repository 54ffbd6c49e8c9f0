import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('sessions in numbers', (backend) => {
  let f: SessionFixture;
  beforeEach(async () => {
    f = await openFixture(backend);
  });
  afterEach(() => f.db.close());

  it('A14: counts what is live, with percentages and durations', async () => {
    const empty = await f.sessions.stats(f.projectId);
    const none = {
      totalSessions: 0,
      avgDurationSeconds: 0,
      medianDurationSeconds: 0,
      minDurationSeconds: 0,
      maxDurationSeconds: 0,
    };
    expect(empty).toMatchObject({
      statusDistribution: [],
      typeDistribution: [],
      priorityDistribution: [],
      durationStats: none,
    });

    for (let n = 0; n < 3; n += 1) await f.make({ priority: 4, sessionType: 'review' });
    for (let n = 0; n < 3; n += 1) await f.makeIn('running', { priority: 0 });
    for (const seconds of [10, 20, 40]) {
      const { id } = await f.makeIn('completed');
      await f.sql('UPDATE session_metrics SET total_duration_seconds = $2 WHERE session_id = $1', [id, seconds]);
    }
    const failed = await f.makeIn('failed');
    await f.sql('UPDATE session_metrics SET total_duration_seconds = NULL WHERE session_id = $1', [failed.id]);
    for (let n = 0; n < 5; n += 1) {
      const { id } = await f.makeIn('completed');
      await f.sessions.delete(f.projectId, id, 'a');
    }
    const stats = await f.sessions.stats(f.projectId);
    expect(stats.statusDistribution).toEqual([
      { status: 'completed', count: 3, percentage: 30 },
      { status: 'pending', count: 3, percentage: 30 },
      { status: 'running', count: 3, percentage: 30 },
      { status: 'failed', count: 1, percentage: 10 },
    ]);
    expect(stats.typeDistribution).toEqual([
      { type: 'execution', count: 7 },
      { type: 'review', count: 3 },
    ]);
    expect(stats.priorityDistribution).toEqual([
      { priority: 0, count: 3 },
      { priority: 2, count: 4 },
      { priority: 4, count: 3 },
    ]);
    expect(stats.durationStats).toMatchObject({
      totalSessions: 3,
      medianDurationSeconds: 20,
      minDurationSeconds: 10,
      maxDurationSeconds: 40,
    });
    expect(stats.durationStats.avgDurationSeconds).toBeCloseTo(23.33, 2);
    expect((await f.sessions.stats(f.otherProjectId)).statusDistribution).toEqual([]);
  });

  it('A15: names runs with less than 300 s left, overdue ones too; expired by its own limit is only the overdue', async () => {
    const started = async (secondsAgo: number) => {
      const { id } = await f.makeIn('running');
      const shift = `UPDATE session_metrics SET started_at = now() - $2 * interval '1 second' WHERE session_id = $1`;
      await f.sql(shift, [id, secondsAgo]);
      return id;
    };
    const safe = await started(3200);
    const risky = await started(3400);
    const overdue = await started(4000);
    await f.make();
    const monitor = await f.sessions.monitor(f.projectId);
    expect(monitor).toMatchObject({ activeSessionsCount: 4, atRiskSessionsCount: 2 });
    const [first, second] = monitor.atRiskSessions;
    expect([first?.sessionId, second?.sessionId]).toEqual([overdue, risky]);
    expect(first?.timeRemainingSeconds).toBeCloseTo(-400, -2);
    expect(second?.timeRemainingSeconds).toBeCloseTo(200, -2);
    expect(second?.elapsedSeconds).toBeCloseTo(3400, -2);
    expect(first?.healthScore).toBeCloseTo(0.7, 2);
    expect(await f.sessions.findOverLimit(f.projectId)).toEqual([overdue]);
    expect(await f.sessions.findStartedBefore(f.projectId, 1)).toEqual([overdue]);
    expect(await f.sessions.findStartedBefore(f.projectId, 0.9)).toEqual([overdue, risky]);
    expect(await f.sessions.findStartedBefore(f.projectId)).toEqual([]);
    expect(monitor.atRiskSessions.some(({ sessionId }) => sessionId === safe)).toBe(false);
  });
});
