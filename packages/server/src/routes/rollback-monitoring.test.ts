import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let projectId: string;
beforeAll(async () => {
  api = await openApi();
  projectId = (await api.core.projects.list(1, 1)).items[0]?.id ?? '';
});
afterAll(() => api.close());

const call = (method: string, path = '') => api.call(method, `/api/v1/rollback/monitoring${path}`);

describe('monitoring of rollbacks over HTTP', () => {
  it('tells what is honest where nothing was rolled back yet', async () => {
    expect((await call('GET')).json).toMatchObject({
      totalRollbackPoints: 0,
      totalOperations: 0,
      successRate: 100,
      healthStatus: 'healthy',
      recentMetrics: [],
    });
    expect((await call('GET', '/trends')).json).toEqual({ operationTimes: [], memoryUsage: [], successRates: [] });
    expect((await call('GET', '/alerts')).json).toMatchObject({ items: [], total: 0 });
  });

  it('lists samples and alerts, and lets an operator resolve one', async () => {
    await api.core.rollbackMonitor.operationEnded(projectId, {
      id: randomUUID(),
      status: 'failed',
      error: 'the disk is full',
      durationMs: 12,
    });
    const samples = (await call('GET', '/samples?cause=rollback_failed')).json;
    expect(samples).toMatchObject({ total: 1, items: [{ cause: 'rollback_failed', memoryPressure: 0 }] });
    expect((await call('GET', '/samples?cause=interval')).json.total).toBe(0);
    expect((await call('GET', '/trends?hours=1')).json.successRates).toHaveLength(1);

    const [alert] = (await call('GET', '/alerts?resolved=false&severity=warning')).json.items;
    expect(alert.message).toContain('the disk is full');
    expect((await call('GET')).json).toMatchObject({ activeAlerts: 1, healthStatus: 'warning' });
    const resolved = await call('POST', `/alerts/${alert.id}/resolve`);
    expect([resolved.status, resolved.json.resolved, resolved.json.occurrences]).toEqual([200, true, 1]);
    expect((await call('POST', `/alerts/${alert.id}/resolve`)).json).toEqual(resolved.json);
    expect((await call('GET', '/alerts?resolved=false')).json.total).toBe(0);
    expect((await call('GET')).json.healthStatus).toBe('healthy');
  });

  it('exports for programs, as JSON and as text', async () => {
    const json = await call('GET', '/export');
    expect(Object.keys(json.json)).toEqual(['dashboard_summary', 'recent_metrics', 'active_alerts']);
    expect((await call('GET', '/export?format=json')).json.recent_metrics).toHaveLength(1);
    const text = await call('GET', '/export?format=prometheus');
    expect(text.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.text).toMatch(
      /^# HELP rollback_total_points .+\n# TYPE rollback_total_points gauge\nrollback_total_points 0\n/,
    );
    expect(text.text).toContain('\nrollback_failures_total 0\n');
  });

  it('refuses what it does not know', async () => {
    for (const [path, status, code] of [
      ['/samples?colour=red', 400, 'UNKNOWN_FILTER'],
      ['/alerts?severity=mild', 400, 'VALIDATION_FAILED'],
      ['/trends?hours=0', 400, 'VALIDATION_FAILED'],
      ['/export?format=xml', 400, 'VALIDATION_FAILED'],
    ] as const) {
      const answer = await call('GET', path);
      expect([path, answer.status, answer.json.code]).toEqual([path, status, code]);
    }
    const unknown = await call('POST', `/alerts/${randomUUID()}/resolve`);
    expect([unknown.status, unknown.json.code]).toEqual([404, 'ROLLBACK_ALERT_NOT_FOUND']);
  });
});
