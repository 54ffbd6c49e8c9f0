import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const create = (raw: string | Buffer, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/v1/projects', { raw, headers });

describe('hostile input', () => {
  // Whatever was thrown at it: the server is alive and works.
  afterEach(async () => {
    expect((await api.call('GET', '/api/v1/projects')).status).toBe(200);
  });

  it('refuses a host name that was rebound to this address', async () => {
    for (const host of [
      'evil.example',
      'evil.example:4780',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      'evil example',
    ]) {
      const answer = await api.call('GET', '/api/v1/projects', { headers: { host } });
      expect([host, answer.status, answer.json.code]).toEqual([host, 421, 'HOST_NOT_ALLOWED']);
    }
  });

  it('refuses a rebound host name also for health, the page and unknown addresses', async () => {
    for (const url of ['/health', '/', '/nowhere', '/metrics', '/api/v1/openapi.json']) {
      expect([url, (await api.call('GET', url, { headers: { host: 'evil.example' } })).status]).toEqual([url, 421]);
    }
  });

  it('answers for loopback names and allowed hosts', async () => {
    for (const host of ['localhost:4780', '127.0.0.1', '[::1]:4780', 'LOCALHOST']) {
      expect([host, (await api.call('GET', '/api/v1/projects', { headers: { host } })).status]).toEqual([host, 200]);
    }
  });

  it('refuses a cross-site form post, by its origin and by its type', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const foreign = await create('slug=owned', { ...form, origin: 'https://evil.example' });
    expect([foreign.status, foreign.json.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await create('{"slug":"owned"}', { 'content-type': type });
      expect([type, answer.status, answer.json.code]).toEqual([type, 415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
    expect((await api.call('GET', '/api/v1/projects/owned')).status).toBe(404);
  });

  it('refuses unsafe methods with a foreign origin or from another site, and takes its own', async () => {
    const send = (headers: Record<string, string>) => create('{"slug":"from-page"}', headers);
    expect((await send({ origin: 'http://127.0.0.1:9999' })).status).toBe(403);
    expect((await send({ origin: 'null' })).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await send({ origin: 'http://127.0.0.1:4780', 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('refuses a foreign origin on the event stream', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<
      string,
      string
    >[]) {
      const answer = await api.call('GET', '/api/v1/events', { headers });
      expect([answer.status, answer.json.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    }
  });

  it('never allows other origins to read (no CORS), also not in preflights', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const answer of [
      await api.call('OPTIONS', '/api/v1/projects', { headers: preflight }),
      await api.call('GET', '/api/v1/projects', { headers: { origin: 'https://evil.example' } }),
    ]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('refuses a body that is too large', async () => {
    const answer = await create(`{"slug":"${'a'.repeat(2_000_000)}"}`);
    expect([answer.status, answer.json.code]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(answer.json.limit).toBe(1_048_576);
  });

  it('refuses a 50 MB body over a real connection, with and without a length', async () => {
    const address = await api.app.listen({ port: 0, host: '127.0.0.1' });
    const send = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const outgoing = request(`${address}/api/v1/projects`, { method: 'POST', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        // The server answers and hangs up while we still send.
        outgoing.on('error', (error) => ('code' in error && error.code === 'EPIPE' ? undefined : reject(error)));
        const chunk = Buffer.alloc(1_000_000, 0x20);
        for (let sent = 0; sent < 50; sent++) outgoing.write(chunk);
        outgoing.end();
      });
    const json = { 'content-type': 'application/json' };
    expect(await send({ ...json, 'content-length': '50000000' })).toBe(413);
    expect(await send(json)).toBe(413);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const answer = await create(Buffer.from([0x7b, 0x22, 0x73, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
    expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_JSON']);
  });

  it('refuses __proto__ keys and constructor.prototype, however they are spelt', async () => {
    for (const raw of [
      '{"slug":"p1","settings":{"__proto__":{"admin":true}}}',
      '{"slug":"p1","settings":{"\\u005f_proto__":{"admin":true}}}',
      '{"slug":"p1","__proto__":{"settings":{}}}',
      '{"slug":"p1","settings":{"constructor":{"prototype":{"admin":true}}}}',
      '{"slug":"p1","settings":{"list":[{"__proto__":null}]}}',
    ]) {
      const answer = await create(raw);
      expect([raw, answer.status, answer.json.code]).toEqual([raw, 400, 'FORBIDDEN_KEY']);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes the words themselves where they are no such keys', async () => {
    const settings = { note: 'see __proto__ and constructor', constructor: 'a builder' };
    const answer = await create(JSON.stringify({ slug: 'harmless', settings }));
    expect(answer.status).toBe(201);
    expect(answer.json.settings).toEqual(settings);
  });

  it('refuses NUL in text, in bodies, queries, paths and headers', async () => {
    const answers = [
      await create('{"slug":"n1","name":"a\\u0000b"}'),
      await create('{"slug":"n1","settings":{"deep":["a\\u0000b"]}}'),
      await create('{"slug":"n1","settings":{"a\\u0000b":1}}'),
      await api.call('GET', '/api/v1/projects?page=%00'),
      await api.call('GET', '/api/v1/projects/%00'),
      await api.call('GET', '/api/v1/nowhere%00'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 404]);
    expect(answers.slice(0, 3).map(({ json }) => json.code)).toEqual(Array(3).fill('INVALID_TEXT'));
  });

  it('refuses half of a surrogate pair', async () => {
    const answer = await create('{"slug":"half","name":"\\ud800"}');
    expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_TEXT']);
  });

  it('refuses JSON nested 10,000 deep, in objects and lists, and takes 90', async () => {
    const lists = (depth: number) =>
      `{"slug":"deep-${depth}","settings":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    const objects = `{"slug":"deep","settings":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    for (const raw of [lists(10_000), objects, '['.repeat(1_000_000)]) {
      const answer = await create(raw);
      expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_JSON']);
    }
    expect((await create(lists(90))).status).toBe(201);
  });

  it('counts brackets in strings as text', async () => {
    const name = `${'['.repeat(150)}\\"${'{'.repeat(20)}`;
    expect((await create(`{"slug":"brackets","name":"${name}"}`)).status).toBe(201);
  });

  it('refuses broken and missing JSON', async () => {
    for (const raw of ['{"slug":', 'slug', '{"slug":"a"} trailing', "{'slug':'a'}", '\u0000']) {
      const answer = await create(raw);
      expect([raw, answer.status, answer.json.code]).toEqual([raw, 400, 'INVALID_JSON']);
    }
    const empty = await api.call('POST', '/api/v1/projects');
    expect([empty.status, empty.json.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('refuses addresses with broken escapes', async () => {
    const answer = await api.call('GET', '/api/v1/projects/%ff%zz');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  it('keeps paths inside the workspace: dots, absolute paths, links, NUL', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'signalbox-outside-'));
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    const path = mkdtempSync(join(tmpdir(), 'signalbox-ws-'));
    writeFileSync(join(path, 'inside.txt'), 'hello');
    symlinkSync(outside, join(path, 'link'));
    const { json: workspace } = await api.call('POST', '/api/v1/workspaces', { body: { path } });
    const read = (file: string) =>
      api.call('GET', `/api/v1/workspaces/${workspace.id}/files/content?path=${encodeURIComponent(file)}`);
    expect((await read('inside.txt')).json.text).toBe('hello');
    for (const file of [
      '../',
      '../../etc/passwd',
      '/etc/passwd',
      'link/secret.txt',
      'a/../../x',
      `${outside}/secret.txt`,
    ]) {
      const answer = await read(file);
      expect([file, answer.status, answer.json.code]).toEqual([file, 400, 'PATH_OUTSIDE_WORKSPACE']);
    }
    expect((await read('inside.txt\0.png')).status).toBe(400);
  });

  it('does not hand over the files of the machine by way of the dashboard', async () => {
    for (const url of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/..%2f..%2f..%2fpackage.json',
    ]) {
      const answer = await api.call('GET', url);
      expect([url, answer.text.includes('@signalbox')]).toEqual([url, false]);
    }
  });

  it('stays up when a client hangs up amid its body', async () => {
    const probe = createServer().listen(0);
    probe.close();
    const { port } = api.app.server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const outgoing = request({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/api/v1/projects',
        headers: { 'content-type': 'application/json', 'content-length': '100' },
      });
      outgoing.on('error', () => resolve());
      outgoing.write('{"slug":');
      setTimeout(() => outgoing.destroy(new Error('gone')), 20);
    });
  });
});
