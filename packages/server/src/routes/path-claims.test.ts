import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFence } from '@signalbox/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let workspaceId: string;
beforeAll(async () => {
  api = await openApi();
  const path = mkdtempSync(join(tmpdir(), 'signalbox-paths-'));
  workspaceId = (await api.call('POST', '/api/v1/workspaces', { body: { path } })).json.id;
});
afterAll(() => api.close());

const call = (method: string, url: string, body?: unknown) =>
  api.call(method, `/api/v1${url}`, body === undefined ? {} : { body });
let made = 0;
const session = async (): Promise<string> => {
  const body = { title: `Work no. ${++made}`, initialPrompt: 'x', workspaceId, start: true };
  return (await call('POST', '/sessions', body)).json.id;
};

describe('path claims over HTTP', () => {
  it('are made, refused with their holders named, shown, renewed and let go of', async () => {
    const [a, b] = [await session(), await session()];
    const made = await call('POST', '/path-claims', { sessionId: a, paths: ['src/**'] });
    expect([made.status, made.json]).toMatchObject([
      201,
      {
        sessionId: a,
        status: 'held',
        mode: 'exclusive',
        agent: 'anonymous',
        paths: [{ path: 'src/**', kind: 'glob' }],
      },
    ]);
    const { id, fencingToken } = made.json;
    const refused = await call('POST', '/path-claims', { sessionId: b, paths: ['src/a.ts'], conflict: 'refuse' });
    expect([refused.status, refused.json]).toMatchObject([409, { code: 'PATH_CLAIMED', holders: [{ sessionId: a }] }]);
    const late = await call('POST', '/path-claims', {
      sessionId: b,
      paths: ['src'],
      conflict: 'wait',
      waitSeconds: 0.1,
    });
    expect(late.json.code).toBe('PATH_CLAIM_TIMEOUT');
    expect((await call('GET', `/path-claims/${id}`)).json).toEqual(made.json);
    const listed = await call('GET', `/path-claims?sessionId=${a}&status=held&paths.json_contains=[{"path":"src/**"}]`);
    expect(listed.json).toMatchObject({ total: 1, items: [{ id }] });
    const renewed = await call('POST', `/path-claims/${id}/renew`, { fencingToken, ttlSeconds: 1000 });
    expect(Date.parse(renewed.json.expiresAt)).toBeGreaterThan(Date.parse(made.json.expiresAt));
    const stale = await call('POST', `/path-claims/${id}/release`, { fencingToken: fencingToken + 1 });
    expect([stale.status, stale.json.code]).toEqual([409, 'CLAIM_LOST']);
    expect((await call('POST', `/path-claims/${id}/release`, { fencingToken })).status).toBe(200);
    expect((await call('POST', `/path-claims/${id}/release`, { fencingToken })).status).toBe(404);
  });

  it('are waited for until they are let go of', async () => {
    const [a, b] = [await session(), await session()];
    const { json: held } = await call('POST', '/path-claims', { sessionId: a, paths: ['x'] });
    const waiting = call('POST', '/path-claims', { sessionId: b, paths: ['x'] });
    const queue = async () => (await call('GET', '/path-claims?status=waiting')).json.total;
    await expect.poll(queue, { timeout: 10_000 }).toBe(1);
    await call('POST', `/sessions/${a}/complete`, {});
    expect((await waiting).json).toMatchObject({ sessionId: b, status: 'held' });
    expect((await call('GET', `/path-claims/${held.id}`)).status).toBe(404);
  });

  it('are taken away by an operator who says why, which the audit keeps', async () => {
    const { json: held } = await call('POST', '/path-claims', { sessionId: await session(), paths: ['y'] });
    expect((await call('POST', `/path-claims/${held.id}/force-release`, {})).status).toBe(400);
    const taken = await call('POST', `/path-claims/${held.id}/force-release`, { reason: 'it hangs' });
    expect(taken.json.id).toBe(held.id);
    const audit = await call('GET', `/audit?subjectId=${held.id}`);
    expect(audit.json.items).toMatchObject([{ action: 'path_claim.force_release', details: { reason: 'it hangs' } }]);
  });

  it('refuse what leaves the workspace, and sessions that are over', async () => {
    const a = await session();
    const out = await call('POST', '/path-claims', { sessionId: a, paths: ['../x'] });
    expect([out.status, out.json.code]).toEqual([400, 'VALIDATION_FAILED']);
    await call('POST', `/sessions/${a}/complete`, {});
    expect((await call('POST', '/path-claims', { sessionId: a, paths: ['z'] })).json.code).toBe(
      'PATH_CLAIM_IMPOSSIBLE',
    );
  });
});

describe('conflicts over HTTP', () => {
  it('are listed for the project and for either session, and acknowledged once', async () => {
    const [a, b, c] = [await session(), await session(), await session()];
    const runToken = 7;
    const { id: projectId } = await api.core.projects.get('default');
    // As the claims of their runs would.
    await api.core.database.transaction(async (tx) => {
      for (const id of [a, b]) await setFence(tx, projectId, id, runToken);
    });
    for (const sessionId of [a, b]) {
      await api.core.conflicts.writes(projectId, { workspaceId, sessionId, runToken }, ['notes.md']);
    }
    const { items, total } = (await call('GET', '/conflicts?path=notes.md')).json;
    expect([total, items]).toMatchObject([1, [{ kind: 'touch', bySession: b, acknowledgedAt: null }]]);
    expect(items[0].sessionIds.sort()).toEqual([a, b].sort());
    for (const [id, count] of [
      [a, 1],
      [b, 1],
      [c, 0],
    ] as const) {
      expect((await call('GET', `/sessions/${id}/conflicts`)).json.total).toBe(count);
    }
    const { id } = items[0];
    const first = await api.call('POST', `/api/v1/conflicts/${id}/acknowledge`, {
      headers: { 'x-signalbox-actor': 'ann' },
    });
    expect(first.json).toMatchObject({ id, acknowledgedBy: 'ann' });
    const again = await call('POST', `/conflicts/${id}/acknowledge`);
    expect(again.json).toEqual(first.json);
    expect((await call('GET', `/conflicts/${id}`)).json).toEqual(first.json);
    expect((await call('GET', '/conflicts?acknowledgedAt=null')).json.total).toBe(0);
    expect((await call('GET', `/conflicts/${a}`)).status).toBe(404);

    const map = 'services: { notes: { labels: { signalbox.dev/criticality: high, signalbox.dev/paths: notes.md } } }';
    await call('POST', '/topology/import', { format: 'compose', text: map });
    // Of those that there are.
    expect((await call('GET', `/conflicts/reach?ids=${id},${a}`)).json).toEqual({
      items: [{ conflictId: id, level: 'high', reasons: expect.arrayContaining([expect.stringContaining('notes')]) }],
    });
    expect((await call('GET', '/conflicts/reach?ids=no')).status).toBe(400);
  });
});
