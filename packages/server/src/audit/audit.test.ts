import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('audit over HTTP', () => {
  it('tells who did what, filtered and in pages, and refuses a mistyped filter', async () => {
    const headers = { 'x-signalbox-actor': 'mia' };
    const made = await api.call('POST', '/api/v1/sessions', {
      body: { title: 'Audited work', initialPrompt: 'x' },
      headers,
    });
    await api.call('POST', `/api/v1/sessions/${made.json.id}/cancel`, { headers });
    const { json } = await api.call('GET', `/api/v1/audit?subjectId=${made.json.id}&sortBy=at&sortOrder=asc`);
    expect(json.items.map((event: { action: string }) => event.action)).toEqual(['session.create', 'session.cancel']);
    expect(json.items[0]).toMatchObject({ actor: 'mia', versionAfter: 1 });
    expect((await api.call('GET', '/api/v1/audit?actor=nobody')).json.total).toBe(0);
    const mistyped = await api.call('GET', '/api/v1/audit?acter=mia');
    expect([mistyped.status, mistyped.json.filter]).toEqual([400, 'acter']);
  });

  it('follows one trace from the request through the audit to the task (CTL-030, CTL-032)', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const path = mkdtempSync(join(tmpdir(), 'signalbox-trace-'));
    const workspace = (await api.call('POST', '/api/v1/workspaces', { body: { path } })).json;
    const run = { runtime: 'command', command: ['true'], workspaceId: workspace.id, start: true };
    const body = { title: 'Traced work', initialPrompt: 'x', ...run };
    const { json: session } = await api.call('POST', '/api/v1/sessions', { body, headers });
    const audited = (await api.call('GET', `/api/v1/audit?traceId=${traceId}`)).json;
    expect(audited.total).toBeGreaterThan(0);
    for (const event of audited.items)
      expect(event).toMatchObject({ subjectId: session.id, actorRole: 'admin', traceId });
    const tasks = (await api.call('GET', `/api/v1/tasks?traceId=${traceId}`)).json;
    expect(tasks.items).toEqual([expect.objectContaining({ sessionId: session.id, traceId })]);
  });

  it('tells one event, and all of them as lines of JSON, and with their seals', async () => {
    const first = (await api.call('GET', '/api/v1/audit?sortBy=at&sortOrder=asc')).json.items[0];
    expect((await api.call('GET', `/api/v1/audit/${first.id}`)).json).toEqual(first);
    const unknown = await api.call('GET', '/api/v1/audit/00000000-0000-7000-8000-000000000000');
    expect([unknown.status, unknown.json.code]).toEqual([404, 'AUDIT_EVENT_NOT_FOUND']);
    const { total } = (await api.call('GET', '/api/v1/audit')).json;
    const lines = await api.call('GET', '/api/v1/audit/export');
    expect(lines.headers['content-type']).toContain('application/x-ndjson');
    const events = lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([events.length, events[0]]).toEqual([total, first]);
    const some = await api.call('GET', `/api/v1/audit/export?format=jsonl&action=${first.action}`);
    expect(some.text.trim().split('\n')).toHaveLength(events.filter(({ action }) => action === first.action).length);
    const sealed = await api.call('GET', '/api/v1/audit/export?format=sealed');
    expect(JSON.parse(sealed.text.split('\n')[0] ?? '')).toMatchObject({ kind: 'project', projectId: first.projectId });
    for (const query of ['format=xml', 'format=sealed&actor=x', 'pageSize=3', 'acter=x'])
      expect((await api.call('GET', `/api/v1/audit/export?${query}`)).status).toBe(400);
  });

  it('verifies what is sealed, and says what is not yet', async () => {
    const before = (await api.call('GET', '/api/v1/audit/verify')).json;
    expect(before).toMatchObject({ ok: true, sealedThrough: null });
    expect(before.unsealed).toBeGreaterThan(0);
    await api.audit.seal();
    const after = (await api.call('GET', '/api/v1/audit/verify')).json;
    expect(after).toMatchObject({ ok: true, sealed: before.unsealed, unsealed: 0, problems: [] });
    expect(after.sealedThrough.position).toBe(before.unsealed);
  });
});
