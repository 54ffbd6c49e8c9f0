import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type LockObserver, SILENT_OBSERVER } from './lock-observer.ts';
import type { Locks } from './locks.ts';
import { describeLocks } from './testing/lock-fixture.ts';

/** What each of several attempts came to, once all are over: the code of its error, or null. */
function codesOf(attempts: readonly Promise<unknown>[]): Promise<(string | null)[]> {
  return Promise.all(
    attempts.map((attempt) =>
      attempt.then(
        () => null,
        (error: { code?: string }) => error.code ?? String(error),
      ),
    ),
  );
}

/** Holds `first`, waits for all others to hold theirs, then wants `second`, and gives both back. */
async function crossing(
  locks: Locks,
  projectId: string,
  [owner, first, second]: readonly [string, string, string],
  ready: () => Promise<void>,
  priority = 0,
): Promise<void> {
  await locks.withLock(
    projectId,
    first,
    async () => {
      await ready();
      await locks.withLock(projectId, second, async () => undefined, { owner, priority, waitMs: 30_000 });
    },
    { owner },
  );
}

/** Resolves for each of `count` callers once all have called. */
function barrier(count: number): () => Promise<void> {
  let missing = count;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    missing -= 1;
    if (missing === 0) resolve();
    return promise;
  };
}

describeLocks('deadlocks of locks', (nodes) => {
  test('A23: two that want what the other holds: exactly one is told of the deadlock, the other gets its lock', async () => {
    const { fixture, projectId, here, there } = nodes();
    const ready = barrier(2);
    const began = performance.now();
    const codes = await codesOf([
      crossing(here, projectId, ['x', 'p', 'q'], ready),
      crossing(there, projectId, ['y', 'q', 'p'], ready),
    ]);
    expect(codes.sort()).toEqual(['LOCK_DEADLOCK', null]);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });

  test('the victim is the one with the lowest priority, and it is told the cycle', async () => {
    const { projectId, here, there } = nodes();
    const ready = barrier(3);
    const outcomes = await Promise.allSettled([
      crossing(here, projectId, ['a', 'one', 'two'], ready, 5),
      crossing(there, projectId, ['b', 'two', 'three'], ready, 1),
      crossing(here, projectId, ['c', 'three', 'one'], ready, 5),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'LOCK_DEADLOCK', details: { resource: 'three', cycle: ['b', 'c', 'a'] } },
    });
  });

  test('two deadlocks at once have a victim each, and those that wait for neither are left alone', async () => {
    const { fixture, projectId, here } = nodes();
    const deadlocks: string[] = [];
    const observer: LockObserver = { ...SILENT_OBSERVER, deadlock: () => void deadlocks.push('one') };
    // Whoever waits may be the one who finds them.
    const [third, fourth] = [fixture.node({ observer }), fixture.node({ observer })];
    const held = await third.acquire(projectId, 'calm');
    const calm = fourth.acquire(projectId, 'calm', { waitMs: 30_000 });
    const [first, second] = [barrier(2), barrier(2)];
    const codes = await codesOf([
      crossing(third, projectId, ['a', 'p', 'q'], first),
      crossing(third, projectId, ['b', 'q', 'p'], first),
      crossing(third, projectId, ['c', 'r', 's'], second),
      crossing(third, projectId, ['d', 's', 'r'], second),
    ]);
    expect(codes.filter((code) => code === 'LOCK_DEADLOCK')).toHaveLength(2);
    expect([codes.slice(0, 2), codes.slice(2)].map((pair) => pair.includes(null))).toEqual([true, true]);
    expect(deadlocks).toHaveLength(2);
    await held.release();
    await (await calm).release();
    await sleep(0);
    expect(await here.stats(projectId)).toMatchObject({ totalLocks: 0, waiting: 0 });
  });

  test('two readers that both want to write are a deadlock, and one gives way', async () => {
    const { projectId, here, there } = nodes();
    const ready = barrier(2);
    const upgrade = async (locks: Locks, owner: string) => {
      const reading = await locks.acquire(projectId, 'r', { owner, mode: 'shared' });
      try {
        await ready();
        await locks.withLock(projectId, 'r', async () => undefined, { owner, waitMs: 30_000 });
      } finally {
        await reading.release();
      }
    };
    expect((await codesOf([upgrade(here, 'x'), upgrade(there, 'y')])).sort()).toEqual(['LOCK_DEADLOCK', null]);
  });

  test('a circle through the queue is found too: a reader behind a writer that waits for a reader', async () => {
    const { fixture, projectId, here, there } = nodes();
    const x = await here.acquire(projectId, 'p', { owner: 'x', mode: 'shared' });
    const y = await there.acquire(projectId, 'q', { owner: 'y' });
    const writer = here.acquire(projectId, 'p', { owner: 'w', waitMs: 30_000 });
    await fixture.queued(1);
    const behind = there.acquire(projectId, 'p', { owner: 'y', mode: 'shared', waitMs: 30_000 });
    await fixture.queued(2);
    const closing = here.acquire(projectId, 'q', { owner: 'x', waitMs: 30_000 });
    await expect(closing).rejects.toMatchObject({ code: 'LOCK_DEADLOCK' });
    await x.release();
    await (await writer).release();
    await (await behind).release();
    await y.release();
    expect(await fixture.rows()).toEqual({ holdings: 0, waiters: 0 });
  });

  test('ORC-184: names taken in order do not deadlock', async () => {
    const { projectId, here, there } = nodes();
    const both = async (locks: Locks, names: string[]) => {
      for (let round = 0; round < 5; round += 1) {
        const handles = await locks.acquireAll(projectId, names, { waitMs: 30_000 });
        for (const handle of handles) await handle.release();
      }
    };
    expect(await codesOf([both(here, ['p', 'q']), both(there, ['q', 'p'])])).toEqual([null, null]);
  });
});
