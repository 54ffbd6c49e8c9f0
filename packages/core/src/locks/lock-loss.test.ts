import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { InProcessBus } from '../platform/bus/index.ts';
import { type Clock, systemClock } from '../platform/clock/clock.ts';
import type { Database, Statement } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { assertLockHeld } from './assert-lock-held.ts';
import { type LockObserver, SILENT_OBSERVER } from './lock-observer.ts';
import { describeLocks } from './testing/lock-fixture.ts';

/** Resolves with the reason once the signal aborts. */
function aborted(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));
}

/** A database that is away whenever the test says so. */
function moody(database: Database): { database: Database; away: boolean } {
  const mood = { away: false, database };
  mood.database = new Proxy(database, {
    get: (target, property) => {
      const value = Reflect.get(target, property, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (mood.away && property === 'query') return Promise.reject(new SignalboxError('DATABASE_UNAVAILABLE'));
        return (value as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return mood;
}

/** A database whose answered statements are told by name. */
function overheard(database: Database, asked: string[]): Database {
  return new Proxy(database, {
    get: (target, property) => {
      const value = Reflect.get(target, property, target) as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const answer = await (value as (...given: unknown[]) => unknown).apply(target, args);
        if (property === 'query') asked.push((args[0] as Statement).name.split(':')[0] ?? '');
        return answer;
      };
    },
  });
}

describeLocks('loss of locks', (nodes) => {
  test('A21: renewed it stays; with its heartbeat stopped it passes on, its holder is told, and cannot free the next', async () => {
    const { projectId, here, there } = nodes();
    const lively = await here.acquire(projectId, 'a', { ttlMs: 3_000 });
    const silent = await here.acquire(projectId, 'b', { ttlMs: 600, renewEveryMs: null });
    const next = await there.acquire(projectId, 'b', { waitMs: 10_000 });
    expect(await aborted(silent.signal)).toMatchObject({ code: 'LOCK_LOST', details: { id: silent.id } });
    expect(() => silent.assertHeld()).toThrow(SignalboxError);
    await expect(silent.renew()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await silent.release()).toBe(false);
    expect((await there.get(projectId, next.id)).state).toBe('held');
    for (let look = 0; look < 9; look += 1) {
      expect(await there.tryAcquire(projectId, 'a')).toBeNull();
      await sleep(500);
    }
    expect(lively.held).toBe(true);
    expect((await there.get(projectId, lively.id)).renewalCount).toBeGreaterThanOrEqual(3);
  });

  test('ORC-179: a store that is away for a while costs no lock while time remains; away for longer it does', async () => {
    const { fixture, projectId, database } = nodes();
    const failed: string[] = [];
    const observer: LockObserver = { ...SILENT_OBSERVER, renewalFailed: () => void failed.push('renewal') };
    const mood = moody(database);
    const node = fixture.node({ database: mood.database, observer });
    const held = await node.acquire(projectId, 'r', { ttlMs: 5_000 });
    mood.away = true;
    await expect.poll(() => failed.length).toBeGreaterThan(0);
    expect(held.held).toBe(true);
    mood.away = false;
    await expect.poll(() => held.renewalCount).toBeGreaterThan(0);
    expect(held.held).toBe(true);
    mood.away = true;
    expect(await aborted(held.signal)).toMatchObject({ code: 'LOCK_LOST' });
    mood.away = false;
  });

  test('ORC-169: a store that is away is not a lock that is held', async () => {
    const { fixture, projectId, database, here } = nodes();
    const mood = moody(database);
    const node = fixture.node({ database: mood.database });
    mood.away = true;
    await expect(node.acquire(projectId, 'r')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(node.tryAcquire(projectId, 'r')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    mood.away = false;
    const held = await here.acquire(projectId, 'r');
    const waiting = node.acquire(projectId, 'r', { waitMs: 20_000 });
    await fixture.queued(1);
    mood.away = true;
    await sleep(1_200);
    mood.away = false;
    await held.release();
    await (await waiting).release();
  });

  test('ORC-178: a renewal for another time changes only itself', async () => {
    const { projectId, here } = nodes();
    const held = await here.acquire(projectId, 'r', { ttlMs: 5_000, renewEveryMs: null });
    await held.renew(60_000);
    expect(held.remainingMs).toBeGreaterThan(50_000);
    await held.renew();
    expect(held.remainingMs).toBeLessThanOrEqual(5_000);
    expect(held.renewalCount).toBe(2);
    expect((await here.get(projectId, held.id)).ttlMs).toBe(5_000);
  });

  test('ORC-178: a hint makes its holder look, and gives the lock no more time', async () => {
    const { fixture, projectId, database, there } = nodes();
    const bus = new InProcessBus();
    const asked: string[] = [];
    const node = fixture.node({
      bus,
      database: overheard(database, asked),
      observer: { ...SILENT_OBSERVER, renewed: () => void asked.push('renewed') },
    });
    const held = await node.acquire(projectId, 'r', { ttlMs: 60_000, renewEveryMs: null });
    const { expiresAt } = await there.get(projectId, held.id);
    asked.length = 0;
    // As the grant's own hint, when it comes only after the lock was handed to its holder.
    bus.publish('locks', { ids: [held.id] });
    await vi.waitFor(() => expect(asked).not.toEqual([]), { timeout: 20_000 });
    expect(asked).toEqual(['locks.look']);
    expect(held.held).toBe(true);
    expect(await there.get(projectId, held.id)).toMatchObject({ renewalCount: 0, expiresAt });
    await there.forceRelease(projectId, held.id, { actor: 'operator', reason: 'planted' });
    bus.publish('locks', { ids: [held.id] });
    expect(await aborted(held.signal)).toMatchObject({ code: 'LOCK_LOST' });
  });

  test('lock-delay: what was lost stays ungranted to others for its delay, what was released does not', async () => {
    const { fixture, projectId, here, there } = nodes();
    const options = { owner: 'me', ttlMs: 100, lockDelayMs: 2_900, renewEveryMs: null };
    const began = performance.now();
    await here.acquire(projectId, 'repo/a', options);
    await sleep(200);
    expect(await there.tryAcquire(projectId, 'repo')).toBeNull();
    expect((await there.list(projectId)).items).toMatchObject([{ resource: 'repo/a', state: 'lost' }]);
    expect(await there.stats(projectId)).toMatchObject({ totalLocks: 1, activeLocks: 0 });
    const next = await there.acquire(projectId, 'repo', { waitMs: 20_000 });
    expect(performance.now() - began).toBeGreaterThan(2_950);
    await next.release();
    const released = await here.acquire(projectId, 'repo/a', { ...options, ttlMs: 5_000 });
    await released.release();
    expect(await there.tryAcquire(projectId, 'repo')).not.toBeNull();
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
  });

  test('ORC-181: a store refuses the token of a lost lock, of another resource and of another project', async () => {
    const { projectId, database, here, there } = nodes();
    const check = (lock: Parameters<typeof assertLockHeld>[2], project = projectId) =>
      database.transaction((tx) => assertLockHeld(tx, project, lock));
    const old = await here.acquire(projectId, 'r', { ttlMs: 60_000, renewEveryMs: null });
    await check({ lockId: old.id, token: old.token });
    await check({ resource: 'r', token: old.token });
    await expect(check({ resource: 's', token: old.token })).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await old.renew(100);
    await sleep(150);
    const lost = { code: 'LOCK_LOST' };
    await expect(check({ lockId: old.id, token: old.token })).rejects.toMatchObject(lost);
    const next = await there.acquire(projectId, 'r', { waitMs: 0 });
    await expect(check({ resource: 'r', token: old.token })).rejects.toMatchObject(lost);
    await check({ resource: 'r', token: next.token });
    await expect(check({ lockId: next.id, token: next.token }, crypto.randomUUID())).rejects.toMatchObject(lost);
  });

  test('a dead waiter does not hold up the others beyond its lease (ORC-174)', async () => {
    const { fixture, projectId, database, here, there } = nodes();
    const held = await here.acquire(projectId, 'r');
    // It never looks again, as one that is dead: alive it would come back by its next look.
    const stopped: Clock = { ...systemClock, sleep: async (_ms, signal) => void (await (signal && aborted(signal))) };
    const dead = fixture.node({ clock: stopped, hints: false });
    const abandoned = dead.acquire(projectId, 'r', { owner: 'dead', priority: 9, waitMs: 60_000 });
    const refused = expect(abandoned).rejects.toMatchObject({ code: 'LOCK_WITHDRAWN' });
    await fixture.queued(1);
    const text = `UPDATE lock_waiters SET seen_until = clock_timestamp() WHERE project_id = $1 AND owner = 'dead'`;
    const waiting = there.acquire(projectId, 'r', { owner: 'next', waitMs: 20_000 });
    await fixture.queued(2);
    await database.query({ name: '', text }, [projectId]);
    await held.release();
    const next = await waiting;
    await next.release();
    await dead.close();
    await refused;
  });
});
