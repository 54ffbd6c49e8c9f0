import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock/manual-clock.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { ActivityRecorder } from './activity-recorder.ts';
import { type EnqueueTask, TaskQueue } from './index.ts';
import { Queues } from './queues.ts';

describeOnBackends('queues', (backend) => {
  let opened: TestDatabase;
  let project: string;
  let tasks: TaskQueue;
  let queues: Queues;
  let recorder: ActivityRecorder;
  const clock = new ManualClock();
  const failures: unknown[] = [];

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    tasks = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
    queues = new Queues({ database: opened.database, tasks });
    recorder = new ActivityRecorder({
      database: opened.database,
      clock,
      tasks,
      onError: (error) => failures.push(error),
    });
  });
  afterEach(() => opened.close());

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const enqueue = (count: number, input: Partial<EnqueueTask> = {}) =>
    Promise.all(Array.from({ length: count }, () => tasks.enqueue(project, { type: 'work', ...input })));
  const claim = (limit: number, queue = 'default') =>
    tasks.claim(project, { agent: 'a', queues: [queue], types: null, able: [], limit, leaseSeconds: 30 });

  test('a queue nobody said anything about is open, without limits and at version 0', async () => {
    expect(await queues.get(project, 'fresh')).toMatchObject({
      name: 'fresh',
      paused: false,
      draining: false,
      maxConcurrent: null,
      rate: null,
      version: 0,
      ready: { count: 0, exact: true },
      oldestReadySeconds: null,
      activity: { completed: 0, failureShare: null, meanMs: null },
      failureReasons: [],
    });
    expect(await queues.list(project, 1, 20)).toEqual({ items: [], total: 0 });
    await expect(queues.get(project, 'Not a name')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('the first write makes the row; a stale version changes nothing', async () => {
    const made = await queues.update(project, 'q', 0, { maxConcurrent: 3, rate: { limit: 5, seconds: 2 } }, 'ann');
    expect(made).toMatchObject({ version: 1, maxConcurrent: 3, rate: { limit: 5, seconds: 2 } });
    await expect(queues.update(project, 'q', 0, { maxConcurrent: 9 }, 'bob')).rejects.toMatchObject({
      code: 'OPTIMISTIC_LOCK',
      details: { expected: 1, received: 0 },
    });
    await expect(queues.pause(project, 'q', 'bob', 7)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect(await queues.update(project, 'q', 1, { rate: null }, 'ann')).toMatchObject({
      version: 2,
      maxConcurrent: 3,
      rate: null,
    });
    await expect(queues.update(project, 'q', 2, { paused: true } as never, 'ann')).rejects.toMatchObject({
      code: 'UNKNOWN_FIELD',
    });
    const audited = await sql(
      `SELECT actor, action, subject_id, version_before, version_after, changes FROM audit_events WHERE subject_type = 'queue' ORDER BY version_after`,
    );
    expect(audited).toEqual([
      {
        actor: 'ann',
        action: 'queue.update',
        subject_id: 'q',
        version_before: 0,
        version_after: 1,
        changes: {
          maxConcurrent: { before: null, after: 3 },
          rate: { before: null, after: { limit: 5, seconds: 2 } },
        },
      },
      expect.objectContaining({ version_before: 1, version_after: 2 }),
    ]);
    expect(await sql(`SELECT payload FROM feed_entries WHERE topic = 'queue' ORDER BY id`)).toEqual([
      { payload: { queue: 'q', change: 'update', version: 1 } },
      { payload: { queue: 'q', change: 'update', version: 2 } },
    ]);
  });

  test('two who set a queue for the first time at once: one of them is told', async () => {
    const both = await Promise.allSettled([
      queues.update(project, 'q', 0, { maxConcurrent: 1 }, 'ann'),
      queues.update(project, 'q', 0, { maxConcurrent: 2 }, 'bob'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await sql('SELECT version FROM task_queues')).toEqual([{ version: 1 }]);
  });

  test('pause keeps work in, resume wakes those who wait, drain keeps work out', async () => {
    await queues.pause(project, 'default', 'ann');
    await enqueue(1);
    expect(await claim(1)).toEqual([]);
    const waiting = tasks.claim(project, {
      agent: 'a',
      queues: ['default'],
      types: null,
      able: [],
      limit: 1,
      leaseSeconds: 30,
      waitMs: 60_000,
    });
    await queues.resume(project, 'default', 'ann');
    expect(await waiting).toHaveLength(1);
    expect(await queues.drain(project, 'default', 'ann')).toMatchObject({ draining: true, paused: false, version: 3 });
    await expect(enqueue(1)).rejects.toMatchObject({ code: 'QUEUE_DRAINING' });
    await queues.open(project, 'default', 'ann');
    await enqueue(1);
  });

  test('limits count what is under way already when they are set', async () => {
    await enqueue(6);
    const held = await claim(3);
    await queues.update(project, 'default', 0, { maxConcurrent: 4 }, 'ann');
    expect(await claim(6)).toHaveLength(1);
    await Promise.all(held.map((one) => tasks.complete(one)));
    expect(await claim(6)).toHaveLength(2);
    expect(await sql('SELECT count(*)::integer AS count FROM task_slots')).toEqual([{ count: 3 }]);
  });

  test('prefetched claims are at work too, and count when a limit is set', async () => {
    await enqueue(5);
    const request = { agent: 'a', queues: ['default'], types: null, able: [], leaseSeconds: 30 };
    const [first] = await tasks.claim(project, { ...request, limit: 3, prefetch: true });
    if (!first) throw new Error('nothing to claim');
    expect(await queues.get(project, 'default')).toMatchObject({
      ready: { count: 2 },
      claimed: { count: 3, exact: true },
    });
    await tasks.complete(first);
    expect(await queues.get(project, 'default')).toMatchObject({ claimed: { count: 2 }, running: { count: 0 } });
    await queues.update(project, 'default', 0, { maxConcurrent: 3 }, 'ann');
    expect(await tasks.claim(project, { ...request, limit: 2 })).toHaveLength(1);
  });

  test('shows what a queue holds and what happens in it, and says where it stopped counting', async () => {
    await enqueue(7);
    await enqueue(2, { delaySeconds: 60 });
    await enqueue(1, { queue: 'other' });
    await sql(`UPDATE task_ready SET run_at = run_at - interval '90 seconds' WHERE run_at <= now()`);
    await sql(`UPDATE tasks t SET run_at = r.run_at FROM task_ready r WHERE r.task_id = t.id`);
    const [done, failed, retried, begun] = await claim(5);
    if (!done || !failed || !retried || !begun) throw new Error('too few claims');
    await tasks.complete(done);
    await tasks.fail(failed, { name: 'DiskFull', message: 'no space left', retryable: false });
    await tasks.fail(retried, { name: 'Flaky', message: '', retryable: true }, 600);
    await opened.database.transaction((tx) => tasks.within(tx).begin(begun));
    await recorder.flush();
    const { items, total } = await queues.list(project, 1, 10);
    expect(total).toBe(2);
    const [shown, other] = items;
    expect(other).toMatchObject({ name: 'other', ready: { count: 1, exact: true }, activity: { enqueued: 1 } });
    expect(shown).toMatchObject({
      name: 'default',
      ready: { count: 2, exact: true },
      delayed: { count: 3, exact: true },
      waiting: { count: 0, exact: true },
      claimed: { count: 1, exact: true },
      running: { count: 1, exact: true },
      dead: { count: 0, exact: true },
      failed: { count: 1, exact: true },
      activity: { enqueued: 9, claimed: 5, completed: 1, failed: 2, lost: 0, failureShare: 2 / 3 },
      failureReasons: [{ name: 'DiskFull', message: 'no space left', count: 1 }],
    });
    expect(shown?.oldestReadySeconds).toBeGreaterThan(89);
    expect(shown?.activity.throughput).toBeCloseTo(1 / (shown?.activity.seconds ?? 0));
    expect(shown?.activity.seconds).toBeGreaterThanOrEqual(240);
    expect(shown?.activity.meanMs).toBeGreaterThan(0);
    const bounded = await queues.list(project, 1, 1, 2);
    expect(bounded.items[0]).toMatchObject({ ready: { count: 2, exact: false }, delayed: { count: 2, exact: false } });
  });

  test('depths of all projects, the empty ones where something happened lately', async () => {
    const other = await insertTestProject(opened.database);
    await enqueue(3);
    await enqueue(2, { delaySeconds: 60, queue: 'later' });
    await tasks.enqueue(other, { type: 'work' });
    await tasks.enqueue(other, { type: 'work', queue: 'emptied' });
    await tasks.claim(other, { agent: 'a', queues: ['emptied'], types: null, able: [], limit: 9, leaseSeconds: 30 });
    await recorder.flush();
    await sql(`UPDATE task_ready SET run_at = run_at - interval '1 minute' WHERE queue = 'default'`);
    const shown = (await queues.depths(100, 100)).map((one) => [one.project, one.queue, one.ready]);
    const [mine, theirs] = [`test-${project}`, `test-${other}`];
    expect(shown).toHaveLength(4);
    expect(shown).toEqual(
      expect.arrayContaining([
        [mine, 'default', 3],
        [mine, 'later', 0],
        [theirs, 'default', 1],
        [theirs, 'emptied', 0],
      ]),
    );
    const [first] = await queues.depths(1, 2);
    expect(first).toMatchObject({ queue: 'default' });
    expect(first?.ready).toBeLessThanOrEqual(2);
    expect(first?.oldestSeconds).toBeGreaterThan(59);
  });

  test('another project has queues of its own', async () => {
    await enqueue(1);
    await queues.pause(project, 'default', 'ann');
    const other = await insertTestProject(opened.database);
    expect(await queues.get(other, 'default')).toMatchObject({ paused: false, version: 0, ready: { count: 0 } });
    expect((await queues.list(other, 1, 10)).total).toBe(0);
  });

  test('activity adds up over nodes and rounds, and outlives a round that could not be written', async () => {
    const second = new TaskQueue({ database: opened.database, ids: systemIds });
    const secondRecorder = new ActivityRecorder({ database: opened.database, clock, tasks: second, onError: () => 0 });
    await enqueue(2);
    await sql('ALTER TABLE task_activity RENAME TO away');
    await expect(recorder.flush()).rejects.toThrow();
    await sql('ALTER TABLE away RENAME TO task_activity');
    await enqueue(3);
    await second.enqueue(project, { type: 'work' });
    await second.enqueue(project, { type: 'work', idempotencyKey: 'k' });
    await second.enqueue(project, { type: 'work', idempotencyKey: 'k' });
    await Promise.all([recorder.flush(), secondRecorder.flush()]);
    await Promise.all([recorder.flush(), secondRecorder.close()]);
    const [sum] = await sql(
      `SELECT sum(count)::integer AS count FROM task_activity WHERE kind = 'enqueued' AND queue = 'default' AND type = 'work'`,
    );
    expect(sum).toEqual({ count: 7 });
    expect(failures).toEqual([]);
  });

  test('a started recorder writes each second, and leaves out what belongs to a project that is gone', async () => {
    recorder.start();
    const gone = await insertTestProject(opened.database);
    await tasks.enqueue(gone, { type: 'work' });
    await enqueue(4);
    await sql('DELETE FROM projects WHERE id = $1', [gone]);
    await clock.advance(1_000);
    await recorder.close();
    expect(await sql('SELECT project_id, count::integer FROM task_activity')).toEqual([
      { project_id: project, count: 4 },
    ]);
    expect(failures).toEqual([]);
  });
});
