import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { insertTestProject } from '../testing/index.ts';
import { describeLocks } from './testing/lock-fixture.ts';

describeLocks('locks', (nodes) => {
  test('ORC-238: a held lock refuses another owner; released, the other acquires', async () => {
    const { fixture, projectId, here, there } = nodes();
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
    const { projectId, here, there } = nodes();
    const first = await here.acquire(projectId, 'r', { ttlMs: 400, renewEveryMs: null });
    const began = performance.now();
    const second = await there.acquire(projectId, 'r', { waitMs: 10_000 });
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(second.token).toBeGreaterThan(first.token);
    expect(first.held).toBe(false);
    expect(first.signal.reason).toMatchObject({ code: 'LOCK_LOST' });
  });

  test('ORC-240: renewed, it is held for longer than its time', async () => {
    const { projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'r', { ttlMs: 3_000 });
    // Every second, so that four of them go beyond its time.
    await expect.poll(() => held.renewalCount).toBeGreaterThanOrEqual(4);
    expect(held.held).toBe(true);
    expect(await there.tryAcquire(projectId, 'r')).toBeNull();
  });

  test('ORC-241: the scoped form holds inside and is free after, also when the work throws', async () => {
    const { projectId, here, there } = nodes();
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
    const { fixture, projectId, here, there } = nodes();
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
    const { fixture, projectId, here, there } = nodes();
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
    const { fixture, projectId, here, there } = nodes();
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

  test('ORC-244: info tells holders and queue, stats both of two held locks; null and zero where there is nothing', async () => {
    const { fixture, projectId, here, there } = nodes();
    expect(await here.info(projectId, 'a')).toBeNull();
    expect(await here.stats(projectId)).toMatchObject({ totalLocks: 0, activeLocks: 0, waiting: 0, resources: [] });
    const a = await here.acquire(projectId, 'a', { owner: 'x', metadata: { why: 'test' } });
    await here.acquire(projectId, 'b', { owner: 'x', mode: 'shared' });
    const waiting = ['low', 'high'].map((owner, index) =>
      there.acquire(projectId, 'a', { owner, priority: index, waitMs: 20_000 }),
    );
    await fixture.queued(2);
    const info = await there.info(projectId, 'a');
    expect(info).toMatchObject({
      resource: 'a',
      locked: true,
      holders: [{ id: a.id, owner: 'x', mode: 'exclusive', state: 'held', token: a.token, metadata: { why: 'test' } }],
      waiters: [
        { owner: 'high', position: 1, priority: 1 },
        { owner: 'low', position: 2, priority: 0 },
      ],
    });
    expect(await there.stats(projectId)).toMatchObject({
      totalLocks: 2,
      activeLocks: 2,
      waiting: 2,
      resources: [
        { resource: 'a', held: 1, waiting: 2 },
        { resource: 'b', held: 1, waiting: 0 },
      ],
    });
    const page = await there.list(projectId, { filters: [{ field: 'mode', operator: 'eq', value: 'shared' }] });
    expect(page).toMatchObject({ total: 1, items: [{ resource: 'b', mode: 'shared' }] });
    await a.release();
    const [low, high] = waiting;
    await (await high)?.release();
    await (await low)?.release();
  });

  test('ORC-245: what a process that is gone left behind is cleaned up, and its waiters are served', async () => {
    const { fixture, projectId, database, here, there } = nodes();
    await here.acquire(projectId, 'r', { ttlMs: 60, renewEveryMs: null });
    await here.acquire(projectId, 'other', { ttlMs: 60, renewEveryMs: null });
    await sleep(100);
    expect(await fixture.rows()).toEqual({ holdings: 2, waiters: 0 });
    expect(await there.sweep()).toMatchObject({ cleaned: 2 });
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
    await there.acquire(projectId, 'r', { waitMs: 0 });
    const feed = `SELECT payload FROM feed_entries WHERE project_id = $1 AND topic = 'lock' AND payload -> 'counts' ? 'lost'`;
    expect(await database.query({ name: '', text: feed }, [projectId])).toEqual([
      { payload: { counts: { lost: 2 }, resources: ['other', 'r'] } },
    ]);
  });

  test('ORC-168: timeout and abort leave nothing in the queue, and an abort gives its reason', async () => {
    const { fixture, projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'r');
    await expect(there.acquire(projectId, 'r', { waitMs: 50 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    const abort = new AbortController();
    const waiting = there.acquire(projectId, 'r', { waitMs: 20_000, signal: abort.signal });
    await fixture.queued(1);
    abort.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    await expect(there.acquire(projectId, 'r', { signal: abort.signal })).rejects.toThrow('changed my mind');
    await held.release();
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });

  test('ORC-176: one owner nests; the hold has one token and is free with the last release', async () => {
    const { projectId, here, there } = nodes();
    const outer = await here.acquire(projectId, 'r', { owner: 'me' });
    const inner = await there.acquire(projectId, 'r', { owner: 'me', waitMs: 0 });
    expect(inner.token).toBe(outer.token);
    expect(inner.id).not.toBe(outer.id);
    expect(await outer.release()).toBe(true);
    expect(await there.tryAcquire(projectId, 'r', { owner: 'you' })).toBeNull();
    expect(await inner.release()).toBe(true);
    const next = await there.acquire(projectId, 'r', { owner: 'me', waitMs: 0 });
    expect(next.token).toBeGreaterThan(outer.token);
  });

  test('ORC-173: nesting does not wait behind those who wait for the owner itself', async () => {
    const { fixture, projectId, here, there } = nodes();
    const outer = await here.acquire(projectId, 'r', { owner: 'me' });
    const other = there.acquire(projectId, 'r', { owner: 'you', priority: 9, waitMs: 20_000 });
    await fixture.queued(1);
    const inner = await here.acquire(projectId, 'r', { owner: 'me', waitMs: 0 });
    await inner.release();
    await outer.release();
    await (await other).release();
  });

  test('ORC-180: only the holding itself is released: not by its owner name, not by an old token, not twice', async () => {
    const { projectId, here, there } = nodes();
    const first = await here.acquire(projectId, 'r', { owner: 'shared-name', ttlMs: 60, renewEveryMs: null });
    await sleep(80);
    const second = await there.acquire(projectId, 'r', { owner: 'shared-name', waitMs: 0 });
    expect(second.token).toBeGreaterThan(first.token);
    expect(await first.release()).toBe(false);
    await expect(there.release(projectId, second.id, first.token)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect((await there.get(projectId, second.id)).state).toBe('held');
    expect(await second.release()).toBe(true);
    expect(await second.release()).toBe(true);
    expect(await there.release(projectId, second.id, second.token)).toBe(false);
  });

  test('repeating a request with its id answers the same lock, and another request may not use the id', async () => {
    const { fixture, projectId, here, there } = nodes();
    const requestId = '0190c0de-0000-7000-8000-00000000abcd';
    const first = await here.acquire(projectId, 'r', { owner: 'me', requestId });
    const again = await there.acquire(projectId, 'r', { owner: 'me', requestId, waitMs: 0 });
    expect([again.id, again.token]).toEqual([first.id, first.token]);
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    await expect(there.acquire(projectId, 's', { owner: 'me', requestId })).rejects.toMatchObject({
      code: 'LOCK_ID_TAKEN',
    });
  });

  test('names, times and owners that cannot be are refused, and projects know nothing of each other', async () => {
    const { projectId, here, there, database } = nodes();
    for (const resource of ['', '/a', 'a/', 'a//b', 'a\nb', 'x'.repeat(513)]) {
      await expect(here.acquire(projectId, resource), resource).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    await expect(here.acquire(projectId, 'r', { ttlMs: 1_000, renewEveryMs: 1_000 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await expect(here.acquire(projectId, 'r', { ttlMs: 3_600_000 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    const other = await insertTestProject(database);
    const mine = await here.acquire(projectId, 'r');
    const theirs = await there.acquire(other, 'r', { waitMs: 0 });
    expect(await there.release(other, mine.id, mine.token)).toBe(false);
    expect(mine.held).toBe(true);
    await theirs.release();
  });

  test('ORC-191: closing a node frees all that it holds and ends its waiting', async () => {
    const { fixture, projectId, there } = nodes();
    const node = fixture.node();
    const handles = await Promise.all(['a', 'b', 'c'].map((resource) => node.acquire(projectId, resource)));
    const held = await there.acquire(projectId, 'd');
    const waiting = node.acquire(projectId, 'd', { waitMs: 20_000 });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'LOCK_WITHDRAWN' });
    await fixture.queued(1);
    await node.close();
    await refused;
    expect(handles.map(({ held }) => held)).toEqual([false, false, false]);
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    await held.release();
  });
});
