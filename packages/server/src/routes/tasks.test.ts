import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../contract/api.ts';
import { routeOf } from '../http/serve-operation.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('tasks over HTTP', () => {
  it('are listed with filters, shown and cancelled with their session', async () => {
    const path = mkdtempSync(join(tmpdir(), 'signalbox-tasks-'));
    const workspace = (await api.call('POST', '/api/v1/workspaces', { body: { path } })).json;
    const run = { runtime: 'command', command: ['true'], workspaceId: workspace.id, start: true };
    const titles = ['Queue the first', 'Queue the second', 'Queue the third'];
    const sessions = await Promise.all(
      titles.map(
        async (title, priority) =>
          (await api.call('POST', '/api/v1/sessions', { body: { title, initialPrompt: 'x', priority, ...run } })).json,
      ),
    );
    const list = async (query: string) => (await api.call('GET', `/api/v1/tasks?${query}`)).json;
    expect(await list('status=queued&pageSize=2')).toMatchObject({ total: 3, pageSize: 2, totalPages: 2 });
    const [task] = (await list(`sessionId=${sessions[1].id}`)).items;
    expect(task).toMatchObject({ type: 'session.run', status: 'queued', priority: 1, sessionId: sessions[1].id });
    expect((await api.call('GET', `/api/v1/tasks/${task.id}`)).json).toEqual(task);
    const page = await list('sortBy=priority&pageSize=2');
    const next = await list(`sortBy=priority&pageSize=2&cursor=${encodeURIComponent(page.nextCursor)}`);
    expect([...page.items, ...next.items].map((item: { priority: number }) => item.priority)).toEqual([0, 1, 2]);
    const cancelled = await api.call('POST', `/api/v1/tasks/${task.id}/cancel`);
    expect([cancelled.status, cancelled.json.status]).toEqual([200, 'cancelled']);
    expect((await api.call('POST', `/api/v1/tasks/${task.id}/cancel`)).json.code).toBe('TASK_INVALID_TRANSITION');
    for (const query of ['status=qeued', 'stauts=queued', 'sortBy=payload', 'priority.like=1']) {
      expect([query, (await api.call('GET', `/api/v1/tasks?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('the contract', () => {
  it('is served in full: every operation has its route', () => {
    const missing = OPERATIONS.filter(
      (operation) => !api.app.hasRoute({ method: operation.method, url: routeOf(operation) }),
    );
    expect(missing.map((operation) => operation.id)).toEqual([]);
  });
});
