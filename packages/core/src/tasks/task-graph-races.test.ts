import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBus } from '../platform/bus/index.ts';
import { systemClock } from '../platform/clock/clock.ts';
import { PgDatabase } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { insertTestProject, postgresBackend, somebodyWaits, type TestDatabase } from '../testing/index.ts';
import { type Claim, type EnqueueTask, TaskQueue } from './index.ts';

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

/** PostgreSQL only: PGlite has one connection, on which nothing can race. */
describe('task graph under races', () => {
  let opened: TestDatabase;
  let secondDb: PgDatabase;
  let project: string;
  /** Two programs: batches of one do not order those of the other. */
  let queues: [TaskQueue, TaskQueue];

  beforeEach(async () => {
    opened = await postgresBackend.open();
    secondDb = new PgDatabase({ kind: 'server', pool: { connectionString: opened.connectionString ?? '' } });
    project = await insertTestProject(opened.database);
    queues = [
      new TaskQueue({ database: opened.database, ids: systemIds }),
      new TaskQueue({ database: secondDb, ids: systemIds }),
    ];
  });
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.close()));
    await secondDb.close();
    await opened.close();
  });

  const sql = (text: string, values: unknown[] = []) => opened.database.query({ name: '', text }, values);
  const enqueue = async (input: Partial<EnqueueTask> = {}) =>
    (await queues[0].enqueue(project, { type: 'work', ...input })).taskId;
  const status = async (taskId: string) => (await queues[0].get(project, taskId)).status;
  const claimAll = async (limit = 1_000) => {
    const scope = { agent: 'a', queues: ['default'], types: null, able: [], leaseSeconds: 600 };
    return new Map((await queues[0].claim(project, { ...scope, limit })).map((claim) => [claim.taskId, claim]));
  };
  const held = (claims: ReadonlyMap<string, Claim>, taskId: string): Claim => {
    const claim = claims.get(taskId);
    if (!claim) throw new Error(`${taskId} was not claimed`);
    return claim;
  };

  test('two prerequisites that end at once in two transactions do not leave their dependent waiting', async () => {
    const [a, b] = [await enqueue(), await enqueue()];
    const dependent = await enqueue({ dependsOn: [{ taskId: a }, { taskId: b }] });
    const claims = await claimAll();
    const committed = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const first = opened.database.transaction(async (tx) => {
      await queues[0].within(tx).complete(held(claims, a), null);
      ended.resolve();
      await committed.promise;
    });
    await ended.promise;
    const later = queues[1].complete(held(claims, b));
    await somebodyWaits(opened.database);
    expect(await status(dependent)).toBe('waiting');
    committed.resolve();
    await Promise.all([first, later]);
    expect(await status(dependent)).toBe('queued');
  });

  test('a dependent that comes while its prerequisite ends hears of it, whichever is first', async () => {
    for (const endsFirst of [true, false]) {
      const a = await enqueue();
      const claims = await claimAll();
      const commit = Promise.withResolvers<void>();
      const done = Promise.withResolvers<void>();
      const complete = (queue: TaskQueue) => queue.complete(held(claims, a));
      const depend = (queue: TaskQueue) => queue.enqueue(project, { type: 'work', dependsOn: [{ taskId: a }] });
      const first = opened.database.transaction(async (tx) => {
        const within = queues[0].within(tx);
        if (endsFirst) await within.complete(held(claims, a), null);
        else await within.enqueue(project, { type: 'work', dependsOn: [{ taskId: a }] });
        done.resolve();
        await commit.promise;
      });
      await done.promise;
      const later = endsFirst ? depend(queues[1]) : complete(queues[1]);
      await somebodyWaits(opened.database);
      commit.resolve();
      await Promise.all([first, later]);
      expect(await sql(`SELECT FROM tasks WHERE status = 'waiting'`)).toEqual([]);
      expect(await sql(`SELECT FROM task_dependencies WHERE depends_on = $1 AND state <> 'met'`, [a])).toEqual([]);
      for (const claim of (await claimAll()).values()) await queues[0].complete(claim);
    }
  });

  test('two edges that would close a cycle together are not both taken', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = [await enqueue(), await enqueue()];
      const taken = await Promise.allSettled([
        queues[0].addDependencies(project, a, [{ taskId: b, onFailure: 'fail' }]),
        queues[1].addDependencies(project, b, [{ taskId: a, onFailure: 'fail' }]),
      ]);
      expect(taken.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code)).sort()).toEqual([
        'TASK_DEPENDENCY_CYCLE',
        'waiting',
      ]);
    }
  });

  test('layers of tasks that end in many transactions at once leave nobody waiting', async () => {
    const width = 12;
    const layers = 5;
    const tasks = Array.from({ length: layers * width }, (_, n) => ({
      ref: `t${n}`,
      type: 'work',
      dependsOn: Array.from({ length: n < width ? 0 : width }, (_, k) => ({
        ref: `t${(Math.floor(n / width) - 1) * width + k}`,
        onFailure: 'continue' as const,
      })),
    }));
    await queues[0].enqueueMany(project, tasks);
    for (let layer = 0; layer < layers; layer += 1) {
      const claims = [...(await claimAll()).values()];
      expect(claims).toHaveLength(width);
      await Promise.all(
        claims.map((claim, n) =>
          n % 3 === 0
            ? queues[1].fail(claim, { name: 'E', message: 'm', retryable: false })
            : opened.database.transaction((tx) => queues[0].within(tx).complete(claim, n), { retries: 5 }),
        ),
      );
    }
    expect(await sql(`SELECT DISTINCT status FROM tasks ORDER BY 1`)).toEqual([
      { status: 'completed' },
      { status: 'failed' },
    ]);
  });

  test('who waits for work hears at once of what became ready behind a task that ended', async () => {
    const first = await enqueue({ queue: 'first' });
    const second = await enqueue({ queue: 'second', dependsOn: [{ taskId: first }] });
    const onError = (error: unknown) => {
      throw error;
    };
    const bus = openBus({ database: secondDb, nodeId: 'waiting', clock: systemClock, onError });
    // Looks by itself only once, at the beginning: nothing but the bus can wake it after that.
    const clock = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => untilAborted(signal) };
    const waiting = new TaskQueue({ database: secondDb, ids: systemIds, bus, clock });
    const scope = { agent: 'b', queues: ['second'], types: null, able: [], leaseSeconds: 600, limit: 1 };
    const claims = waiting.claim(project, { ...scope, waitMs: 600_000 });
    while (
      (await sql(`SELECT FROM pg_stat_activity WHERE query ILIKE 'listen%' AND datname = current_database()`))
        .length === 0
    ) {
      await pause(5);
    }
    const [claim] = await queues[0].claim(project, { ...scope, queues: ['first'] });
    if (!claim) throw new Error('nothing to claim');
    await queues[0].complete(claim);
    expect(await claims).toMatchObject([{ taskId: second }]);
    await waiting.close();
    await bus.close();
  });

  test('children that end while their parent is cancelled leave nothing unfinished', async () => {
    for (let round = 0; round < 15; round += 1) {
      const parent = await enqueue();
      const children = Array.from({ length: 6 }, () => ({ type: 'work' }));
      await queues[0].decompose(held(await claimAll(), parent), children);
      const claims = [...(await claimAll()).values()];
      const outcomes = await Promise.allSettled([
        ...claims.slice(0, 3).map((claim) => queues[1].complete(claim)),
        queues[0].cancel(project, parent, 'somebody'),
        ...claims.slice(3).map((claim) => queues[1].decompose(claim, [{ type: 'work' }])),
      ]);
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(refused.filter((code) => code !== 'CLAIM_LOST')).toEqual([]);
      expect(await status(parent)).toBe('cancelled');
      expect(await sql('SELECT status FROM tasks WHERE finished_at IS NULL')).toEqual([]);
      expect(await sql('SELECT FROM task_ready UNION ALL SELECT FROM task_waiting')).toEqual([]);
    }
  });
});
