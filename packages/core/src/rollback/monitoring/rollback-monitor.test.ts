import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { idsFrom } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, ManualClock, type TestDatabase } from '../../testing/index.ts';
import { exportPrometheus } from './export-prometheus.ts';
import type { MonitoringEvent } from './monitoring-events.ts';
import { monitoringSettingsSchema } from './monitoring-settings.ts';
import { healthOf } from './monitoring-summary.ts';
import { RollbackMonitor, type RollbackMonitorParts } from './rollback-monitor.ts';
import { CountedFigures } from './testing/counted-figures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('settings (RB-213)', () => {
  test('each threshold keeps its default for itself', () => {
    expect(monitoringSettingsSchema.parse({ alertThresholds: { maxAverageTime: 1 } })).toEqual({
      metricsInterval: 30_000,
      alertThresholds: {
        maxFailureRate: 10,
        maxAverageTime: 1,
        maxMemoryUsage: 104_857_600,
        maxPendingOperations: 50,
      },
      retentionPeriod: 24 * HOUR,
      enableAlerting: true,
    });
  });
});

test('health (RB-223): any critical alert is critical, any other a warning', () => {
  expect(healthOf([])).toBe('healthy');
  expect(healthOf([{ severity: 'warning' }])).toBe('warning');
  expect(healthOf([{ severity: 'warning' }, { severity: 'critical' }])).toBe('critical');
});

describeOnBackends('rollback monitor', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let clock: ManualClock;
  let figures: CountedFigures;
  let events: MonitoringEvent[];
  let errors: unknown[];

  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.database.query({ name: '', text: 'DELETE FROM rollback_alerts' });
    projectId = await insertTestProject(db.database);
    clock = new ManualClock();
    figures = new CountedFigures();
    figures.set(projectId, {});
    events = [];
    errors = [];
  });

  function monitorWith(settings: RollbackMonitorParts['settings'] = {}): RollbackMonitor {
    const { database } = db;
    const monitor = new RollbackMonitor({
      database,
      clock,
      ids: idsFrom(clock),
      figures,
      settings,
      onError: (error) => errors.push(error),
    });
    monitor.on((event) => events.push(event));
    return monitor;
  }

  const names = () => events.map(({ event }) => event);
  const alertsOf = async (monitor: RollbackMonitor, query: object = {}) =>
    (await monitor.alerts(projectId, { filters: [], ...query })).items;
  const failed = (id: string = randomUUID()) => ({ id, status: 'failed' as const, error: 'boom', durationMs: 5 });

  test('A25: 4 successes and 1 failure', async () => {
    const monitor = monitorWith();
    figures.set(projectId, { successfulRollbacks: 4, failedRollbacks: 0, averageRollbackTime: 20 });
    await monitor.watchAll();
    figures.set(projectId, { failedRollbacks: 1 });
    figures.failures.push(clock.now());
    await monitor.operationEnded(projectId, failed('op-5'));
    await clock.advance(30_000);
    await monitor.watchAll();

    const summary = await monitor.summary(projectId);
    expect(summary).toMatchObject({
      successRate: 80,
      totalOperations: 5,
      averageOperationTime: 20,
      activeAlerts: 2,
      healthStatus: 'critical',
    });
    const alerts = await alertsOf(monitor);
    expect(alerts.map(({ type, severity, resolved }) => [type, severity, resolved]).sort()).toEqual([
      ['failure_rate', 'critical', false],
      ['failure_rate', 'warning', false],
    ]);
    const [critical, warning] = [...alerts].sort((one, other) => one.severity.localeCompare(other.severity));
    expect(critical?.message).toContain('20.0%');
    expect(critical?.data).toEqual({ value: 20, threshold: 10 });
    expect(warning?.data).toEqual({ operationId: 'op-5', error: 'boom' });
    const text = exportPrometheus(summary);
    expect(text).toContain('\nrollback_success_rate 80\n');
    expect(text).toContain('\nrollback_active_alerts 2\n');

    const before = names().filter((name) => name === 'alert-created').length;
    expect(before).toBe(2);
    for (let round = 0; round < 3; round++) {
      await clock.advance(30_000);
      await monitor.watchAll();
    }
    expect(await alertsOf(monitor)).toHaveLength(2);
    expect(names().filter((name) => name === 'alert-created')).toHaveLength(before);
    expect(errors).toEqual([]);
  });

  test('RB-220: an open alert takes up what comes, fresh in message, data and time, and counts', async () => {
    const monitor = monitorWith();
    figures.pending = 51;
    await monitor.pointCreated(projectId);
    await clock.advance(MINUTE);
    figures.pending = 60;
    await monitor.pointCreated(projectId);
    expect(await alertsOf(monitor)).toMatchObject([
      {
        type: 'capacity',
        message: '60 rollbacks are waiting to begin; the limit is 50.',
        data: { value: 60, threshold: 50 },
        occurrences: 2,
        firstSeenAt: '2026-01-01T00:00:00.000Z',
        timestamp: '2026-01-01T00:01:00.000Z',
        resolved: false,
        resolvedAt: null,
      },
    ]);
    expect(names()).toEqual(['metrics-collected', 'alert-created', 'metrics-collected']);
  });

  test('RB-220: what is back within its limit resolves itself, and may be raised anew', async () => {
    const monitor = monitorWith();
    figures.bytes = 104_857_601;
    await monitor.cleanupCompleted(projectId);
    figures.bytes = 104_857_600;
    await clock.advance(MINUTE);
    await monitor.cleanupCompleted(projectId);
    expect(await alertsOf(monitor)).toMatchObject([
      { type: 'memory', resolved: true, resolvedAt: '2026-01-01T00:01:00.000Z', resolvedBy: null },
    ]);
    expect(names()).toEqual(['metrics-collected', 'alert-created', 'metrics-collected', 'alert-resolved']);
    expect((await monitor.summary(projectId)).healthStatus).toBe('healthy');
    figures.bytes = 104_857_601;
    await monitor.cleanupCompleted(projectId);
    expect(await alertsOf(monitor)).toHaveLength(2);
  });

  test('RB-218: what an operation gave rise to is over when none did for an hour', async () => {
    const monitor = monitorWith();
    await monitor.operationEnded(projectId, failed());
    await monitor.operationEnded(projectId, { id: 'slow', status: 'completed', durationMs: 10_001 });
    await clock.advance(HOUR - 1);
    await monitor.watchAll();
    expect((await monitor.summary(projectId)).activeAlerts).toBe(2);
    await monitor.operationEnded(projectId, failed());
    await clock.advance(1);
    await monitor.pointCreated(projectId);
    expect(
      (await alertsOf(monitor)).map(({ type, resolved, occurrences }) => [type, resolved, occurrences]).sort(),
    ).toEqual([
      ['failure_rate', false, 2],
      ['performance', true, 1],
    ]);
    await clock.advance(HOUR);
    await monitor.pointCreated(projectId);
    expect((await monitor.summary(projectId)).activeAlerts).toBe(0);
  });

  test('RB-215: ends, points and cleanups give samples with their cause; a cancelled operation gives nothing (RB-241)', async () => {
    const monitor = monitorWith();
    figures.set(projectId, { totalRollbackPoints: 3, lastCleanup: '2026-01-01T00:00:00.000Z' });
    [figures.active, figures.pending, figures.bytes] = [1, 2, 52_428_800];
    figures.failures.push(new Date(clock.now().getTime() - HOUR), new Date(clock.now().getTime() - HOUR - 1));
    await monitor.pointCreated(projectId);
    await monitor.operationEnded(projectId, { id: 'a', status: 'cancelled', durationMs: 1_000_000 });
    await monitor.operationEnded(projectId, { id: 'b', status: 'completed', durationMs: 1 });
    await monitor.operationEnded(projectId, failed());
    await monitor.cleanupCompleted(projectId);
    const { items } = await monitor.samples(projectId, { sortOrder: 'asc' });
    expect(items.map(({ cause }) => cause)).toEqual([
      'point_created',
      'rollback_completed',
      'rollback_failed',
      'cleanup_completed',
    ]);
    expect(items[0]).toEqual({
      id: expect.any(String),
      projectId,
      timestamp: '2026-01-01T00:00:00.000Z',
      cause: 'point_created',
      metrics: {
        totalRollbackPoints: 3,
        successfulRollbacks: 0,
        failedRollbacks: 0,
        averageRollbackTime: 0,
        memoryUsage: 52_428_800,
        lastCleanup: '2026-01-01T00:00:00.000Z',
      },
      activeOperations: 1,
      pendingOperations: 2,
      recentFailures: 1,
      memoryPressure: 50,
    });
    figures.bytes = 1_000_000_000;
    await monitor.pointCreated(projectId);
    expect((await monitor.samples(projectId)).items[0]?.memoryPressure).toBe(100);
  });

  test('RB-218: alerting that is off raises nothing and leaves what is open', async () => {
    figures.pending = 51;
    await monitorWith().pointCreated(projectId);
    figures.pending = 0;
    figures.bytes = 1_000_000_000;
    const quiet = monitorWith({ enableAlerting: false });
    await quiet.pointCreated(projectId);
    await quiet.operationEnded(projectId, failed());
    expect((await alertsOf(quiet)).map(({ type, resolved }) => [type, resolved])).toEqual([['capacity', false]]);
    expect((await quiet.samples(projectId)).total).toBe(3);
  });

  test('RB-214: starts once, takes samples at once and each interval, and stops for good', async () => {
    const monitor = monitorWith({ metricsInterval: 10_000 });
    const taken = async () => (await monitor.samples(projectId)).total;
    const began = clock.now().getTime();
    monitor.start();
    monitor.start();
    await expect.poll(taken, { timeout: 20_000 }).toBe(1);
    expect(names()).toEqual(['monitoring-started', 'metrics-collected']);
    // A round ends a little after its sample, and the interval begins then.
    const takenLater = async () => {
      await clock.advance(1_000);
      return taken();
    };
    await expect.poll(takenLater, { timeout: 20_000 }).toBe(2);
    expect(clock.now().getTime() - began).toBeGreaterThanOrEqual(10_000);
    await Promise.all([monitor.stop(), monitor.stop()]);
    await clock.advance(100_000);
    expect(await taken()).toBe(2);
    expect(names()).toEqual(['monitoring-started', 'metrics-collected', 'metrics-collected', 'monitoring-stopped']);
    monitor.start();
    await expect.poll(taken, { timeout: 20_000 }).toBe(3);
    await monitor.stop();
  });

  test('of two nodes that watch at one pace, one takes the sample and raises the alert of an interval', async () => {
    figures.pending = 51;
    const [one, other] = [monitorWith(), monitorWith()];
    for (let round = 0; round < 3; round++) {
      await one.watchAll();
      await clock.advance(14_000);
      await other.watchAll();
      await clock.advance(16_000);
    }
    expect((await one.samples(projectId)).total).toBe(3);
    expect(await alertsOf(one)).toMatchObject([{ occurrences: 3 }]);
  });

  test('a project whose figures fail is told, and does not keep the others', async () => {
    const monitor = monitorWith();
    const healthy = await insertTestProject(db.database);
    figures.set(healthy, {});
    figures.totalsOf.set(projectId, null as never);
    figures.totals = async (id) => {
      if (id === projectId) throw new Error('no figures');
      return figures.totalsOf.get(id) as never;
    };
    await monitor.watchAll();
    expect(events.map((event) => [event.event, 'projectId' in event ? event.projectId : null])).toEqual([
      ['metrics-collection-error', projectId],
      ['metrics-collected', healthy],
    ]);
    expect(errors).toEqual([new Error('no figures')]);
    // What happened in a rollback is not undone by what watches it.
    await expect(monitor.operationEnded(projectId, failed())).resolves.toBeUndefined();
  });

  test('a round that fails is told, and the next one comes', async () => {
    const monitor = monitorWith();
    const projects = figures.projects.bind(figures);
    figures.projects = () => Promise.reject(new Error('away'));
    monitor.start();
    await expect.poll(() => monitor.failure, { timeout: 20_000 }).toBe('away');
    expect(events).toContainEqual({ event: 'metrics-collection-error', projectId: null, error: new Error('away') });
    figures.projects = projects;
    await clock.advance(30_000);
    await expect.poll(() => monitor.failure, { timeout: 20_000 }).toBeNull();
    await monitor.stop();
  });

  test('a listener that throws is reported, and the others hear all the same', async () => {
    const monitor = monitorWith();
    const off = monitor.on(() => {
      throw new Error('deaf');
    });
    const heard: string[] = [];
    monitor.on(({ event }) => heard.push(event));
    await monitor.pointCreated(projectId);
    off();
    await monitor.pointCreated(projectId);
    expect(errors).toEqual([new Error('deaf')]);
    expect(heard).toEqual(['metrics-collected', 'metrics-collected']);
  });

  test('RB-221: resolving is true once, told and kept in the audit; filters find it', async () => {
    const monitor = monitorWith();
    await monitor.operationEnded(projectId, failed());
    figures.pending = 51;
    await clock.advance(MINUTE);
    await monitor.pointCreated(projectId);
    const [capacity, failure] = await alertsOf(monitor);
    const id = failure?.id as string;
    expect(await monitor.resolveAlert(await insertTestProject(db.database), id, 'ada')).toBe(false);
    expect(await monitor.resolveAlert(projectId, id, 'ada')).toBe(true);
    expect(await monitor.resolveAlert(projectId, id, 'bob')).toBe(false);
    expect(await monitor.resolveAlert(projectId, randomUUID(), 'ada')).toBe(false);
    expect(await monitor.alert(projectId, id)).toMatchObject({
      resolved: true,
      resolvedBy: 'ada',
      resolvedAt: '2026-01-01T00:01:00.000Z',
    });
    await expect(monitor.alert(projectId, randomUUID())).rejects.toMatchObject({ code: 'ROLLBACK_ALERT_NOT_FOUND' });
    expect(events.filter(({ event }) => event === 'alert-resolved')).toMatchObject([{ projectId, alert: { id } }]);
    const audit = await db.database.query<{ actor: string; action: string; subject_id: string }>(
      { name: '', text: 'SELECT actor, action, subject_id FROM audit_events WHERE project_id = $1' },
      [projectId],
    );
    expect(audit).toEqual([{ actor: 'ada', action: 'rollback_alert.resolve', subject_id: id }]);

    const found = async (field: string, operator: string, value: string) =>
      (await alertsOf(monitor, { filters: [{ field, operator, value }] })).map((alert) => alert.id);
    expect(await found('resolved', 'eq', 'true')).toEqual([id]);
    expect(await found('resolved', 'eq', 'false')).toEqual([capacity?.id]);
    expect(await found('type', 'eq', 'failure_rate')).toEqual([id]);
    expect(await found('severity', 'eq', 'critical')).toEqual([capacity?.id]);
    expect(await found('timestamp', 'gte', '2026-01-01T00:01:00.000Z')).toEqual([capacity?.id]);
    expect(await found('timestamp', 'gt', '2026-01-01T00:01:00.000Z')).toEqual([]);
  });

  test('alerts come and go in the change feed, with the change itself', async () => {
    const monitor = monitorWith();
    figures.pending = 51;
    await monitor.pointCreated(projectId);
    figures.pending = 0;
    await monitor.pointCreated(projectId);
    const rows = await db.database.query<{ topic: string; payload: object }>(
      { name: '', text: 'SELECT topic, payload FROM feed_entries WHERE project_id = $1 ORDER BY id' },
      [projectId],
    );
    const [alert] = await alertsOf(monitor);
    const kind = { alertId: alert?.id, type: 'capacity', severity: 'critical' };
    expect(rows).toEqual([
      { topic: 'rollback', payload: { ...kind, change: 'alert_created' } },
      { topic: 'rollback', payload: { ...kind, change: 'alert_resolved' } },
    ]);
  });

  test('secrets in the error of an operation do not reach alerts (RB-245)', async () => {
    const monitor = monitorWith();
    await monitor.operationEnded(projectId, { ...failed(), error: 'connect postgres://ada:hunter2@db failed' });
    const [alert] = await alertsOf(monitor);
    expect(alert?.message).toContain('[redacted]@db');
    expect(JSON.stringify(alert)).not.toContain('hunter2');
  });

  test('RB-222, RB-224: the summary holds the latest 60 samples of the hour, trends those of the last hours', async () => {
    const monitor = monitorWith();
    figures.set(projectId, { totalRollbackPoints: 2, successfulRollbacks: 1, averageRollbackTime: 40 });
    await monitor.pointCreated(projectId);
    await clock.advance(HOUR);
    figures.set(projectId, { successfulRollbacks: 3, failedRollbacks: 1, averageRollbackTime: 60 });
    figures.bytes = 2_048;
    [figures.active, figures.pending] = [1, 4];
    for (let at = 0; at < 61; at++) {
      await monitor.pointCreated(projectId);
      await clock.advance(1_000);
    }
    const summary = await monitor.summary(projectId);
    expect(summary.recentMetrics).toHaveLength(60);
    expect(summary.recentMetrics[0]?.timestamp).toBe('2026-01-01T01:00:01.000Z');
    expect(summary.recentMetrics.at(-1)?.timestamp).toBe('2026-01-01T01:01:00.000Z');
    expect(summary).toMatchObject({
      uptime: HOUR + 61_000,
      totalRollbackPoints: 2,
      successfulRollbacks: 3,
      failedRollbacks: 1,
      totalOperations: 4,
      successRate: 75,
      averageOperationTime: 60,
      currentMemoryUsage: 2_048,
      activeOperations: 1,
      pendingOperations: 4,
    });
    const trends = await monitor.trends(projectId);
    expect(trends.operationTimes).toHaveLength(62);
    expect(trends.operationTimes[0]).toEqual({ timestamp: '2026-01-01T00:00:00.000Z', averageTime: 40 });
    expect(trends.memoryUsage.at(-1)).toEqual({ timestamp: '2026-01-01T01:01:00.000Z', usage: 2_048 });
    expect(trends.successRates[0]).toEqual({ timestamp: '2026-01-01T00:00:00.000Z', rate: 100 });
    expect(trends.successRates.at(-1)?.rate).toBe(75);
    expect((await monitor.trends(projectId, 1)).operationTimes).toHaveLength(61);

    const exported = await monitor.export(projectId);
    expect(Object.keys(exported)).toEqual(['dashboard_summary', 'recent_metrics', 'active_alerts']);
    expect(exported.recent_metrics).toEqual(summary.recentMetrics.slice(-10));
    expect(exported.dashboard_summary.healthStatus).toBe('critical');
    expect(exported.active_alerts.map(({ type }) => type)).toEqual(['failure_rate']);
    expect(
      (
        await monitor.samples(projectId, {
          filters: [{ field: 'timestamp', operator: 'lte', value: '2026-01-01T01:00:00.000Z' }],
        })
      ).total,
    ).toBe(2);
  });

  test('RB-225: old samples and alerts long resolved go; open ones stay', async () => {
    const monitor = monitorWith({ retentionPeriod: HOUR });
    figures.pending = 51;
    figures.bytes = 1_000_000_000;
    await monitor.pointCreated(projectId);
    figures.bytes = 0;
    await clock.advance(MINUTE);
    await monitor.pointCreated(projectId);
    figures.totalsOf.clear();
    await clock.advance(HOUR - MINUTE);
    figures.projects = async () => [];
    figures.totals = async () => Promise.reject(new Error('nothing to count'));
    await monitor.watchAll();
    expect((await monitor.samples(projectId)).total).toBe(2);
    await clock.advance(1);
    await monitor.watchAll();
    expect((await monitor.samples(projectId)).total).toBe(1);
    expect(await alertsOf(monitor)).toHaveLength(2);
    await clock.advance(MINUTE);
    await monitor.watchAll();
    expect((await alertsOf(monitor)).map(({ type, resolved }) => [type, resolved])).toEqual([['capacity', false]]);
  });

  test('a project without points any more is watched until its alerts are resolved', async () => {
    const monitor = monitorWith();
    figures.pending = 51;
    await monitor.watchAll();
    figures.pending = 0;
    figures.projects = async () => [];
    await clock.advance(MINUTE);
    await monitor.watchAll();
    expect(await alertsOf(monitor)).toMatchObject([{ resolved: true }]);
    await clock.advance(MINUTE);
    await monitor.watchAll();
    expect((await monitor.samples(projectId)).total).toBe(2);
  });

  test('RB-227: Prometheus gets help, type and value of each, in order', async () => {
    const monitor = monitorWith();
    figures.set(projectId, {
      totalRollbackPoints: 7,
      successfulRollbacks: 2,
      failedRollbacks: 1,
      averageRollbackTime: 12.5,
    });
    figures.bytes = 4_096;
    await clock.advance(2_999);
    const text = exportPrometheus(await monitor.summary(projectId));
    const lines = text.split('\n');
    expect(text.endsWith('\n')).toBe(true);
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'rollback_total_points 7',
      `rollback_success_rate ${(2 / 3) * 100}`,
      'rollback_average_time_ms 12.5',
      'rollback_memory_usage_bytes 4096',
      'rollback_active_alerts 0',
      'rollback_uptime_seconds 2',
      'rollback_successes_total 2',
      'rollback_failures_total 1',
    ]);
    expect(lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ').slice(2).join(' '))).toEqual(
      [
        'rollback_total_points gauge',
        'rollback_success_rate gauge',
        'rollback_average_time_ms gauge',
        'rollback_memory_usage_bytes gauge',
        'rollback_active_alerts gauge',
        'rollback_uptime_seconds counter',
        'rollback_successes_total counter',
        'rollback_failures_total counter',
      ],
    );
    expect(lines.every((line, at) => at % 3 !== 0 || line === '' || /^# HELP \w+ .{10,}/.test(line))).toBe(true);
  });
});
