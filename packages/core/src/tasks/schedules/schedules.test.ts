import { afterEach, beforeEach, expect, test } from 'vitest';
import { PgDatabase } from '../../platform/database/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { TaskQueue } from '../index.ts';
import type { CreateSchedule } from './schedule.ts';
import { databaseNow } from './schedule-store.ts';
import { Schedules } from './schedules.ts';

describeOnBackends('schedules', (backend) => {
  let opened: TestDatabase;
  let project: string;
  let tasks: TaskQueue;
  let schedules: Schedules;
  let now: Date;

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    tasks = new TaskQueue({ database: opened.database, ids: systemIds });
    schedules = new Schedules({ database: opened.database, ids: systemIds, tasks, now: async () => now });
    now = new Date('2026-05-04T10:00:00.000Z');
  });
  afterEach(() => opened.close());

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const create = (input: Partial<CreateSchedule> = {}) =>
    schedules.create(project, { name: 'nightly', cron: '0 * * * *', task: { type: 'report' }, ...input }, 'ann');
  const fireAt = async (iso: string) => {
    now = new Date(iso);
    return schedules.fireDue();
  };
  /** The times that fired, in order. */
  const keys = async () =>
    (await sql('SELECT right(idempotency_key, 24) AS key FROM tasks ORDER BY id')).map(({ key }) => key);

  test('fires when it is due, with what its task says, and not before', async () => {
    const made = await create({ task: { type: 'report', queue: 'reports', payload: { week: true }, priority: 1 } });
    expect(made).toMatchObject({ nextRunAt: '2026-05-04T11:00:00.000Z', lastRunAt: null, version: 1 });
    expect(await fireAt('2026-05-04T10:59:59.999Z')).toBe(0);
    expect(await fireAt('2026-05-04T11:00:00.000Z')).toBe(1);
    expect(await fireAt('2026-05-04T11:00:01.000Z')).toBe(0);
    const after = await schedules.get(project, made.id);
    expect(after).toMatchObject({
      lastRunAt: '2026-05-04T11:00:00.000Z',
      nextRunAt: '2026-05-04T12:00:00.000Z',
      lastSkippedAt: null,
      version: 1,
    });
    expect(await tasks.get(project, after.lastTaskId ?? '')).toMatchObject({
      type: 'report',
      queue: 'reports',
      payload: { week: true },
      priority: 1,
      createdBy: 'schedule:nightly',
      status: 'queued',
    });
  });

  test('several nodes that look at the same time fire each time once', async () => {
    await create({ cron: '* * * * * *' });
    await create({ name: 'second', cron: '* * * * * *' });
    const { connectionString } = opened;
    const others = connectionString
      ? [1, 2, 3].map(() => new PgDatabase({ kind: 'server', pool: { connectionString } }))
      : [];
    const nodes = [opened.database, ...others].map(
      (database) =>
        new Schedules({
          database,
          ids: systemIds,
          tasks: new TaskQueue({ database, ids: systemIds }),
          now: async () => now,
        }),
    );
    for (let second = 1; second <= 10; second += 1) {
      now = new Date(Date.parse('2026-05-04T10:00:00.000Z') + second * 1000);
      await Promise.all(nodes.map((node) => node.fireDue()));
    }
    await schedules.fireDue();
    const times = await keys();
    expect(times).toHaveLength(20);
    expect(new Set(times).size).toBe(10);
    await Promise.all(others.map((database) => database.close()));
  });

  test('a round that fails leaves the time to the next one', async () => {
    await create();
    now = new Date('2026-05-04T11:00:00.000Z');
    await sql('ALTER TABLE task_ready RENAME TO away');
    await expect(schedules.fireDue()).rejects.toThrow();
    await sql('ALTER TABLE away RENAME TO task_ready');
    expect(await fireAt('2026-05-04T11:00:02.000Z')).toBe(1);
    expect(await keys()).toEqual(['2026-05-04T11:00:00.000Z']);
  });

  test('what was missed is left out, or made up for once', async () => {
    const skip = await create({ name: 'skip', catchUp: 'skip' });
    const once = await create({ name: 'once', catchUp: 'once' });
    await fireAt('2026-05-04T15:30:00.000Z');
    expect(await schedules.get(project, skip.id)).toMatchObject({
      lastRunAt: null,
      lastSkippedAt: '2026-05-04T11:00:00.000Z',
      lastSkipReason: 'missed',
      nextRunAt: '2026-05-04T16:00:00.000Z',
    });
    expect(await schedules.get(project, once.id)).toMatchObject({
      lastRunAt: '2026-05-04T11:00:00.000Z',
      nextRunAt: '2026-05-04T16:00:00.000Z',
    });
    expect(await keys()).toEqual(['2026-05-04T11:00:00.000Z']);
  });

  test('with overlap skip it waits until its last task is over', async () => {
    const made = await create({ overlap: 'skip' });
    await fireAt('2026-05-04T11:00:00.000Z');
    await fireAt('2026-05-04T12:00:00.000Z');
    const waiting = await schedules.get(project, made.id);
    expect(waiting).toMatchObject({ lastRunAt: '2026-05-04T11:00:00.000Z', lastSkipReason: 'overlap' });
    await tasks.cancel(project, waiting.lastTaskId ?? '', 'ann');
    await fireAt('2026-05-04T13:00:00.000Z');
    expect(await keys()).toEqual(['2026-05-04T11:00:00.000Z', '2026-05-04T13:00:00.000Z']);
  });

  test('a draining queue refuses its task and holds up no other schedule', async () => {
    await sql(`INSERT INTO task_queues (project_id, name, draining) VALUES ($1, 'shut', true)`, [project]);
    const shut = await create({ name: 'a', task: { type: 'report', queue: 'shut' } });
    await create({ name: 'b' });
    await fireAt('2026-05-04T11:00:00.000Z');
    expect(await schedules.get(project, shut.id)).toMatchObject({ lastTaskId: null, lastSkipReason: 'queue_draining' });
    expect(await keys()).toHaveLength(1);
  });

  test('times that this program cannot read stop their schedule alone, and it says why', async () => {
    const lost = await create({ name: 'a' });
    await create({ name: 'b' });
    await sql(`UPDATE task_schedules SET timezone = 'Atlantis/Capital' WHERE id = $1`, [lost.id]);
    await fireAt('2026-05-04T11:00:00.000Z');
    expect(await schedules.get(project, lost.id)).toMatchObject({
      enabled: true,
      nextRunAt: null,
      lastSkipReason: 'times_unreadable',
    });
    expect(await keys()).toEqual(['2026-05-04T11:00:00.000Z']);
    expect((await schedules.update(project, lost.id, 1, { timezone: 'UTC' }, 'bob')).nextRunAt).toBe(
      '2026-05-04T12:00:00.000Z',
    );
  });

  test('changes are versioned and audited; what went by while it was disabled is not made up for', async () => {
    const made = await create({ catchUp: 'once' });
    const off = await schedules.update(project, made.id, 1, { enabled: false }, 'bob');
    expect(off).toMatchObject({ enabled: false, nextRunAt: null, version: 2 });
    expect(await fireAt('2026-05-04T18:30:00.000Z')).toBe(0);
    await expect(schedules.update(project, made.id, 1, { enabled: true }, 'bob')).rejects.toMatchObject({
      code: 'OPTIMISTIC_LOCK',
    });
    const on = await schedules.update(project, made.id, 2, { enabled: true, timezone: 'Asia/Kolkata' }, 'bob');
    expect(on).toMatchObject({ nextRunAt: '2026-05-04T19:30:00.000Z', version: 3 });
    const later = await schedules.update(project, made.id, 3, { overlap: 'skip' }, 'bob');
    expect(later.nextRunAt).toBe(on.nextRunAt);
    await expect(schedules.update(project, made.id, 4, { cron: '99 * * * *' }, 'bob')).rejects.toMatchObject({
      code: 'SCHEDULE_CRON_INVALID',
    });
    await expect(create()).rejects.toMatchObject({ code: 'SCHEDULE_EXISTS' });
    await create({ name: 'other' });
    await expect(schedules.update(project, made.id, 4, { name: 'other' }, 'bob')).rejects.toMatchObject({
      code: 'SCHEDULE_EXISTS',
    });
    await expect(schedules.delete(project, made.id, 3, 'bob')).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    await schedules.delete(project, made.id, 4, 'bob');
    await expect(schedules.get(project, made.id)).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    expect((await schedules.list(project, 1, 10)).items.map(({ name }) => name)).toEqual(['other']);
    const audited = await sql(
      'SELECT action, actor, version_after FROM audit_events WHERE subject_id = $1 ORDER BY id',
      [made.id],
    );
    expect(audited).toEqual([
      { action: 'schedule.create', actor: 'ann', version_after: 1 },
      ...[2, 3, 4].map((version) => ({ action: 'schedule.update', actor: 'bob', version_after: version })),
      { action: 'schedule.delete', actor: 'bob', version_after: null },
    ]);
  });

  test('without a clock given, the database says what time it is', async () => {
    const real = new Schedules({ database: opened.database, ids: systemIds, tasks });
    const before = await databaseNow(opened.database);
    const made = await real.create(project, { name: 'each', cron: '* * * * * *', task: { type: 'report' } }, 'ann');
    expect(Date.parse(made.nextRunAt ?? '')).toBeGreaterThan(before.getTime());
    await sql(`UPDATE task_schedules SET next_run_at = date_trunc('second', clock_timestamp()) - interval '1 second'`);
    expect(await real.fireDue()).toBe(1);
    expect((await real.get(project, made.id)).lastRunAt).not.toBeNull();
  });

  test('another project has no part in it', async () => {
    const made = await create();
    const other = await insertTestProject(opened.database);
    await expect(schedules.get(other, made.id)).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    await expect(schedules.delete(other, made.id, 1, 'x')).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    expect(await schedules.list(other, 1, 10)).toEqual({ items: [], total: 0 });
  });
});
