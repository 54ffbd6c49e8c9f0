import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LockObserver } from './lock-observer.ts';
import { describeLocks } from './testing/lock-fixture.ts';

describeLocks('fairness and counts of locks', (nodes) => {
  test('ORC-173: a newcomer does not overtake an equal waiter, however it asks; a higher one goes before it', async () => {
    const { fixture, projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'r');
    const order: string[] = [];
    // Nobody is done before the newcomer has asked: where its question took long, all of them once were.
    const asked = Promise.withResolvers<void>();
    const wait = async (owner: string, priority: number, place: number) => {
      const work = () => {
        order.push(owner);
        return asked.promise;
      };
      const done = there.withLock(projectId, 'r', work, { owner, priority, waitMs: 20_000 });
      await fixture.queued(place);
      return done;
    };
    const waiting = [wait('first', 0, 1)];
    await fixture.queued(1);
    waiting.push(wait('urgent', 5, 2));
    await fixture.queued(2);
    waiting.push(wait('second', 0, 3));
    await fixture.queued(3);
    await held.release();
    expect(await here.tryAcquire(projectId, 'r', { owner: 'newcomer' })).toBeNull();
    asked.resolve();
    await Promise.all(waiting);
    expect(order).toEqual(['urgent', 'first', 'second']);
  });

  test('ORC-175: with ageing a low request that waited long enough goes before a higher newcomer', async () => {
    const { fixture, projectId } = nodes();
    const node = fixture.node({ policy: { ageingSeconds: 0.1 } });
    const held = await node.acquire(projectId, 'r');
    const order: string[] = [];
    const old = node.withLock(projectId, 'r', async () => void order.push('old'), { waitMs: 20_000 });
    await fixture.queued(1);
    await sleep(800);
    const high = node.withLock(projectId, 'r', async () => void order.push('high'), { priority: 5, waitMs: 20_000 });
    await fixture.queued(2);
    await held.release();
    await Promise.all([old, high]);
    expect(order).toEqual(['old', 'high']);
  });

  test('ORC-192: what becomes of requests and holdings is counted once each', async () => {
    const { fixture, projectId, there } = nodes();
    const counts: Record<string, number> = {};
    const count = (name: string) => () => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    const observer: LockObserver = {
      acquired: count('acquired'),
      refused: count('refused'),
      timedOut: count('timedOut'),
      lost: count('lost'),
      deadlock: count('deadlock'),
      renewed: count('renewed'),
      renewalFailed: count('renewalFailed'),
      held: count('held'),
    };
    const node = fixture.node({ observer });
    const held = await node.acquire(projectId, 'r', { owner: 'me' });
    await held.renew();
    expect(await node.tryAcquire(projectId, 'r')).toBeNull();
    await expect(node.acquire(projectId, 'r', { waitMs: 20 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    await held.release();
    await node.acquire(projectId, 'r', { ttlMs: 60, renewEveryMs: null });
    await sleep(100);
    await node.sweep();
    await there.sweep();
    expect(counts).toEqual({ acquired: 2, refused: 1, timedOut: 1, renewed: 1, held: 2, lost: 1 });
  });

  test('a hundred callers of two nodes on ten names exclude each other, and all are served', async () => {
    const { fixture, projectId, here, there } = nodes();
    const inside = new Map<string, number>();
    const tokens = new Map<string, number>();
    let served = 0;
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const resource = `name-${n % 10}`;
        await (n % 2 ? here : there).withLock(
          projectId,
          resource,
          async ({ token }) => {
            inside.set(resource, (inside.get(resource) ?? 0) + 1);
            expect(inside.get(resource)).toBe(1);
            expect(token).toBeGreaterThan(tokens.get(resource) ?? 0);
            tokens.set(resource, token);
            await sleep(1);
            inside.set(resource, 0);
            served += 1;
          },
          { waitMs: 60_000 },
        );
      }),
    );
    expect(served).toBe(100);
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });
});
