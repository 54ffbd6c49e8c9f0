import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let work: string;
let workspaceId: string;
let sessionId: string;
beforeAll(async () => {
  api = await openApi();
  work = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-changes-')));
  workspaceId = (await api.call('POST', '/api/v1/workspaces', { body: { path: work } })).json.id;
  const body = { title: 'Work', initialPrompt: 'x', workspaceId };
  sessionId = (await api.call('POST', '/api/v1/sessions', { body })).json.id;
  const projectId = (await api.core.projects.ensureDefault()).id;
  const chain = api.core.captures.chain(await api.core.workspaces.get(projectId, workspaceId));
  writeFileSync(join(work, 'f.txt'), 'before\n');
  await chain.step('session_start', sessionId);
  await chain.openWindow({ sessionId, callId: 'call', tool: 'bash', actor: 'opencode', attempt: 1 }, null);
  writeFileSync(join(work, 'f.txt'), 'before\nafter\n');
  await chain.closeWindow(sessionId, 'call');
});
afterAll(() => api.close());

const get = (url: string) => api.call('GET', `/api/v1${url}`);

describe('changes over HTTP', () => {
  it('are listed by session and workspace, with filters', async () => {
    const own = await get(`/sessions/${sessionId}/changes?attribution=window&path=f.txt`);
    expect([own.status, own.json]).toMatchObject([
      200,
      { total: 1, items: [{ path: 'f.txt', sessionId, callId: 'call', tool: 'bash', position: 2 }] },
    ]);
    expect((await get(`/workspaces/${workspaceId}/changes?position.gt=2`)).json.items).toEqual([]);
    expect((await get(`/workspaces/${workspaceId}/changes?colour=red`)).json.code).toBe('UNKNOWN_FILTER');
    expect((await get(`/sessions/${workspaceId}/changes`)).json.code).toBe('SESSION_NOT_FOUND');
    expect((await get(`/workspaces/${sessionId}/changes`)).json.code).toBe('WORKSPACE_NOT_FOUND');
    const captures = await get(`/workspaces/${workspaceId}/captures`);
    expect(captures.json.items.map((capture: { position: number }) => capture.position)).toEqual([2, 1]);
    expect((await get(`/workspaces/${workspaceId}/storage`)).json).toMatchObject({ captures: 2, pruned: 0 });
  });

  it('come as a diff, and as the hand behind each line', async () => {
    const diff = await get(`/sessions/${sessionId}/diff`);
    expect(diff.json).toMatchObject({ sessionId, files: [{ path: 'f.txt', workspaceId, additions: 1 }] });
    expect(diff.json.files[0].diff).toContain(' before\n+after\n');
    expect((await get(`/sessions/${sessionId}/diff?path=other.txt&each=true`)).json.files).toEqual([]);
    const blame = await get(`/workspaces/${workspaceId}/blame?path=f.txt`);
    expect(blame.json.lines).toMatchObject([
      { line: 1, text: 'before', sessionId: null, attribution: null },
      { line: 2, text: 'after', sessionId, attribution: 'window' },
    ]);
    expect((await get(`/workspaces/${workspaceId}/blame`)).status).toBe(400);
    expect((await get(`/workspaces/${workspaceId}/blame?path=none`)).json.code).toBe('FILE_NOT_FOUND');
  });
});
