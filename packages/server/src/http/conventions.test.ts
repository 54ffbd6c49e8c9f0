import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignalboxError } from '@signalbox/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const create = (body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/v1/projects', { body, headers });

describe('problem documents', () => {
  it('have the form of RFC 9457, a stable code and the trace id', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await api.call('GET', '/api/v1/projects/absent', { headers: { traceparent } });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json).toMatchObject({
      type: 'urn:signalbox:problem:project-not-found',
      title: 'Not Found',
      status: 404,
      code: 'PROJECT_NOT_FOUND',
      detail: expect.stringContaining('absent'),
      instance: '/api/v1/projects/absent',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      project: 'absent',
    });
    expect(answer.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  });

  it('make a trace id of their own where none is given, or a broken one', async () => {
    const traces = await Promise.all(
      ['', 'rubbish', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`].map(async (traceparent) => {
        const { json } = await api.call('GET', '/api/v1/projects/absent', { headers: { traceparent } });
        return json.traceId as string;
      }),
    );
    expect(traces.every((trace) => /^[0-9a-f]{32}$/.test(trace) && !/^0+$/.test(trace))).toBe(true);
    expect(new Set(traces).size).toBe(3);
  });

  it('answer 404 for unknown routes and 405 for other methods, naming those that are taken', async () => {
    const unknown = await api.call('GET', '/api/v1/nothing');
    expect([unknown.status, unknown.json.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const other = await api.call('DELETE', '/api/v1/projects', { headers: { 'if-match': '"1"' } });
    expect([other.status, other.json.code, other.headers.allow]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, POST']);
  });

  it('name the field that is wrong, and one that is not known', async () => {
    const wrong = await create({ slug: 'Not A Slug', settings: {} });
    expect([wrong.status, wrong.json.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(wrong.json.problems).toEqual([expect.objectContaining({ path: 'slug' })]);
    const unknown = await create({ slug: 'fine', nmae: 'x' });
    expect([unknown.status, unknown.json.code, unknown.json.field]).toEqual([400, 'UNKNOWN_FIELD', 'nmae']);
  });

  it('tell nothing of a defect of ours, and log it under the trace id', async () => {
    const original = api.core.projects.list;
    api.core.projects.list = () => Promise.reject(new TypeError('secret internals'));
    try {
      const answer = await api.call('GET', '/api/v1/projects');
      expect([answer.status, answer.json.code]).toEqual([500, 'INTERNAL_ERROR']);
      expect(answer.text).not.toContain('secret internals');
      expect(answer.json.detail).toContain(answer.json.traceId);
    } finally {
      api.core.projects.list = original;
    }
  });

  it('say 503 with retry-after while there is no database', async () => {
    const original = api.core.projects.list;
    api.core.projects.list = () => Promise.reject(new SignalboxError('DATABASE_UNAVAILABLE'));
    try {
      const answer = await api.call('GET', '/api/v1/projects');
      expect([answer.status, answer.json.code, answer.headers['retry-after']]).toEqual([
        503,
        'DATABASE_UNAVAILABLE',
        '1',
      ]);
    } finally {
      api.core.projects.list = original;
    }
  });
});

describe('lists', () => {
  it('refuse page 0, page size 101 and mistyped parameters, by name', async () => {
    for (const [query, name] of [
      ['page=0', 'page'],
      ['pageSize=101', 'pageSize'],
      ['pageSize=0', 'pageSize'],
      ['page=one', 'page'],
      ['pgae=1', 'pgae'],
    ]) {
      const answer = await api.call('GET', `/api/v1/projects?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
      expect(JSON.stringify(answer.json)).toContain(name);
    }
  });

  it('answer items, total, page and pageSize', async () => {
    await Promise.all(['list-a', 'list-b', 'list-c'].map((slug) => create({ slug })));
    const { json } = await api.call('GET', '/api/v1/projects?page=2&pageSize=2');
    expect(json).toMatchObject({ page: 2, pageSize: 2 });
    expect(json.items.length).toBeGreaterThan(0);
    expect(json.total).toBeGreaterThanOrEqual(4);
  });
});

describe('versions', () => {
  it('are the ETag, are asked for on PATCH and DELETE (428), and exactly one of two writers wins (412 with both)', async () => {
    const made = await create({ slug: 'versioned' });
    expect([made.status, made.headers.etag]).toEqual([201, '"1"']);
    const patch = (headers: Record<string, string>, name: string) =>
      api.call('PATCH', '/api/v1/projects/versioned', { body: { name }, headers });
    const without = await patch({}, 'x');
    expect([without.status, without.json.code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    const both = await Promise.all([patch({ 'if-match': '"1"' }, 'first'), patch({ 'if-match': '"1"' }, 'second')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const lost = both.find(({ status }) => status === 412);
    expect(lost?.json).toMatchObject({ code: 'OPTIMISTIC_LOCK', expected: 2, received: 1 });
    const won = both.find(({ status }) => status === 200);
    const now = await api.call('GET', '/api/v1/projects/versioned');
    expect([now.headers.etag, now.json.name]).toEqual(['"2"', won?.json.name]);
  });

  it('refuse what is no version', async () => {
    for (const value of ['*', 'abc', '"x"', '"1", "2"']) {
      const answer = await api.call('PATCH', '/api/v1/projects/default', {
        body: { name: 'x' },
        headers: { 'if-match': value },
      });
      expect([value, answer.status, answer.json.code]).toEqual([value, 400, 'INVALID_IF_MATCH']);
    }
  });
});

describe('idempotency keys', () => {
  it('answer the same request with the same answer, marked as a repeat, and do it once', async () => {
    const path = mkdtempSync(join(tmpdir(), 'signalbox-idem-'));
    const send = () =>
      api.call('POST', '/api/v1/workspaces', { body: { path }, headers: { 'idempotency-key': 'ws-1' } });
    const first = await send();
    const again = await send();
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect([again.status, again.headers['idempotency-replayed'], again.text]).toEqual([201, 'true', first.text]);
    expect(again.headers.etag).toBe(first.headers.etag);
    expect((await api.call('POST', '/api/v1/workspaces', { body: { path } })).status).toBe(409);
  });

  it('refuse another request under the same key', async () => {
    const headers = { 'idempotency-key': 'p-1' };
    expect((await create({ slug: 'idem-one' }, headers)).status).toBe(201);
    const other = await create({ slug: 'idem-two' }, headers);
    expect([other.status, other.json.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
  });

  it('let one of many simultaneous requests do the work', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => create({ slug: 'idem-many' }, { 'idempotency-key': 'p-2' })),
    );
    const done = answers.filter(
      ({ status, headers }) => status === 201 && headers['idempotency-replayed'] === undefined,
    );
    expect(done).toHaveLength(1);
    for (const { status, json } of answers) {
      expect(status === 201 || json.code === 'IDEMPOTENCY_IN_PROGRESS').toBe(true);
    }
  });

  it('are free again after a request that failed', async () => {
    const headers = { 'idempotency-key': 'p-3' };
    expect((await create({ slug: 'Not Valid' }, headers)).status).toBe(400);
    expect((await create({ slug: 'default' }, headers)).status).toBe(409);
    expect((await create({ slug: 'idem-three' }, headers)).status).toBe(201);
  });

  it('never keep the secret of a key', async () => {
    const send = () =>
      api.call('POST', '/api/v1/keys', { body: { name: 'ci' }, headers: { 'idempotency-key': 'k-1' } });
    const first = await send();
    const again = await send();
    expect(first.json.secret).toMatch(/^sbx_/);
    expect(again.json).toEqual({ ...first.json, secret: null });
  });

  it('have 1 to 255 characters', async () => {
    const answer = await create({ slug: 'idem-long' }, { 'idempotency-key': 'k'.repeat(256) });
    expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_IDEMPOTENCY_KEY']);
  });
});

describe('the server around the API', () => {
  it('serves the OpenAPI document', async () => {
    const { status, json } = await api.call('GET', '/api/v1/openapi.json');
    expect([status, json.openapi]).toEqual([200, '3.1.0']);
  });

  it('sends headers that keep pages from framing, sniffing and loading from elsewhere', async () => {
    const { headers } = await api.call('GET', '/api/v1/projects');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });

  it('tells its health, and counts its requests by route', async () => {
    expect((await api.call('GET', '/health')).json).toMatchObject({
      status: 'ok',
      components: { database: { status: 'ok' } },
    });
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    await api.call('GET', '/api/v1/projects/default');
    const { text } = await api.call('GET', '/metrics');
    expect(text).toMatch(
      /signalbox_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/projects\/:slugOrId",status="200"\} [1-9]/,
    );
  });

  it('answers 503 once it is stopping, and is alive all the same', async () => {
    const starting = await openApi();
    try {
      starting.readiness.stopping();
      const answer = await starting.call('GET', '/api/v1/projects');
      expect([answer.status, answer.json.code]).toEqual([503, 'STOPPING']);
      expect((await starting.call('GET', '/health/ready')).status).toBe(503);
      expect((await starting.call('GET', '/health/live')).status).toBe(200);
    } finally {
      await starting.close();
    }
  });
});
