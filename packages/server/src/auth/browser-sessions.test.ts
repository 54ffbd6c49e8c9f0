import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { A2A_PATH } from '../a2a/agent-card.ts';
import { OPERATIONS } from '../contract/api.ts';
import { routeOf } from '../http/serve-operation.ts';
import { MCP_PATH } from '../mcp/mcp-route.ts';
import { type ApiHarness, type CallOptions, openApi } from '../testing/api-harness.ts';
import { EventReader } from '../testing/event-reader.ts';

const ORIGIN = 'http://127.0.0.1:4780';
const BASE = '/api/v1';

describe('signed in by cookie', () => {
  let api: ApiHarness;
  let projectId: string;
  let keySecret: string;
  let key: { id: string; version: number };
  let cookie: string;
  let csrf: string;

  beforeAll(async () => {
    api = await openApi({ environment: { SIGNALBOX_AUTH: 'required', SIGNALBOX_RATE_LIMIT: '0' } });
    projectId = (await api.core.projects.get('default')).id;
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ({ key, secret: keySecret } = await api.core.keys.create(projectId, { name: 'ada', role: 'admin' }, 'test'));
    cookie = await signIn(keySecret);
    csrf = (await by(cookie, 'GET', '/identity')).json.csrfToken;
  });

  const open = (secret: string, headers: Record<string, string> = {}) =>
    api.call('POST', `${BASE}/browser-sessions`, {
      headers: { authorization: `Bearer ${secret}`, origin: ORIGIN, ...headers },
    });
  async function signIn(secret: string): Promise<string> {
    return String((await open(secret)).headers['set-cookie']).split(';')[0] ?? '';
  }
  const by = (sent: string, method: string, path: string, options: CallOptions = {}) =>
    api.call(method, `${BASE}${path}`, { ...options, headers: { cookie: sent, ...options.headers } });
  const good = () => ({ origin: ORIGIN, 'x-signalbox-csrf': csrf });

  it('the cookie cannot be read by pages nor sent from other sites, and holds for the key’s role and project alone', async () => {
    const { status, headers, text, json } = await open(keySecret);
    expect([status, json]).toMatchObject([201, { keyName: 'ada', role: 'admin', projectId }]);
    const set = String(headers['set-cookie']);
    expect(set).toMatch(/^signalbox-session-4780=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(text).not.toContain(/=([\w-]+);/.exec(set)?.[1]);
    const secure = await open(keySecret, { host: 'localhost:4780', origin: 'https://localhost:4780' });
    const hostOnly = String(secure.headers['set-cookie']);
    expect(hostOnly).toMatch(/^__Host-signalbox-session-4780=[\w-]{43}; .*Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    // What a neighbour in the domain sets does not come before it.
    const planted = `signalbox-session-4780=planted; ${hostOnly.split(';')[0]}`;
    expect((await by(planted, 'GET', '/identity')).json).toMatchObject({ actor: 'ada' });
    const identity = {
      actor: 'ada',
      role: 'admin',
      project: projectId,
      csrfToken: expect.stringMatching(/^[\w-]{43}$/),
    };
    expect((await by(cookie, 'GET', '/identity')).json).toMatchObject(identity);
    const shown = { headers: { authorization: `Bearer ${keySecret}` } };
    const unsigned = { actor: 'ada', browserSessionId: null, csrfToken: null };
    expect((await api.call('GET', `${BASE}/identity`, shown)).json).toMatchObject(unsigned);
    expect((await open('sbx_wrong')).status).toBe(401);
    // Of another server on this machine.
    expect((await by(cookie.replace('4780', '4781'), 'GET', '/identity')).status).toBe(401);
  });

  it('every operation that changes something is refused without the token, with another’s, and from no page or another site’s', async () => {
    const other = (await by(await signIn(keySecret), 'GET', '/identity')).json.csrfToken;
    const { 'x-signalbox-csrf': _token, ...withoutToken } = good();
    const refused: [string, Record<string, string>, string][] = [
      ['no token', withoutToken, 'CSRF_TOKEN_INVALID'],
      ['another’s token', { ...good(), 'x-signalbox-csrf': other }, 'CSRF_TOKEN_INVALID'],
      ['no page', { 'x-signalbox-csrf': csrf }, 'ORIGIN_NOT_ALLOWED'],
      ['another site', { ...good(), origin: 'https://evil.example' }, 'ORIGIN_NOT_ALLOWED'],
    ];
    for (const [index, operation] of OPERATIONS.filter(({ method }) => method !== 'GET').entries()) {
      const path = routeOf(operation).slice(BASE.length).replace(/:\w+/g, '00000000-0000-7000-8000-000000000000');
      // It is decided in one place: all of the reasons are tried on a few only.
      for (const [why, headers, code] of refused.slice(0, index < 3 ? refused.length : 1)) {
        const { status, json } = await by(cookie, operation.method, path, { headers });
        expect([operation.id, why, status, json?.code]).toEqual([operation.id, why, 403, code]);
      }
    }
    for (const path of [MCP_PATH, A2A_PATH]) {
      const { status } = await api.call('POST', path, { body: {}, headers: { cookie, ...withoutToken } });
      expect([path, status]).toEqual([path, 403]);
    }
    expect((await by(cookie, 'GET', '/sessions')).status).toBe(200);
    const made = await by(cookie, 'POST', '/sessions', {
      body: { title: 'By page', initialPrompt: 'x' },
      headers: good(),
    });
    expect([made.status, made.json.createdBy]).toEqual([201, 'ada']);
    const own = { 'x-signalbox-csrf': csrf, 'sec-fetch-site': 'same-origin' };
    expect((await by(cookie, 'POST', '/keys', { body: { name: 'k' }, headers: own })).status).toBe(201);
  });

  it('signing in anew ends what the browser had', async () => {
    const renewed = await open(keySecret, { cookie });
    expect(renewed.status).toBe(201);
    expect((await by(cookie, 'GET', '/identity')).status).toBe(401);
    const next = String(renewed.headers['set-cookie']).split(';')[0] ?? '';
    expect((await by(next, 'GET', '/identity')).status).toBe(200);
  });

  it('signing out ends it for whoever has the cookie, and takes the cookie back', async () => {
    const kept = await signIn(keySecret);
    const { status, headers } = await by(cookie, 'DELETE', '/browser-sessions/current', { headers: good() });
    expect([status, String(headers['set-cookie'])]).toEqual([
      204,
      expect.stringMatching(/^signalbox-session-4780=; Max-Age=0; /),
    ]);
    expect((await by(cookie, 'GET', '/sessions')).status).toBe(401);
    expect((await by(kept, 'GET', '/sessions')).status).toBe(200);
  });

  it('an admin lists and ends what is open; revoking the key ends all of it at once, streams included', async () => {
    const listed = (await by(cookie, 'GET', '/browser-sessions')).json.items;
    const mine = (await by(cookie, 'GET', '/identity')).json.browserSessionId;
    expect(listed).toContainEqual(expect.objectContaining({ id: mine, keyName: 'ada', keyId: key.id }));
    const victim = await signIn(keySecret);
    const id = (await by(victim, 'GET', '/identity')).json.browserSessionId;
    expect((await by(cookie, 'DELETE', `/browser-sessions/${id}`, { headers: good() })).status).toBe(204);
    expect((await by(victim, 'GET', '/sessions')).status).toBe(401);
    const again = await by(cookie, 'DELETE', `/browser-sessions/${id}`, { headers: good() });
    expect([again.status, again.json.code]).toEqual([404, 'BROWSER_SESSION_NOT_FOUND']);

    await api.core.keys.revoke(projectId, key.id, key.version, 'test');
    expect((await by(cookie, 'GET', '/sessions')).status).toBe(401);
  });

  it('a key, where one is shown, goes before the cookie', async () => {
    const { secret } = await api.core.keys.create(projectId, { name: 'ci', role: 'viewer' }, 'test');
    const both = { headers: { authorization: `Bearer ${secret}` } };
    expect((await by(cookie, 'GET', '/identity', both)).json).toMatchObject({ actor: 'ci', browserSessionId: null });
    expect((await by(cookie, 'GET', '/identity', { headers: { authorization: 'Bearer sbx_no' } })).status).toBe(401);
  });

  it('a stream ends once its reader would be refused', { timeout: 90_000 }, async () => {
    const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
    const name = cookie.replace('4780', new URL(url).port);
    const stream = await EventReader.open(`${url}${BASE}/events`, { cookie: name });
    expect((await stream.next())?.event).toBe('hello');
    await api.core.keys.revoke(projectId, key.id, key.version, 'test');
    let told = await stream.next();
    while (told !== null) told = await stream.next();
    expect((await fetch(`${url}${BASE}/events`, { headers: { cookie: name } })).status).toBe(401);
  });
});

it('in open mode a cookie that is over counts as none, and one that holds is held to', async () => {
  const api = await openApi();
  try {
    const { id } = await api.core.projects.get('default');
    const { key, secret } = await api.core.keys.create(id, { name: 'eve', role: 'viewer' }, 'test');
    const headers = { authorization: `Bearer ${secret}`, origin: ORIGIN };
    const opened = await api.call('POST', `${BASE}/browser-sessions`, { headers });
    const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
    const identity = async () => (await api.call('GET', `${BASE}/identity`, { headers: { cookie } })).json;
    expect(await identity()).toMatchObject({ actor: 'eve', role: 'viewer' });
    expect((await api.call('GET', `${BASE}/keys`, { headers: { cookie } })).status).toBe(403);
    await api.core.keys.revoke(id, key.id, key.version, 'test');
    expect(await identity()).toMatchObject({ actor: 'anonymous', role: 'admin', csrfToken: null });
    const nobody = await api.call('POST', `${BASE}/browser-sessions`, { headers: { origin: ORIGIN } });
    expect([nobody.status, nobody.json.code]).toEqual([400, 'BROWSER_SESSION_NEEDS_KEY']);
  } finally {
    await api.close();
  }
});
