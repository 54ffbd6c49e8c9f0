import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../client.ts';
import { hangUp, json, problem, type ScriptedServer, type Step, scriptedServer } from '../testing/scripted-server.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const PAGE = { items: [], total: 0, page: 1, pageSize: 20, nextCursor: null };
const retry = { attempts: 4, firstMs: 1, maxMs: 2 };

async function clientOf(...steps: [Step, ...Step[]]) {
  server = await scriptedServer(...steps);
  return { client: createClient({ baseUrl: `${server.url}/`, retry }), requests: server.requests };
}

describe('calls of the client', () => {
  it('repeat a read when the connection breaks before the answer', async () => {
    const { client, requests } = await clientOf(hangUp, hangUp, json(200, PAGE));
    expect(await client.sessions.list()).toEqual(PAGE);
    expect(requests).toHaveLength(3);
  });

  it('repeat a read when the connection breaks within the answer', async () => {
    const half: Step = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"items":', () => response.destroy());
    };
    const { client, requests } = await clientOf(half, json(200, PAGE));
    expect(await client.sessions.list()).toEqual(PAGE);
    expect(requests).toHaveLength(2);
  });

  it('give a read up after the last attempt, saying where nobody answered', async () => {
    const { client, requests } = await clientOf(hangUp);
    await expect(client.sessions.list()).rejects.toMatchObject({
      name: 'ServerUnreachableError',
      baseUrl: server?.url,
    });
    expect(requests).toHaveLength(4);
  });

  it('never repeat a write: whether it arrived is not known', async () => {
    const { client, requests } = await clientOf(hangUp, json(201, {}));
    await expect(client.workspaces.create({ path: '/srv' })).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(requests).toHaveLength(1);
  });

  it('stop repeating when aborted', async () => {
    server = await scriptedServer(hangUp);
    const client = createClient({ baseUrl: server.url, retry: { attempts: 1000, firstMs: 5, maxMs: 5 } });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    await expect(client.sessions.list({}, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests.length).toBeLessThan(1000);
  });

  it('give creating calls an idempotency key each, and keep the caller’s own', async () => {
    const { client, requests } = await clientOf(json(201, {}));
    await client.workspaces.create({ path: '/a' });
    await client.workspaces.create({ path: '/b' });
    await client.workspaces.create({ path: '/c' }, { idempotencyKey: 'mine' });
    const keys = requests.map((request) => request.headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe('mine');
  });

  it('send the version of a change as its precondition, and of an action only where given', async () => {
    const { client, requests } = await clientOf(json(200, {}));
    await client.sessions.update('id', 7, { title: 'New' });
    await client.sessions.delete('id', 8);
    await client.sessions.cancel('id');
    await client.sessions.cancel('id', { version: 9 });
    expect(requests.map((request) => request.headers['if-match'])).toEqual(['"7"', '"8"', undefined, '"9"']);
  });

  it('carry key, project and actor, and filters with their operators', async () => {
    server = await scriptedServer(json(200, PAGE));
    const client = createClient({ baseUrl: server.url, token: 'secret', project: 'acme', actor: 'ada' });
    await client.sessions.list({ status: 'running', 'priority.lte': 1, page: undefined });
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-signalbox-project': 'acme',
      'x-signalbox-actor': 'ada',
    });
    expect(request?.url).toBe('/api/v1/sessions?status=running&priority.lte=1');
  });

  it('throw problem documents with their code and all members', async () => {
    const { client } = await clientOf(problem(404, 'SESSION_NOT_FOUND', 'There is no session x.'));
    await expect(client.sessions.get('x')).rejects.toMatchObject({
      name: 'ApiError',
      code: 'SESSION_NOT_FOUND',
      status: 404,
      message: 'There is no session x.',
      problem: { title: 'SESSION_NOT_FOUND' },
    });
  });

  it('throw an error also for an answer that is no problem document', async () => {
    const { client } = await clientOf((_request, response) => {
      response.writeHead(502, 'Bad Gateway', { 'content-type': 'text/html' }).end('<h1>proxy</h1>');
    });
    await expect(client.sessions.get('x')).rejects.toMatchObject({
      code: 'HTTP_ERROR',
      status: 502,
      message: 'The server answered 502 Bad Gateway: <h1>proxy</h1>',
    });
  });
});
