import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', `/api/v1${path}`, { body, headers });
const acquire = (body: Record<string, unknown>) => post('/locks', body);

describe('locks over HTTP', () => {
  it('are acquired, shown, renewed and released by id and token', async () => {
    const answer = await acquire({ resource: 'repo/a', owner: 'agent-1', metadata: { why: 'refactoring' } });
    expect([answer.status, answer.json]).toMatchObject([
      200,
      { status: 'granted', position: null, lock: { resource: 'repo/a', owner: 'agent-1', state: 'held' } },
    ]);
    const { lock } = answer.json;
    expect(answer.json.requestId).toBe(lock.id);
    expect((await api.call('GET', `/api/v1/locks/${lock.id}`)).json).toEqual(lock);
    expect((await api.call('GET', '/api/v1/locks?owner=agent-1&state=held')).json).toMatchObject({
      total: 1,
      items: [lock],
    });
    expect((await api.call('GET', '/api/v1/locks/info?resource=repo')).json).toMatchObject({
      resource: 'repo',
      locked: false,
      holders: [{ id: lock.id }],
      waiters: [],
    });
    expect((await api.call('GET', '/api/v1/locks/info?resource=nobody')).json.code).toBe('LOCK_NOT_FOUND');
    expect((await api.call('GET', '/api/v1/locks/stats')).json).toMatchObject({
      totalLocks: 1,
      activeLocks: 1,
      waiting: 0,
    });
    const renewed = await post(`/locks/${lock.id}/renew`, { token: lock.token, ttlMs: 120_000 });
    expect([renewed.status, renewed.json.renewalCount]).toEqual([200, 1]);
    expect((await post(`/locks/${lock.id}/renew`, { token: lock.token + 1 })).json).toMatchObject({
      status: 409,
      code: 'LOCK_LOST',
    });
    expect((await post(`/locks/${lock.id}/release`, { token: lock.token + 1 })).json.code).toBe('LOCK_LOST');
    expect((await post(`/locks/${lock.id}/release`, { token: lock.token })).json).toEqual({ released: true });
    expect((await post(`/locks/${lock.id}/release`, { token: lock.token })).json).toEqual({ released: false });
    expect((await api.call('GET', `/api/v1/locks/${lock.id}`)).status).toBe(404);
  });

  it('are refused at once, waited for in vain, or granted when they come free', async () => {
    const held = (await acquire({ resource: 'wanted', owner: 'first' })).json.lock;
    expect((await acquire({ resource: 'wanted', waitMs: 0 })).json).toMatchObject({
      status: 409,
      code: 'LOCK_CONTENDED',
      owner: 'first',
    });
    expect((await acquire({ resource: 'wanted', waitMs: 40 })).json).toMatchObject({
      status: 408,
      code: 'LOCK_TIMEOUT',
    });
    const waiting = acquire({ resource: 'wanted', owner: 'second', waitMs: 25_000 });
    await expect.poll(async () => (await api.core.locks.info(held.projectId, 'wanted'))?.waiters.length).toBe(1);
    await post(`/locks/${held.id}/release`, { token: held.token });
    const got = (await waiting).json.lock;
    expect(got.owner).toBe('second');
    expect(got.token).toBeGreaterThan(held.token);
    await post(`/locks/${got.id}/release`, { token: got.token });
  });

  it('a request can be repeated without doubling it, and withdrawn', async () => {
    const held = (await acquire({ resource: 'busy' })).json.lock;
    const requestId = randomUUID();
    const queued = api.core.locks.request(
      held.projectId,
      { resource: 'busy', owner: 'me', requestId, waitMs: 60_000 },
      { forMs: 1 },
    );
    expect(await queued).toMatchObject({ status: 'queued', requestId, position: 1 });
    expect((await api.call('DELETE', `/api/v1/locks/requests/${requestId}`)).json).toEqual({ released: true });
    expect((await api.call('DELETE', `/api/v1/locks/requests/${requestId}`)).json).toEqual({ released: false });
    const again = (await acquire({ resource: 'busy', owner: held.owner, requestId: held.id })).json;
    expect([again.status, again.lock.id, again.lock.token]).toEqual(['granted', held.id, held.token]);
    expect((await acquire({ resource: 'else', requestId: held.id })).json.code).toBe('LOCK_ID_TAKEN');
    await post(`/locks/${held.id}/release`, { token: held.token });
  });

  it('an operator takes one away, with a reason that the audit keeps', async () => {
    const held = (await acquire({ resource: 'stuck' })).json.lock;
    expect((await post(`/locks/${held.id}/force-release`, { reason: '' })).json.code).toBe('VALIDATION_FAILED');
    const headers = { 'x-signalbox-actor': 'kim' };
    const taken = await post(`/locks/${held.id}/force-release`, { reason: 'its agent is gone' }, headers);
    expect([taken.status, taken.json.id]).toEqual([200, held.id]);
    const audit = (await api.call('GET', '/api/v1/audit?action=lock.force_release')).json;
    expect(audit.items).toMatchObject([
      { actor: 'kim', subjectId: held.id, details: { resource: 'stuck', reason: 'its agent is gone' } },
    ]);
    expect((await post(`/locks/${held.id}/force-release`, { reason: 'again' })).json.code).toBe('LOCK_NOT_FOUND');
  });

  it('inputs that cannot be are refused with the field that is wrong', async () => {
    for (const [body, status] of [
      [{ resource: '/a' }, 400],
      [{ resource: 'a', ttlMs: 1 }, 400],
      [{ resource: 'a', ttl: 10 }, 400],
      [{ resource: 'a', mode: 'both' }, 400],
      [{}, 400],
    ] as const)
      expect([body, (await acquire(body)).status]).toEqual([body, status]);
    expect((await api.call('GET', '/api/v1/locks?colour=red')).json.code).toBe('UNKNOWN_FILTER');
  });

  it('a server that stops does not keep those who wait: they are told their place', async () => {
    const own = await openApi();
    try {
      const ask = (body: unknown) => own.call('POST', '/api/v1/locks', { body });
      const held = (await ask({ resource: 'r' })).json.lock;
      const waiting = ask({ resource: 'r', waitMs: 600_000 });
      await expect.poll(async () => (await own.core.locks.info(held.projectId, 'r'))?.waiters.length).toBe(1);
      await own.app.close();
      expect((await waiting).json).toMatchObject({ status: 'queued', position: 1 });
    } finally {
      await own.close();
    }
  });
});
