import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let projectId: string;
beforeAll(async () => {
  api = await openApi();
  projectId = (await api.core.projects.list(1, 1)).items[0]?.id ?? '';
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, version?: number) =>
  api.call(method, `/api/v1${path}`, {
    ...(body === undefined ? {} : { body }),
    ...(version === undefined ? {} : { headers: { 'if-match': `"${version}"`, 'x-signalbox-actor': 'ann' } }),
  });

describe('queues over HTTP', () => {
  it('are shown, limited against a version, paused and drained', async () => {
    const fresh = await call('GET', '/queues/builds');
    expect([fresh.status, fresh.headers.etag, fresh.json.version]).toEqual([200, '"0"', 0]);
    expect((await call('PATCH', '/queues/builds', { maxConcurrent: 2 })).status).toBe(428);
    const limited = await call('PATCH', '/queues/builds', { maxConcurrent: 2, rate: { limit: 9, seconds: 1 } }, 0);
    expect(limited.json).toMatchObject({ version: 1, maxConcurrent: 2, rate: { limit: 9, seconds: 1 } });
    const stale = await call('PATCH', '/queues/builds', { maxConcurrent: 3 }, 0);
    expect([stale.status, stale.json.code, stale.json.expected]).toEqual([412, 'OPTIMISTIC_LOCK', 1]);
    expect((await call('POST', '/queues/builds/pause')).json).toMatchObject({ paused: true, version: 2 });
    expect((await call('POST', '/queues/builds/resume', {}, 1)).status).toBe(412);
    expect((await call('POST', '/queues/builds/resume', {}, 2)).json).toMatchObject({ paused: false });
    expect((await call('POST', '/queues/builds/drain')).json).toMatchObject({ draining: true });
    expect((await call('POST', '/queues/builds/open')).json).toMatchObject({ draining: false, version: 5 });
    await api.core.tasks.enqueue(projectId, { type: 'work', queue: 'builds' });
    const list = (await call('GET', '/queues?pageSize=1')).json;
    expect(list).toMatchObject({
      total: 1,
      pageSize: 1,
      items: [{ name: 'builds', ready: { count: 1, exact: true } }],
    });
    const audit = (await call('GET', '/audit?subjectType=queue')).json;
    expect(audit.items.map((event: { action: string }) => event.action).sort()).toEqual([
      'queue.drain',
      'queue.open',
      'queue.pause',
      'queue.resume',
      'queue.update',
    ]);
    for (const [body, code] of [
      [{ maxConcurrent: 0 }, 'VALIDATION_FAILED'],
      [{ rate: { limit: 1 } }, 'VALIDATION_FAILED'],
      [{ paused: true }, 'UNKNOWN_FIELD'],
    ] as const) {
      const refused = await call('PATCH', '/queues/builds', body, 5);
      expect([refused.status, refused.json.code]).toEqual([400, code]);
    }
    expect((await call('GET', '/queues/No%20queue')).status).toBe(400);
  });

  it('say when a task will be done, or why that cannot be said', async () => {
    const { taskId } = await api.core.tasks.enqueue(projectId, { type: 'slow', queue: 'slow' });
    const eta = async () => (await call('GET', `/tasks/${taskId}/eta`)).json;
    expect(await eta()).toEqual({ taskId, status: 'queued', eta: null, reason: 'not_measured', accuracy: null });
    await api.core.database.query({
      name: '',
      text: `INSERT INTO task_activity SELECT '${projectId}', date_trunc('minute', now()), 'slow', 'slow', kind, 4, 4000, 4800000
        FROM unnest('{completed,claimed}'::text[]) AS kind`,
    });
    expect(await eta()).toMatchObject({ reason: null, eta: { samples: 4, ahead: { count: 0, exact: true } } });
    expect((await call('GET', '/tasks/eta-accuracy')).json).toMatchObject({ items: [], total: 0 });
    expect((await call('GET', '/tasks/01900000-0000-7000-8000-000000000000/eta')).status).toBe(404);
  });
});
