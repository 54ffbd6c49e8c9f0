import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../contract/api.ts';
import { routeOf } from '../http/serve-operation.ts';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

const SECRET = 'a-shared-secret-of-forty-characters-here';

describe('with authentication required', () => {
  let api: ApiHarness;
  let projectId: string;
  const secrets: Record<string, string> = {};
  beforeAll(async () => {
    api = await openApi({ environment: { SIGNALBOX_AUTH: 'required', SIGNALBOX_JWT_SECRET: SECRET } });
    projectId = (await api.core.projects.get('default')).id;
    for (const role of ['viewer', 'agent', 'operator', 'admin'] as const) {
      secrets[role] = (await api.core.keys.create(projectId, { name: `${role} key`, role }, 'test')).secret;
    }
  });
  afterAll(() => api.close());

  const as = (secret: string | undefined, method: string, url: string, body?: unknown) =>
    api.call(method, url, { ...(body === undefined ? {} : { body }), headers: { authorization: `Bearer ${secret}` } });

  it('refuses every operation without a key, before it looks at anything else', async () => {
    for (const [index, operation] of OPERATIONS.entries()) {
      const url = routeOf(operation).replace(/:\w+/g, 'x');
      // Each from an address of its own: failures are counted.
      const answer = await api.call(operation.method, url, { from: `10.0.0.${index}` });
      expect([operation.id, answer.status]).toEqual([operation.id, 401]);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it('refuses keys that are unknown, revoked or expired', async () => {
    const { key, secret } = await api.core.keys.create(projectId, { name: 'gone' }, 'test');
    expect((await as(secret, 'GET', '/api/v1/projects')).status).toBe(200);
    await api.core.keys.revoke(projectId, key.id, key.version, 'test');
    expect((await as(secret, 'GET', '/api/v1/projects')).status).toBe(401);
    expect((await as('sbx_nonsense', 'GET', '/api/v1/projects')).status).toBe(401);
    expect((await as('nonsense', 'GET', '/api/v1/projects')).status).toBe(401);
  });

  it('lets each role do what it may and no more', async () => {
    const body = { path: '/nowhere/at/all' };
    expect((await as(secrets.viewer, 'GET', '/api/v1/workspaces')).status).toBe(200);
    const refused = await as(secrets.viewer, 'POST', '/api/v1/workspaces', body);
    expect([refused.status, refused.json.code, refused.json.needed]).toEqual([403, 'FORBIDDEN', ['operator', 'admin']]);
    expect((await as(secrets.agent, 'POST', '/api/v1/workspaces', body)).status).toBe(403);
    expect((await as(secrets.operator, 'POST', '/api/v1/workspaces', body)).status).toBe(400);
    expect((await as(secrets.operator, 'GET', '/api/v1/keys')).status).toBe(403);
    expect((await as(secrets.admin, 'GET', '/api/v1/keys')).status).toBe(200);
  });

  it('binds a key to its project', async () => {
    const other = await api.core.projects.create({ slug: 'elsewhere' }, 'test');
    const headers = { authorization: `Bearer ${secrets.admin}`, 'x-signalbox-project': 'elsewhere' };
    const listed = await api.call('GET', '/api/v1/keys', { headers });
    expect(listed.json.items.every((key: { projectId: string }) => key.projectId === projectId)).toBe(true);
    expect((await as(secrets.admin, 'GET', `/api/v1/projects/${other.id}`)).status).toBe(404);
    expect((await as(secrets.admin, 'GET', '/api/v1/projects')).json.total).toBe(1);
    expect((await as(secrets.admin, 'POST', '/api/v1/projects', { slug: 'mine' })).status).toBe(403);
  });

  const token = (
    claims: Record<string, unknown>,
    options: { secret?: string; audience?: string; expires?: string } = {},
  ) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(options.audience ?? 'signalbox')
      .setExpirationTime(options.expires ?? '5m')
      .sign(new TextEncoder().encode(options.secret ?? SECRET));

  it('takes tokens, with their role and project', async () => {
    const viewer = await token({ sub: 'mia', role: 'viewer', project: 'default' });
    expect((await as(viewer, 'GET', '/api/v1/workspaces')).status).toBe(200);
    expect((await as(viewer, 'GET', '/api/v1/keys')).status).toBe(403);
    const all = await token({ sub: 'ops', role: 'admin', project: '*' });
    expect((await as(all, 'POST', '/api/v1/projects', { slug: 'by-token' })).status).toBe(201);
  });

  it('refuses tokens that are expired, for others, wrongly signed, unsigned, without end or without role', async () => {
    const claims = { sub: 'mia', role: 'viewer', project: 'default' };
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...claims, aud: 'signalbox', exp: 9e9 }))}.`;
    const endless = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('signalbox')
      .sign(new TextEncoder().encode(SECRET));
    for (const bad of [
      await token(claims, { expires: '-1m' }),
      await token(claims, { audience: 'others' }),
      await token(claims, { secret: `${SECRET}x` }),
      unsigned.replaceAll('=', ''),
      endless,
      await token({ sub: 'mia', project: 'default' }),
      await token({ ...claims, role: 'root' }),
    ]) {
      expect((await as(bad, 'GET', '/api/v1/workspaces')).status).toBe(401);
    }
  });

  it('lets only known callers read metrics, and everybody ask for health', async () => {
    expect((await api.call('GET', '/metrics')).status).toBe(401);
    expect((await as(secrets.viewer, 'GET', '/metrics')).status).toBe(200);
    expect((await api.call('GET', '/health/live')).status).toBe(200);
  });

  it('stops those who try keys again and again', async () => {
    const attempts: number[] = [];
    for (let attempt = 0; attempt < 90; attempt++) {
      const headers = { authorization: `Bearer sbx_${attempt}` };
      attempts.push((await api.call('GET', '/api/v1/projects', { headers, from: '10.9.9.9' })).status);
    }
    expect(new Set(attempts)).toEqual(new Set([401, 429]));
    const headers = { authorization: `Bearer ${secrets.viewer}` };
    expect((await api.call('GET', '/api/v1/projects', { headers, from: '10.9.9.9' })).status).toBe(200);
  });
});

describe('in open mode', () => {
  it('takes the actor and the project from what the caller says, and holds to a key that is shown', async () => {
    const api = await openApi();
    try {
      const headers = { 'x-signalbox-actor': 'mia', 'x-signalbox-project': 'team' };
      expect((await api.call('GET', '/api/v1/keys', { headers })).json.code).toBe('PROJECT_NOT_FOUND');
      await api.call('POST', '/api/v1/projects', { body: { slug: 'team' } });
      const made = await api.call('POST', '/api/v1/keys', { body: { name: 'k', role: 'viewer' }, headers });
      expect(made.json).toMatchObject({ createdBy: 'mia' });
      const shown = { authorization: `Bearer ${made.json.secret}` };
      expect((await api.call('GET', '/api/v1/keys', { headers: shown })).status).toBe(403);
      expect((await api.call('GET', '/api/v1/keys', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    } finally {
      await api.close();
    }
  });
});

describe('rates', () => {
  it('are limited for each key, and another key is not hindered', async () => {
    const api = await openApi({ environment: { SIGNALBOX_AUTH: 'required', SIGNALBOX_RATE_LIMIT: '5' } });
    try {
      const { id } = await api.core.projects.get('default');
      const [one, two] = await Promise.all(
        ['one', 'two'].map(async (name) => (await api.core.keys.create(id, { name, role: 'viewer' }, 'test')).secret),
      );
      const get = (secret: string | undefined) =>
        api.call('GET', '/api/v1/projects', { headers: { authorization: `Bearer ${secret}` } });
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) statuses.push((await get(one)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
      const refused = await get(one);
      expect([refused.json.code, Number(refused.headers['retry-after']) > 0]).toEqual(['RATE_LIMITED', true]);
      expect((await get(two)).status).toBe(200);
    } finally {
      await api.close();
    }
  });
});
