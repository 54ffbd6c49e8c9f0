import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { type EnqueueTask, TaskQueue } from '../index.ts';
import { TaskEtas } from './task-etas.ts';
import { randomDuration, seeded, simulateQueue } from './testing/queue-simulation.ts';

describeOnBackends('eta', (backend) => {
  let opened: TestDatabase;
  let project: string;
  let tasks: TaskQueue;
  let etas: TaskEtas;

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    tasks = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
    etas = new TaskEtas({ database: opened.database });
  });
  afterEach(() => opened.close());

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const enqueue = async (count: number, input: Partial<EnqueueTask> = {}) => {
    const inputs = Array.from({ length: count }, () => ({ type: 'work', ...input }));
    const made = await opened.database.transaction((tx) => tasks.within(tx).enqueueMany(project, inputs));
    return made.map(({ taskId }) => taskId);
  };
  const claim = (limit: number) =>
    tasks.claim(project, { agent: 'a', queues: ['default'], types: null, able: [], limit, leaseSeconds: 600 });
  /** As if attempts that took so many milliseconds had been measured. */
  const measured = (durations: readonly number[], type = 'work', kind = 'completed') =>
    sql(
      `INSERT INTO task_activity VALUES ($1, date_trunc('minute', now()), 'default', $2, $3, $4, $5, $6)
       ON CONFLICT (project_id, minute, queue, type, kind) DO UPDATE SET count = excluded.count, ms = excluded.ms, ms2 = excluded.ms2`,
      [
        project,
        type,
        kind,
        durations.length,
        durations.reduce((sum, ms) => sum + ms, 0),
        durations.reduce((sum, ms) => sum + ms * ms, 0),
      ],
    );
  const secondsFromNow = async (iso: string | undefined) => {
    const [row] = await sql('SELECT extract(epoch FROM $1::timestamptz - now())::float8 AS seconds', [iso]);
    return Number(row?.seconds);
  };

  test('the real end of simulated runs lies within the stated error in most cases', async () => {
    const AGENTS = 4;
    const TASKS = 40;
    const ASKED = [8, 20, 32, 39];
    let within = 0;
    let asked = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      await sql('DELETE FROM tasks');
      await sql('DELETE FROM task_leases');
      await sql('DELETE FROM task_activity');
      const random = seeded(seed * 7_919);
      const durations = Array.from({ length: TASKS }, () => randomDuration(random, 60_000, 30_000));
      const run = simulateQueue(durations, AGENTS);
      // Asked in the middle of the run: of those that are over the durations are known, of those at work how long they take.
      const asking = 110_000;
      const ids = await enqueue(TASKS);
      const begun = run.filter(({ start }) => start <= asking).length;
      const claims = await claim(begun);
      for (const [index, one] of claims.entries()) {
        if ((run[index]?.end ?? 0) <= asking) await tasks.complete(one);
        else
          await sql(`UPDATE tasks SET claimed_at = now() - $2 * interval '1 millisecond' WHERE id = $1`, [
            one.taskId,
            asking - (run[index]?.start ?? 0),
          ]);
      }
      await measured([
        ...Array.from({ length: 20 }, () => randomDuration(random, 60_000, 30_000)),
        ...durations.filter((_, index) => (run[index]?.end ?? 0) <= asking),
      ]);
      for (const index of ASKED) {
        const { eta, reason } = await etas.eta(project, ids[index] ?? '');
        expect([index, reason]).toEqual([index, null]);
        const real = ((run[index]?.end ?? 0) - asking) / 1000;
        const said = await secondsFromNow(eta?.finishesAt);
        asked += 1;
        if (Math.abs(said - real) <= (eta?.errorSeconds ?? 0)) within += 1;
      }
    }
    expect(asked).toBe(48);
    expect(within / asked).toBeGreaterThan(0.5);
  });

  test('more work ahead moves it later, by what that work takes', async () => {
    await measured([900, 1_000, 1_100]);
    await enqueue(1);
    await claim(1);
    const [asked = ''] = await enqueue(1);
    const alone = await secondsFromNow((await etas.eta(project, asked)).eta?.finishesAt);
    await enqueue(30, { priority: 0 });
    await enqueue(99, { priority: 3 });
    const behind = await etas.eta(project, asked);
    expect(behind.eta).toMatchObject({ samples: 3, ahead: { count: 30, exact: true }, basis: { boundBy: 'agents' } });
    expect((await secondsFromNow(behind.eta?.finishesAt)) - alone).toBeGreaterThan(28);
    expect((await secondsFromNow(behind.eta?.finishesAt)) - alone).toBeLessThan(32);
    expect(behind.eta?.errorSeconds).toBeGreaterThan(0);
  });

  test('nothing is said where nothing was measured, and why', async () => {
    const [task = ''] = await enqueue(1);
    const reasonOf = async (id: string) => {
      const { eta, reason } = await etas.eta(project, id);
      return [eta, reason];
    };
    expect(await reasonOf(task)).toEqual([null, 'not_measured']);
    await measured([50], 'work');
    expect(await reasonOf(task)).toEqual([null, 'not_measured']);
    await measured([50, 70], 'work');
    expect(await reasonOf(task)).toEqual([null, 'not_worked_on']);
    await measured([1], 'other', 'claimed');
    expect(await reasonOf(task)).toEqual([expect.objectContaining({ samples: 2 }), null]);
    await sql(`INSERT INTO task_queues (project_id, name, paused) VALUES ($1, 'default', true)`, [project]);
    expect(await reasonOf(task)).toEqual([null, 'paused']);
    await sql(`UPDATE tasks SET status = 'held'`);
    expect(await reasonOf(task)).toEqual([null, 'waiting']);
    await tasks.cancel(project, task, 'ann');
    expect(await reasonOf(task)).toEqual([null, 'over']);
    await expect(etas.eta(project, systemIds.uuid())).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('limits, rate and its own time hold it up', async () => {
    await measured([10_000, 10_000, 10_000]);
    await measured([1], 'work', 'claimed');
    const [asked = ''] = await enqueue(1, { concurrencyKey: 'k', delaySeconds: 100, priority: 5 });
    const boundBy = async () => (await etas.eta(project, asked)).eta?.basis.boundBy;
    expect(await boundBy()).toBe('its_time');
    await enqueue(30, { concurrencyKey: 'k' });
    expect(await boundBy()).toBe('agents');
    await sql(`INSERT INTO task_queues (project_id, name, rate_limit, rate_seconds) VALUES ($1, 'default', 1, 3600)`, [
      project,
    ]);
    expect(await boundBy()).toBe('rate');
    await sql('UPDATE task_queues SET rate_limit = NULL, rate_seconds = NULL, max_concurrent_per_key = 1');
    await enqueue(5, { concurrencyKey: 'other', priority: 0 });
    await sql('UPDATE task_queues SET max_concurrent_per_key = 10');
    expect(await claim(5)).toHaveLength(5);
    expect(await boundBy()).toBe('its_time');
    await sql('UPDATE task_queues SET max_concurrent_per_key = 1');
    expect(await boundBy()).toBe('concurrency_key');
    await sql('UPDATE task_queues SET max_concurrent_per_key = NULL, max_concurrent = 2');
    expect((await etas.eta(project, asked)).eta?.basis).toMatchObject({ boundBy: 'concurrency', parallelism: 2 });
  });

  test('a type that was not measured counts with the mean of all, and is told', async () => {
    await measured([1_000, 1_000]);
    await measured([4_000, 4_000], 'slow');
    await enqueue(1);
    await claim(1);
    await enqueue(10, { type: 'unknown', priority: 0 });
    const [asked = ''] = await enqueue(1);
    const { eta } = await etas.eta(project, asked);
    expect(eta?.basis.unmeasuredAhead).toBe(10);
    expect(await secondsFromNow(eta?.startsAt)).toBeGreaterThan(24);
  });

  test('a task at work ends the later the longer it takes, and its error is what is left of it', async () => {
    await measured([50_000, 60_000, 100_000]);
    const [asked = ''] = await enqueue(1);
    await claim(1);
    const early = await etas.eta(project, asked);
    expect(early.eta?.basis.boundBy).toBe('begun');
    expect(await secondsFromNow(early.eta?.finishesAt)).toBeCloseTo(70, -1);
    await sql(`UPDATE tasks SET claimed_at = now() - interval '200 seconds'`);
    const late = await etas.eta(project, asked);
    expect(await secondsFromNow(late.eta?.startsAt)).toBeLessThan(-199);
    expect(await secondsFromNow(late.eta?.finishesAt)).toBeGreaterThan(0);
  });

  test('what was first foretold is kept and compared with what happened', async () => {
    await measured([1_000, 1_000, 1_300]);
    await measured([1], 'work', 'claimed');
    const ids = await enqueue(2);
    expect(await etas.accuracy(project)).toEqual([]);
    for (const id of ids) expect((await etas.eta(project, id)).accuracy).toBeNull();
    await sql(
      `UPDATE task_eta_predictions SET starts_at = now(), finishes_at = now() + interval '5 seconds', error_seconds = 7`,
    );
    await etas.eta(project, ids[0] ?? '');
    for (const one of await claim(2)) await tasks.complete(one);
    const [first = '', second = ''] = ids;
    const happened = (id: string, start: number, end: number) =>
      sql(
        `UPDATE tasks t SET claimed_at = p.starts_at + $2 * interval '1 second', finished_at = p.finishes_at + $3 * interval '1 second'
         FROM task_eta_predictions p WHERE p.task_id = $1 AND t.id = $1`,
        [id, start, end],
      );
    await happened(first, 2, 6);
    await happened(second, -4, -10);
    const expected = {
      type: 'work',
      samples: 2,
      meanAbsoluteErrorSeconds: expect.closeTo(8, 3),
      meanAbsoluteStartErrorSeconds: expect.closeTo(3, 3),
      withinStatedError: 0.5,
    };
    expect(await etas.accuracy(project)).toEqual([expected]);
    const [next = ''] = await enqueue(1);
    expect((await etas.eta(project, next)).accuracy).toEqual(expected);
    expect(await etas.accuracy(await insertTestProject(opened.database))).toEqual([]);
  });
});
