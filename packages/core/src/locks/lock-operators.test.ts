import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { listAudit } from '../audit/index.ts';
import { assertLockHeld } from './assert-lock-held.ts';
import { describeLocks } from './testing/lock-fixture.ts';

function aborted(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));
}

describeLocks('locks taken away and handed over', (nodes) => {
  test('a forced release is audited with its reason, tells the holder, and serves who waits', async () => {
    const { fixture, projectId, database, here, there } = nodes();
    const held = await here.acquire(projectId, 'r', { owner: 'stuck', sessionId: randomUUID() });
    const waiting = there.acquire(projectId, 'r', { owner: 'next', waitMs: 20_000 });
    await fixture.queued(1);
    await expect(there.forceRelease(projectId, held.id, { actor: 'kim', reason: ' ' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    const taken = await there.forceRelease(projectId, held.id, { actor: 'kim', reason: 'its agent hangs' });
    expect(taken).toMatchObject({ id: held.id, owner: 'stuck' });
    expect(await aborted(held.signal)).toMatchObject({ code: 'LOCK_LOST' });
    const next = await waiting;
    expect(next.token).toBeGreaterThan(held.token);
    expect(await held.release()).toBe(false);
    const { items } = await listAudit(database, projectId);
    expect(items).toMatchObject([
      {
        actor: 'kim',
        action: 'lock.force_release',
        subjectType: 'lock',
        subjectId: held.id,
        details: { resource: 'r', owner: 'stuck', token: held.token, reason: 'its agent hangs' },
      },
    ]);
    await expect(there.forceRelease(projectId, held.id, { actor: 'kim', reason: 'again' })).rejects.toMatchObject({
      code: 'LOCK_NOT_FOUND',
    });
    await next.release();
  });

  test('CLU-002: what a session held and waited for goes with it in one transaction, or stays', async () => {
    const { fixture, projectId, database, here, there } = nodes();
    const sessionId = randomUUID();
    const mine = [
      await here.acquire(projectId, 'a', { sessionId }),
      await here.acquire(projectId, 'b', { sessionId, mode: 'shared' }),
    ];
    const other = await here.acquire(projectId, 'c', { sessionId: randomUUID() });
    const waiting = here.acquire(projectId, 'c', { sessionId, waitMs: 20_000 });
    const withdrawn = expect(waiting).rejects.toMatchObject({ code: 'LOCK_WITHDRAWN' });
    await fixture.queued(1);
    const undone = database.transaction(async (tx) => {
      await there.releaseFor(tx, projectId, { sessionId });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(mine.map(({ held }) => held)).toEqual([true, true]);
    expect(await fixture.rows()).toEqual({ holdings: 3, waiters: 1 });
    const released = await database.transaction((tx) => there.releaseFor(tx, projectId, { sessionId }));
    expect(released.sort()).toEqual(['a', 'b']);
    await withdrawn;
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    await Promise.all(mine.map(({ signal }) => aborted(signal)));
    expect(other.held).toBe(true);
    for (const party of [{ agentId: 'nobody' }, { taskId: randomUUID() }])
      expect(await database.transaction((tx) => there.releaseFor(tx, projectId, party))).toEqual([]);
  });

  test('handed over, locks have a new owner and new tokens at once, and the old holder is refused', async () => {
    const { fixture, projectId, database, here, there } = nodes();
    const sessionId = randomUUID();
    const options = { owner: 'old', sessionId, agentId: 'agent-1' };
    const outer = await here.acquire(projectId, 'a', options);
    const nested = await here.acquire(projectId, 'a', options);
    const b = await here.acquire(projectId, 'b', options);
    const grants = await database.transaction((tx) =>
      there.handOver(tx, projectId, sessionId, { owner: 'new', agentId: 'agent-2' }),
    );
    expect(grants.map(({ resource, owner }) => `${resource} ${owner}`).sort()).toEqual(['a new', 'a new', 'b new']);
    expect(new Set(grants.map(({ token }) => token)).size).toBe(2);
    expect(Math.min(...grants.map(({ token }) => token))).toBeGreaterThan(b.token);
    await Promise.all([outer, nested, b].map(({ signal }) => aborted(signal)));
    const stale = database.transaction((tx) => assertLockHeld(tx, projectId, { lockId: b.id, token: b.token }));
    await expect(stale).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await here.tryAcquire(projectId, 'a', { owner: 'old' })).toBeNull();
    expect((await there.list(projectId)).items.map(({ agentId }) => agentId)).toEqual([
      'agent-2',
      'agent-2',
      'agent-2',
    ]);
    const adopted = grants.map((grant) => there.adopt(projectId, grant, 30_000));
    await Promise.all(adopted.map((handle) => handle.renew()));
    for (const handle of adopted) expect(await handle.release()).toBe(true);
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });

  test('without a handle: the request is repeated until it is granted, keeps its place, and is renewed and released by token', async () => {
    const { fixture, projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'r');
    const first = { resource: 'r', owner: 'first', requestId: randomUUID(), waitMs: 60_000 };
    const second = { resource: 'r', owner: 'second', requestId: randomUUID(), waitMs: 60_000 };
    expect(await there.request(projectId, first, { forMs: 10 })).toMatchObject({ status: 'queued', position: 1 });
    expect(await there.request(projectId, second, { forMs: 10 })).toMatchObject({ status: 'queued', position: 2 });
    expect(await there.request(projectId, first, { forMs: 10 })).toMatchObject({ status: 'queued', position: 1 });
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 2 });
    const [answer] = await Promise.all([there.request(projectId, first, { forMs: 20_000 }), held.release()]);
    if (answer.status !== 'granted') throw new Error('it was not granted');
    expect(answer.lock).toMatchObject({ id: first.requestId, owner: 'first', state: 'held' });
    const renewed = await here.renew(projectId, answer.lock.id, answer.lock.token, 60_000);
    expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(answer.lock.expiresAt));
    await expect(here.renew(projectId, answer.lock.id, answer.lock.token - 1)).rejects.toMatchObject({
      code: 'LOCK_LOST',
    });
    expect(await here.release(projectId, answer.lock.id, answer.lock.token)).toBe(true);
    expect(await there.request(projectId, second, { forMs: 20_000 })).toMatchObject({ status: 'granted' });
    expect(await there.withdraw(projectId, second.requestId)).toBe(true);
    expect(await there.withdraw(projectId, second.requestId)).toBe(false);
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });

  test('a request whose whole patience is spent here times out and leaves nothing', async () => {
    const { fixture, projectId, here, there } = nodes();
    await here.acquire(projectId, 'r');
    await expect(there.request(projectId, { resource: 'r', waitMs: 50 }, { forMs: 30_000 })).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
    });
    await expect(there.request(projectId, { resource: 'r', waitMs: 0 }, { forMs: 30_000 })).rejects.toMatchObject({
      code: 'LOCK_CONTENDED',
    });
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
  });
});
