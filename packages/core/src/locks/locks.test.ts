import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../testing/index.ts';
import type { Locks } from './locks.ts';
import { LockFixture } from './testing/lock-fixture.ts';

describeOnBackends('locks', (backend) => {
  let db: TestDatabase;
  let fixture: LockFixture;
  let projectId: string;
  let here: Locks;
  let there: Locks;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    fixture = await LockFixture.open(db);
    projectId = fixture.projectId;
    here = fixture.node();
    there = fixture.node();
  });
  afterEach(() => fixture.close());

  test('ORC-238: a held lock refuses another owner; released, the other acquires', async () => {
    const first = await here.acquire(projectId, 'session:1');
    expect(await there.tryAcquire(projectId, 'session:1')).toBeNull();
    await expect(there.acquire(projectId, 'session:1', { waitMs: 0 })).rejects.toMatchObject({
      code: 'LOCK_CONTENDED',
      details: { owner: first.owner },
    });
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    expect(await first.release()).toBe(true);
    const second = await there.acquire(projectId, 'session:1', { waitMs: 0 });
    expect(second.token).toBeGreaterThan(first.token);
  });

  test('ORC-239: a lock that is not renewed passes on when its time is over, never before', async () => {
    const first = await here.acquire(projectId, 'r', { ttlMs: 400, renewEveryMs: null });
    const began = performance.now();
    const second = await there.acquire(projectId, 'r', { waitMs: 10_000 });
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(second.token).toBeGreaterThan(first.token);
    expect(first.held).toBe(false);
    expect(first.signal.reason).toMatchObject({ code: 'LOCK_LOST' });
  });

  test('ORC-240: renewed, it is held for longer than its time', async () => {
    const held = await here.acquire(projectId, 'r', { ttlMs: 600 });
    await sleep(1_500);
    expect(held.held).toBe(true);
    expect(await there.tryAcquire(projectId, 'r')).toBeNull();
    expect(held.renewalCount).toBeGreaterThanOrEqual(3);
  });

  test('ORC-241: the scoped form holds inside and is free after, also when the work throws', async () => {
    const seen = await here.withLock(projectId, 'r', async ({ token, signal }) => {
      expect(signal.aborted).toBe(false);
      expect(await there.tryAcquire(projectId, 'r')).toBeNull();
      return token;
    });
    await expect(
      here.withLock(projectId, 'r', async () => {
        throw new Error('work');
      }),
    ).rejects.toThrow('work');
    const after = await there.acquire(projectId, 'r', { waitMs: 0 });
    expect(after.token).toBeGreaterThan(seen);
  });

  test('ORC-182: the scoped form does not run the work when the lock is not got', async () => {
    await here.acquire(projectId, 'r');
    let ran = false;
    const scoped = there.withLock(
      projectId,
      'r',
      async () => {
        ran = true;
      },
      { waitMs: 100 },
    );
    await expect(scoped).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', details: { waitMs: 100 } });
    expect(ran).toBe(false);
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
  });

  test('ORC-242: contenders are served in the order in which they came', async () => {
    const first = await here.acquire(projectId, 'r');
    const order: string[] = [];
    const contenders: Promise<void>[] = [];
    for (const [index, owner] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      const node = index % 2 ? here : there;
      contenders.push(node.withLock(projectId, 'r', async () => void order.push(owner), { owner, waitMs: 20_000 }));
      await fixture.queued(index + 1);
    }
    await first.release();
    await Promise.all(contenders);
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('ORC-243: higher priority goes first', async () => {
    const first = await here.acquire(projectId, 'r');
    const order: number[] = [];
    const contenders: Promise<void>[] = [];
    for (const [index, priority] of [0, 10, 5].entries()) {
      contenders.push(
        there.withLock(projectId, 'r', async () => void order.push(priority), { priority, waitMs: 20_000 }),
      );
      await fixture.queued(index + 1);
    }
    await first.release();
    await Promise.all(contenders);
    expect(order).toEqual([10, 5, 0]);
  });
});
