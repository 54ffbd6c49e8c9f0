import { setTimeout as sleep } from 'node:timers/promises';
import { insertTestProject, postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LockProcess } from './lock-process.ts';

/** How long a waiter stays in a queue after its process was killed. */
const WAITER_LEASE_MS = 5_000;

describe('locks between processes', { timeout: 120_000 }, () => {
  let db: TestDatabase;
  let projectId: string;
  let processes: LockProcess[];
  const begin = async () => {
    projectId = await insertTestProject(db.database);
    const start = (n: number) => LockProcess.start(`process-${n}`, db.connectionString ?? '', projectId);
    processes = await Promise.all([1, 2, 3, 4].map(start));
  };
  const end = () => Promise.all(processes.map((one) => one.kill()));
  beforeAll(async () => {
    db = await postgresBackend.open();
    await begin();
  });
  // What failed midway leaves locks and waiters behind, in which the next try would fail as well.
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0) return;
    await end();
    await begin();
  });
  afterAll(async () => {
    await end();
    await db.close();
  });
  const at = (n: number): LockProcess => {
    const found = processes[n - 1];
    if (!found) throw new Error(`there is no process ${n}`);
    return found;
  };
  const count = async (table: 'lock_holdings' | 'lock_waiters') => {
    const text = `SELECT count(*)::int AS count FROM ${table} WHERE project_id = $1`;
    const [row] = await db.database.query<{ count: number }>({ name: '', text }, [projectId]);
    return row?.count;
  };
  const queued = (wanted: number) =>
    expect.poll(() => count('lock_waiters'), { timeout: 20_000, interval: 5 }).toBe(wanted);

  it('A20: a lock that another process holds is refused at once, or waited for until it is released', async () => {
    const first = at(1).acquire('a20', { waitMs: 0 });
    const held = await first.done;
    expect((await at(2).acquire('a20', { waitMs: 0 }).done).code).toBe('LOCK_CONTENDED');
    expect(await count('lock_waiters')).toBe(0);
    const second = at(2).acquire('a20', { waitMs: 50_000 });
    await queued(1);
    await sleep(300);
    expect(await at(1).release(first.call)).toBe(true);
    const got = await second.done;
    expect(got.code).toBeNull();
    expect(got.token).toBeGreaterThan(held.token ?? 0);
    await at(2).release(second.call);
  });

  it('A21: a process that is stopped loses its lock, is told when it goes on, and cannot free its successor', async () => {
    const stopped = at(3).acquire('a21', { ttlMs: 800 });
    const first = await stopped.done;
    at(3).signal('SIGSTOP');
    const next = at(4).acquire('a21', { waitMs: 50_000 });
    const second = await next.done;
    expect(second.token).toBeGreaterThan(first.token ?? 0);
    at(3).signal('SIGCONT');
    await at(3).lost(stopped.call);
    expect(await at(3).release(stopped.call)).toBe(false);
    expect((await at(1).acquire('a21', { waitMs: 0 }).done).code).toBe('LOCK_CONTENDED');
    expect(await at(4).release(next.call)).toBe(true);
  });

  it('A22: waiters of several processes are served in order, then by priority; one that is killed holds nobody up for long', async () => {
    for (const [priorities, expected] of [
      [
        [0, 0, 0],
        [0, 1, 2],
      ],
      [
        [0, 10, 5],
        [1, 2, 0],
      ],
    ] as const) {
      const held = at(4).acquire('a22', { waitMs: 0 });
      await held.done;
      const calls: ReturnType<LockProcess['acquire']>[] = [];
      for (const [index, priority] of priorities.entries()) {
        calls.push(at(index + 1).acquire('a22', { priority, waitMs: 50_000 }));
        await queued(index + 1);
      }
      await at(4).release(held.call);
      const order: number[] = [];
      await Promise.all(
        calls.map(async ({ call, done }, index) => {
          expect((await done).code).toBeNull();
          order.push(index);
          await at(index + 1).release(call);
        }),
      );
      expect(order).toEqual(expected);
    }

    const held = at(4).acquire('a22', { waitMs: 0 });
    await held.done;
    const doomed = await LockProcess.start('doomed', db.connectionString ?? '', projectId);
    // Its last statement may still be under way in the database when it is killed, and be given the lock for as long as this.
    const dead = doomed.acquire('a22', { priority: 9, waitMs: 60_000, ttlMs: WAITER_LEASE_MS });
    const never = expect(dead.done).rejects.toThrow('ended before it answered');
    await queued(1);
    const behind = at(1).acquire('a22', { waitMs: 60_000 });
    await queued(2);
    await doomed.kill();
    await never;
    const freed = performance.now();
    await at(4).release(held.call);
    expect((await behind.done).code).toBeNull();
    expect(performance.now() - freed).toBeLessThan(4 * WAITER_LEASE_MS);
    await at(1).release(behind.call);
  });

  it('a planted deadlock of four processes ends with one victim', async () => {
    const names = ['d1', 'd2', 'd3', 'd4'];
    const firsts = names.map((resource, n) => at(n + 1).acquire(resource, { owner: `owner-${n}` }));
    for (const { done } of firsts) expect((await done).code).toBeNull();
    const planted = performance.now();
    const seconds = names.map((_, n) =>
      at(n + 1).acquire(names[(n + 1) % 4] ?? '', { owner: `owner-${n}`, waitMs: 50_000 }),
    );
    const outcome = await Promise.race(seconds.map(async ({ done }, n) => ({ n, ...(await done) })));
    const tookMs = performance.now() - planted;
    expect(outcome.code).toBe('LOCK_DEADLOCK');
    expect(tookMs).toBeLessThan(10_000);
    await at(outcome.n + 1).release(firsts[outcome.n]?.call ?? '');
    const codes: (string | null)[] = [];
    // Each gets its second lock once the one ahead of it has given back both of its own.
    for (let step = 1; step < 4; step += 1) {
      const n = (outcome.n - step + 4) % 4;
      codes.push((await seconds[n]?.done)?.code ?? null);
      await at(n + 1).release(seconds[n]?.call ?? '');
      await at(n + 1).release(firsts[n]?.call ?? '');
    }
    expect(codes).toEqual([null, null, null]);
    expect([await count('lock_holdings'), await count('lock_waiters')]).toEqual([0, 0]);
  });
});
