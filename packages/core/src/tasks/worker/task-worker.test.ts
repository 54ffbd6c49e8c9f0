import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, expireTestClaim, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { type TaskHandler, TaskQueue, TaskWorker, type WorkerSettings } from '../index.ts';

const SOON = { timeout: 20_000, interval: 10 };

describeOnBackends('task worker', (backend) => {
  let opened: TestDatabase;
  let tasks: TaskQueue;
  let projectId: string;
  let workers: TaskWorker[];

  beforeEach(async () => {
    opened = await backend.open();
    projectId = await insertTestProject(opened.database);
    tasks = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop(0)));
    await tasks.close();
    await opened.close();
  });

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const work = (handlers: Record<string, TaskHandler>, settings: Partial<WorkerSettings> = {}, clock = systemClock) => {
    const parts = { tasks, clock, logger: pino({ level: 'silent' }) };
    const worker = new TaskWorker(parts, projectId, handlers, { agent: 'w', ...settings });
    workers.push(worker);
    worker.start();
    return worker;
  };
  const enqueue = (count: number, type = 'work') =>
    Promise.all(
      Array.from({ length: count }, (_, n) => tasks.enqueue(projectId, { type, payload: { n }, maxAttempts: 2 })),
    );
  const statuses = async () =>
    Object.fromEntries(
      (await sql('SELECT status, count(*)::int AS count FROM tasks GROUP BY status')).map((row) => [
        row.status,
        row.count,
      ]),
    );

  test.each([0, 50])('runs each task once and records what came of it, with a prefetch of %i', async (prefetch) => {
    await enqueue(120);
    const seen: unknown[] = [];
    const worker = work(
      {
        work: ({ payload }) => {
          seen.push(payload.n);
          return { twice: Number(payload.n) * 2 };
        },
      },
      { prefetch, concurrency: 7 },
    );
    await expect.poll(statuses, SOON).toEqual({ completed: 120 });
    await worker.stop();
    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 120 }, (_, n) => n));
    expect(
      await sql(
        `SELECT count(*)::int AS wrong FROM tasks WHERE (result ->> 'twice')::int <> (payload ->> 'n')::int * 2`,
      ),
    ).toEqual([{ wrong: 0 }]);
    expect(await sql('SELECT count(*)::int AS count FROM task_attempts')).toEqual([{ count: 120 }]);
  });

  test('never runs more handlers at once than it may', async () => {
    await enqueue(30);
    let running = 0;
    let most = 0;
    work(
      {
        work: async () => {
          running += 1;
          most = Math.max(most, running);
          await systemClock.sleep(5);
          running -= 1;
        },
      },
      { concurrency: 3, prefetch: 20 },
    );
    await expect.poll(statuses, SOON).toEqual({ completed: 30 });
    expect(most).toBe(3);
  });

  test('what a handler throws fails the attempt, for good if it says so', async () => {
    await enqueue(1, 'again');
    await enqueue(1, 'never');
    work({
      again: ({ attempt }) => {
        if (attempt === 1) throw new Error('not yet');
        return 'at last';
      },
      never: () => {
        throw Object.assign(new TypeError('no such thing'), { retryable: false });
      },
    });
    await expect.poll(statuses, SOON).toEqual({ completed: 1, failed: 1 });
    expect(await sql(`SELECT error ->> 'name' AS name FROM tasks WHERE status = 'failed'`)).toEqual([
      { name: 'TypeError' },
    ]);
    expect(await sql(`SELECT attempt, result FROM tasks WHERE type = 'again'`)).toEqual([
      { attempt: 2, result: 'at last' },
    ]);
  });

  test.each([
    ['at once', (result: unknown) => result],
    ['later', async (result: unknown) => result],
  ])('a result that cannot be stored is nobody else’s loss, when handlers end %s', async (_, end) => {
    await enqueue(40);
    work({ work: ({ payload }) => end(payload.n === 7 ? '\u0000' : payload.n) }, { concurrency: 40, prefetch: 40 });
    await expect.poll(statuses, SOON).toMatchObject({ completed: 39 });
    await expect.poll(() => workers[0]?.load, SOON).toEqual({ running: 0, waiting: 0, ending: 0 });
    expect(await sql(`SELECT (payload ->> 'n')::int AS n FROM tasks WHERE status <> 'completed'`)).toEqual([{ n: 7 }]);
    expect(
      await sql('SELECT count(*)::int AS wrong FROM tasks WHERE result IS DISTINCT FROM payload -> $1', ['n']),
    ).toEqual([{ wrong: 1 }]);
  });

  test('leaves tasks alone for which it has no handler', async () => {
    await enqueue(2, 'other');
    await enqueue(1);
    work({ work: () => null }, { prefetch: 10 });
    await expect.poll(statuses, SOON).toEqual({ completed: 1, queued: 2 });
  });

  test('keeps a claim past its lease while the handler runs, by heartbeats', async () => {
    await enqueue(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    work({ work: () => promise }, { leaseSeconds: 4, heartbeatSeconds: 0.2, prefetch: 5 });
    await expect.poll(statuses, SOON).toEqual({ claimed: 1 });
    await systemClock.sleep(4_500);
    expect(await opened.database.transaction((tx) => tasks.within(tx).reap())).toEqual([]);
    resolve();
    await expect.poll(statuses, SOON).toEqual({ completed: 1 });
  });

  test('a lost claim aborts its handler, and what it returns is not recorded', async () => {
    const [receipt] = await enqueue(1);
    const aborted = Promise.withResolvers<void>();
    work(
      {
        work: async (_, { signal }) => {
          signal.addEventListener('abort', () => aborted.resolve());
          await aborted.promise;
          return 'too late';
        },
      },
      { heartbeatSeconds: 0.1 },
    );
    await expect.poll(statuses, SOON).toEqual({ claimed: 1 });
    await expireTestClaim(opened.database, { taskId: receipt?.taskId ?? '' });
    await aborted.promise;
    const worker = workers[0] as TaskWorker;
    await expect.poll(() => worker.load, SOON).toEqual({ running: 0, waiting: 0, ending: 0 });
    expect((await tasks.get(projectId, receipt?.taskId ?? '')).result).toBeNull();
  });

  test('claims that wait too long go back to the others, uncounted', async () => {
    await enqueue(4);
    const { promise, resolve } = Promise.withResolvers<void>();
    work({ work: () => promise }, { concurrency: 1, prefetch: 10, returnAfterSeconds: 0.2, heartbeatSeconds: 0.1 });
    const other = () => sql(`SELECT count(*)::int AS back FROM task_ready`);
    await expect.poll(other, SOON).toEqual([{ back: 3 }]);
    await workers[0]?.stop(0);
    resolve();
    expect(await sql('SELECT DISTINCT failures FROM tasks')).toEqual([{ failures: 0 }]);
  });

  test('how long the worker had waited for work is not counted as waiting of the claims', async () => {
    let later = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later };
    const { promise, resolve } = Promise.withResolvers<void>();
    const settings = { concurrency: 1, prefetch: 10, returnAfterSeconds: 60, heartbeatSeconds: 0.1 };
    const worker = work({ work: () => promise }, settings, clock);
    later = 100_000;
    await enqueue(3);
    // The heartbeat writes them out; before that it looks which have waited too long.
    await expect.poll(statuses, SOON).toEqual({ claimed: 3 });
    expect(worker.load).toMatchObject({ running: 1, waiting: 2 });
    resolve();
  });

  test('a stop gives back what has not begun and waits for what has', async () => {
    await enqueue(5);
    const { promise, resolve } = Promise.withResolvers<void>();
    const worker = work({ work: () => promise }, { concurrency: 2, prefetch: 10 });
    await expect.poll(() => worker.load.running, SOON).toBe(2);
    const stopped = worker.stop();
    await expect.poll(() => sql('SELECT count(*)::int AS ready FROM task_ready'), SOON).toEqual([{ ready: 3 }]);
    resolve();
    await stopped;
    expect(await statuses()).toEqual({ completed: 2, queued: 3 });
  });

  test('settings are checked', () => {
    expect(() => work({}, { concurrency: 0 })).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
