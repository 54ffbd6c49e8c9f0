import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock/manual-clock.ts';
import { idsFrom, systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { type EnqueueTask, TaskQueue } from './index.ts';
import { retireTasks } from './retention.ts';

const SETTINGS = { retentionDays: 14, failedRetentionDays: 90, activityDays: 7 };

describeOnBackends('task retention', (backend) => {
  let opened: TestDatabase;
  let project: string;

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
  });
  afterEach(() => opened.close());

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const left = async () => (await sql('SELECT type FROM tasks ORDER BY type')).map(({ type }) => type);

  /** A task made so many days ago, and over since then if `over` says how. */
  async function past(daysAgo: number, over: string | null, input: Partial<EnqueueTask> & { type: string }) {
    const at = new Date(Date.now() - daysAgo * 86_400_000);
    const queue = new TaskQueue({ database: opened.database, ids: idsFrom(new ManualClock(at)) });
    const { taskId } = await queue.enqueue(project, input);
    if (over === null) return taskId;
    const [claim] = await queue.claim(project, {
      agent: 'a',
      queues: ['default'],
      types: [input.type],
      able: [],
      limit: 1,
      leaseSeconds: 30,
    });
    if (!claim) throw new Error('nothing to claim');
    if (over === 'completed') await queue.complete(claim);
    else await queue.fail(claim, { name: 'E', message: '', retryable: false });
    await sql(`UPDATE tasks SET finished_at = $2 WHERE id = $1`, [taskId, at]);
    return taskId;
  }

  test('COORD-45: what has been over for long enough goes with all that belongs to it, the rest stays', async () => {
    await past(20, 'completed', { type: 'old', idempotencyKey: 'k' });
    await past(13, 'completed', { type: 'young' });
    await past(20, 'failed', { type: 'failed.young' });
    await past(91, 'failed', { type: 'failed.old' });
    await past(200, null, { type: 'queued' });
    const late = await past(200, 'completed', { type: 'late' });
    await sql('UPDATE tasks SET finished_at = now() WHERE id = $1', [late]);
    const report = await retireTasks(opened.database, SETTINGS, 2);
    expect(report).toMatchObject({ tasks: 2 });
    expect(await left()).toEqual(['failed.young', 'late', 'queued', 'young']);
    expect(await sql('SELECT count(*)::integer AS count FROM task_attempts')).toEqual([{ count: 3 }]);
    expect(await sql('SELECT type FROM task_dead_letters')).toEqual([{ type: 'failed.young' }]);
    expect(await sql('SELECT key FROM task_idempotency_keys')).toEqual([]);
    expect(await retireTasks(opened.database, SETTINGS, 2)).toEqual({ tasks: 0, keys: 0, minutes: 0, predictions: 0 });
  });

  test('what somebody still waits for stays until they are done', async () => {
    const first = await past(30, 'completed', { type: 'first' });
    const second = await past(30, null, { type: 'second' });
    await sql(`INSERT INTO task_dependencies VALUES ($1, $2, $3, 'fail', false, 'met')`, [second, first, project]);
    await retireTasks(opened.database, SETTINGS);
    expect(await left()).toEqual(['first', 'second']);
    await new TaskQueue({ database: opened.database, ids: systemIds }).cancel(project, second, 'ann');
    await retireTasks(opened.database, SETTINGS);
    expect(await left()).toEqual(['second']);
  });

  test('keys and figures go when their time is over, more than one batch of them', async () => {
    const queue = new TaskQueue({ database: opened.database, ids: systemIds, idempotencySeconds: 3_600 });
    for (let n = 0; n < 5; n += 1) await queue.enqueue(project, { type: 'work', idempotencyKey: `k${n}` });
    expect(
      await sql(
        `SELECT count(*)::integer AS count FROM task_idempotency_keys WHERE expires_at BETWEEN now() + interval '59 minutes' AND now() + interval '1 hour'`,
      ),
    ).toEqual([{ count: 5 }]);
    await sql(`UPDATE task_idempotency_keys SET expires_at = now() WHERE key <> 'k4'`);
    await sql(
      `INSERT INTO task_activity SELECT $1, now() - n * interval '1 day', 'default', 'work', 'completed', 1, 1, 1
       FROM generate_series(1, 10) AS n`,
      [project],
    );
    await sql(
      `INSERT INTO task_eta_predictions SELECT gen_random_uuid(), $1, 'work', now() - n * interval '40 days', now(), now(), 1
       FROM generate_series(1, 5) AS n`,
      [project],
    );
    expect(await retireTasks(opened.database, SETTINGS, 2)).toEqual({ tasks: 0, keys: 4, minutes: 4, predictions: 3 });
    expect(await sql('SELECT key FROM task_idempotency_keys')).toEqual([{ key: 'k4' }]);
  });
});
