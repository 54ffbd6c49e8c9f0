import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

let count = 0;
const create = async (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
  count += 1;
  const body = { title: `Mend the invoices ${count}`, initialPrompt: 'Find the rounding error.', ...more };
  return api.call('POST', '/api/v1/sessions', { body, headers });
};
const act = (id: string, verb: string, body?: unknown, headers?: Record<string, string>) =>
  api.call('POST', `/api/v1/sessions/${id}/${verb}`, {
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  });

describe('sessions over HTTP', () => {
  it('are pending when created (CTL-010), with an ETag and the defaults, created by nobody in open mode', async () => {
    const { status, headers, json } = await create();
    expect([status, headers.etag]).toEqual([201, '"1"']);
    expect(json).toMatchObject({
      status: 'pending',
      priority: 2,
      sessionType: 'execution',
      createdBy: null,
      version: 1,
    });
    const read = await api.call('GET', `/api/v1/sessions/${json.id}`);
    expect([read.status, read.json]).toEqual([200, json]);
    expect((await create({}, { 'x-signalbox-actor': 'mia' })).json.createdBy).toBe('mia');
  });

  it('refuse a mistyped field, status, filter, operator or sort key, by name, with 400', async () => {
    const { json } = await create();
    const answers = [
      ['initalPrompt', await create({ initalPrompt: 'x' })],
      ['runing', await api.call('GET', '/api/v1/sessions?status=runing')],
      ['staus', await api.call('GET', '/api/v1/sessions?staus=running')],
      ['gtt', await api.call('GET', '/api/v1/sessions?priority.gtt=1')],
      ['creatdAt', await api.call('GET', '/api/v1/sessions?sortBy=creatdAt')],
      ['page', await api.call('GET', '/api/v1/sessions?page=0')],
      ['pageSize', await api.call('GET', '/api/v1/sessions?pageSize=101')],
      ['sortOrder', await api.call('GET', '/api/v1/sessions?sortOrder=up')],
      [
        'done',
        await api.call('PATCH', `/api/v1/sessions/${json.id}`, {
          body: { status: 'done' },
          headers: { 'if-match': '"1"' },
        }),
      ],
      ['metrix', await api.call('GET', `/api/v1/sessions/${json.id}?include=metrix`)],
    ] as const;
    for (const [name, { status, json: problem }] of answers) {
      expect([name, status]).toEqual([name, 400]);
      expect(JSON.stringify(problem)).toContain(name === 'done' || name === 'metrix' ? '' : name);
    }
  });

  it('answer 404 for unknown ids and 400 for what is no id', async () => {
    const unknown = '01990000-0000-7000-8000-000000000000';
    for (const path of ['', '/metrics', '/tree', '/attempts', '/journal', '/checkpoints', '/checkpoints/1']) {
      const answer = await api.call('GET', `/api/v1/sessions/${unknown}${path}`);
      expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'SESSION_NOT_FOUND']);
    }
    for (const verb of ['start', 'pause', 'resume', 'stop', 'cancel', 'retry', 'restore']) {
      expect([verb, (await act(unknown, verb)).status]).toEqual([verb, 404]);
    }
    const gone = await api.call('DELETE', `/api/v1/sessions/${unknown}`, { headers: { 'if-match': '"1"' } });
    expect(gone.status).toBe(404);
    expect((await api.call('GET', '/api/v1/sessions/not-an-id')).status).toBe(400);
  });

  it('list with filters, pages and cursors', async () => {
    const tag = `list-${count}`;
    await Promise.all([0, 1, 2, 3, 4].map((priority) => create({ priority, tags: [tag] })));
    const filter = `tags.json_contains=${encodeURIComponent(JSON.stringify([tag]))}`;
    const list = (more: string) => api.call('GET', `/api/v1/sessions?${filter}&${more}`);
    expect((await list('priority.gte=3')).json.total).toBe(2);
    expect((await list('priority=0')).json.total).toBe(1);
    expect((await list('priority.in=0,1,2')).json.total).toBe(3);
    const first = (await list('sortBy=priority&pageSize=2')).json;
    expect(first).toMatchObject({ total: 5, page: 1, pageSize: 2, totalPages: 3 });
    const next = (await list(`sortBy=priority&pageSize=2&cursor=${encodeURIComponent(first.nextCursor)}`)).json;
    expect([...first.items, ...next.items].map((session: { priority: number }) => session.priority)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it('search, count and watch over themselves', async () => {
    const made = await create({ title: 'Untangle the zebra scheduler', description: 'A rare word.' });
    const found = await api.call('GET', '/api/v1/sessions/search?q=zebra');
    expect(found.json.items.map((session: { id: string }) => session.id)).toEqual([made.json.id]);
    expect(found.json.items[0].rank).toBeGreaterThan(0);
    expect((await api.call('GET', '/api/v1/sessions/search')).status).toBe(400);
    const stats = (await api.call('GET', '/api/v1/sessions/stats')).json;
    expect(stats.statusDistribution[0]).toMatchObject({ status: 'pending' });
    const monitor = (await api.call('GET', '/api/v1/sessions/monitor')).json;
    expect(monitor.activeSessionsCount).toBeGreaterThan(0);
  });

  it('go through their life by the verbs, the version optional on each', async () => {
    const { json } = await create();
    expect((await act(json.id, 'start')).json.status).toBe('running');
    const stale = await act(json.id, 'pause', undefined, { 'if-match': '"1"' });
    expect([stale.status, stale.json]).toEqual([412, expect.objectContaining({ expected: 2, received: 1 })]);
    expect((await act(json.id, 'pause', undefined, { 'if-match': '"2"' })).json.status).toBe('paused');
    expect((await act(json.id, 'pause')).json.code).toBe('INVALID_TRANSITION');
    expect((await act(json.id, 'resume')).json.status).toBe('running');
    const failed = await act(json.id, 'fail', { error: 'out of ideas', errorContext: { at: 'line 3' } });
    expect(failed.json.status).toBe('failed');
    const again = await act(json.id, 'retry', { start: true });
    expect(again.json).toMatchObject({ status: 'running', attempt: 2 });
    const done = await act(json.id, 'complete', { result: { diff: '+1' }, successRate: 1 });
    expect([done.json.status, done.headers.etag]).toEqual(['completed', `"${done.json.version}"`]);
    const attempts = (await api.call('GET', `/api/v1/sessions/${json.id}/attempts`)).json;
    expect(attempts.items).toEqual([expect.objectContaining({ attempt: 1, status: 'failed' })]);
    const metrics = (await api.call('GET', `/api/v1/sessions/${json.id}/metrics`)).json;
    expect(metrics).toMatchObject({ result: { diff: '+1' }, isRecoverable: false });
  });

  it('are changed under their version, deleted softly, shown with includeDeleted, restored, and deleted for good', async () => {
    const { json } = await create({ metadata: { a: 1, b: 2 } });
    const url = `/api/v1/sessions/${json.id}`;
    expect((await api.call('PATCH', url, { body: { priority: 1 } })).status).toBe(428);
    const changed = await api.call('PATCH', url, {
      body: { priority: 0, metadata: { a: null, c: 3 } },
      headers: { 'if-match': '"1"' },
    });
    expect(changed.json).toMatchObject({ priority: 0, metadata: { b: 2, c: 3 }, version: 2 });
    expect((await api.call('DELETE', url, { headers: { 'if-match': '"1"' } })).status).toBe(412);
    const deleted = await api.call('DELETE', url, { headers: { 'if-match': '"2"' } });
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await api.call('GET', url)).status).toBe(404);
    const shown = await api.call('GET', `${url}?includeDeleted=true`);
    expect(shown.json.deletedAt).not.toBeNull();
    const restored = await act(json.id, 'restore');
    expect(restored.json.deletedAt).toBeNull();
    const etag = String(restored.headers.etag);
    expect((await api.call('DELETE', `${url}?hard=true`, { headers: { 'if-match': etag } })).status).toBe(204);
    expect((await api.call('GET', `${url}?includeDeleted=true`)).status).toBe(404);
  });

  it('change many at once, and say which were left out and why', async () => {
    const [one, two] = await Promise.all([create(), create()]);
    await act(two.json.id, 'start');
    const ids = [one.json.id, two.json.id, '01990000-0000-7000-8000-000000000000'];
    const { json } = await api.call('POST', '/api/v1/sessions/status', { body: { ids, status: 'stopped' } });
    expect(json.changed).toBe(1);
    expect(json.skipped.map((skipped: { reason: string }) => skipped.reason).sort()).toEqual([
      'INVALID_TRANSITION',
      'SESSION_NOT_FOUND',
    ]);
    const cleaned = await api.call('POST', '/api/v1/sessions/cleanup', { body: { olderThanDays: 1 } });
    expect(cleaned.json).toMatchObject({ sessionsCleaned: 0, errors: 0, lastError: null });
  });

  it('keep a journal: appended in order, doubled by nobody, read from any place', async () => {
    const { json } = await create();
    const url = `/api/v1/sessions/${json.id}/journal`;
    const events = [1, 2, 3].map((n) => ({
      eventId: crypto.randomUUID(),
      type: 'output',
      actor: 'ci',
      payload: { n },
    }));
    const first = await api.call('POST', url, { body: { events } });
    expect([first.status, first.json.items.map((item: { seq: number }) => item.seq)]).toEqual([200, [1, 2, 3]]);
    const again = await api.call('POST', url, { body: { events: events.slice(1) } });
    expect(again.json.items).toEqual([
      { seq: 2, eventId: events[1]?.eventId, duplicate: true },
      { seq: 3, eventId: events[2]?.eventId, duplicate: true },
    ]);
    const read = (await api.call('GET', `${url}?afterSeq=1&pageSize=1`)).json;
    expect(read).toMatchObject({ total: 2, pageSize: 1, nextAfterSeq: 2 });
    expect(read.items[0].payload).toEqual({ n: 2 });
    const latest = (await api.call('GET', `${url}?order=desc&pageSize=1`)).json;
    expect(latest.items[0].seq).toBe(3);
    expect((await api.call('GET', `${url}?types=output,message&actor=ci`)).json.total).toBe(3);
    for (const query of ['types=outptu', 'pageSize=1001', 'afterSeq=-1', 'order=up', 'actr=ci']) {
      expect([query, (await api.call('GET', `${url}?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('refuse journal events that are not, and keep none of an append that has one', async () => {
    const { json } = await create();
    const url = `/api/v1/sessions/${json.id}/journal`;
    const good = { type: 'output', actor: 'ci' };
    for (const body of [
      {},
      { events: [] },
      { events: 'x' },
      { events: [good], more: 1 },
      { events: [good, { type: 'outptu', actor: 'ci' }] },
      { events: [good, { type: 'output' }] },
      { events: [{ ...good, unknown: true }] },
      { events: Array(501).fill(good) },
    ]) {
      const answer = await api.call('POST', url, { body });
      expect([JSON.stringify(body).slice(0, 60), answer.status]).toEqual([JSON.stringify(body).slice(0, 60), 400]);
    }
    expect((await api.call('GET', url)).json.total).toBe(0);
  });

  it('keep large payloads apart, whole', async () => {
    const { json } = await create();
    const url = `/api/v1/sessions/${json.id}/journal`;
    const payload = { text: 'x'.repeat(2_000_000) };
    expect((await api.call('POST', url, { body: { events: [{ type: 'output', actor: 'ci', payload }] } })).status).toBe(
      200,
    );
    const [event] = (await api.call('GET', url)).json.items;
    expect(event.payload).toBeNull();
    expect((await api.call('GET', `${url}/payloads/${event.payloadDigest}`)).json).toEqual(payload);
    expect((await api.call('GET', `${url}/payloads/${'0'.repeat(64)}`)).json.code).toBe('PAYLOAD_NOT_FOUND');
  });

  it('have checkpoints, a tree and members', async () => {
    const parent = (await create()).json;
    const child = (await create({ parentId: parent.id })).json;
    const url = `/api/v1/sessions/${parent.id}`;
    const checkpoint = await api.call('POST', `${url}/checkpoints`, { body: { data: { step: 1 } } });
    expect([checkpoint.status, checkpoint.json.sequence]).toEqual([201, 1]);
    await api.call('POST', `${url}/checkpoints`, { body: { data: { step: 2 } } });
    const listed = (await api.call('GET', `${url}/checkpoints?sortOrder=desc&pageSize=1`)).json;
    expect([listed.total, listed.items[0].sequence]).toEqual([2, 2]);
    expect((await api.call('GET', `${url}/checkpoints/1`)).json.data).toEqual({ step: 1 });
    expect((await api.call('GET', `${url}/checkpoints/9`)).json.code).toBe('CHECKPOINT_NOT_FOUND');
    const tree = (await api.call('GET', `${url}/tree`)).json;
    expect(tree.children.map((node: { id: string }) => node.id)).toEqual([child.id]);
    expect((await act(parent.id, 'join', { agent: 'mia' })).json.agentIds).toEqual(['mia']);
    expect((await act(parent.id, 'leave', { agent: 'mia' })).json.agentIds).toEqual([]);
    const detail = (await api.call('GET', `${url}?include=metrics,checkpoints,children`)).json;
    expect(detail).toMatchObject({ childIds: [child.id], metrics: { checkpointCount: 2 } });
    expect(detail.checkpoints).toHaveLength(2);
  });

  it('belong to their project: another does not see them', async () => {
    const { json } = await create();
    await api.call('POST', '/api/v1/projects', { body: { slug: 'others' } });
    const headers = { 'x-signalbox-project': 'others' };
    expect((await api.call('GET', `/api/v1/sessions/${json.id}`, { headers })).status).toBe(404);
    expect((await api.call('GET', '/api/v1/sessions', { headers })).json.total).toBe(0);
    expect((await act(json.id, 'start', undefined, headers)).status).toBe(404);
  });

  it('are created once under one idempotency key', async () => {
    const body = { title: 'Once and no more', initialPrompt: 'x' };
    const send = () => api.call('POST', '/api/v1/sessions', { body, headers: { 'idempotency-key': 's-1' } });
    const [first, again] = [await send(), await send()];
    expect(again.json.id).toBe(first.json.id);
    expect((await api.call('GET', '/api/v1/sessions?title=Once%20and%20no%20more')).json.total).toBe(1);
  });
});
