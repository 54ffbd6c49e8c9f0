import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, expireTestClaim, type TestDatabase } from '../testing/index.ts';
import { type ClaimRequest, type EnqueueTask, TaskQueue } from './index.ts';
import { retryDelaySeconds } from './retry-delay.ts';
import type { TaskWrites } from './task-writes.ts';

const PROJECT = '01900000-0000-7000-8000-000000000001';

describeOnBackends('task queue', (backend) => {
  let opened: TestDatabase;
  let queue: TaskQueue;

  beforeEach(async () => {
    opened = await backend.open();
    await opened.database.query(
      statement('test.project', `INSERT INTO projects (id, slug, name) VALUES ($1, 'p', 'P')`),
      [PROJECT],
    );
    queue = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
  });
  afterEach(() => opened.close());

  const enqueue = (input: EnqueueTask) => queue.enqueue(PROJECT, input);
  const within = <T>(work: (tasks: TaskWrites) => Promise<T>) =>
    opened.database.transaction((tx) => work(queue.within(tx)));
  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const expire = (taskId: string) => expireTestClaim(opened.database, { taskId });
  const claim = (input: Partial<ClaimRequest> = {}) =>
    queue.claim(PROJECT, {
      agent: 'a1',
      queues: ['default'],
      types: ['work'],
      able: [],
      limit: 10,
      leaseSeconds: 30,
      ...input,
    });
  const claimOne = async (agent = 'a1') => {
    const [got] = await claim({ agent, limit: 1 });
    if (!got) throw new Error('nothing to claim');
    return got;
  };

  test('claims the most urgent first, then by arrival, and each task once', async () => {
    const low = await enqueue({ type: 'work', priority: 3 });
    const first = await enqueue({ type: 'work', priority: 0 });
    const second = await enqueue({ type: 'work', priority: 0 });
    await enqueue({ type: 'work', delaySeconds: 60 });
    await enqueue({ type: 'other' });
    const claims = await claim();
    expect(claims.map(({ taskId }) => taskId)).toEqual([first.taskId, second.taskId, low.taskId]);
    expect(await claim({ agent: 'a2' })).toEqual([]);
  });

  test('a delay or a backoff of less than a microsecond is none', async () => {
    const backoff = { baseSeconds: 5e-324, maxSeconds: 1e-300, jitter: 1e-323 };
    const { taskId } = await enqueue({ type: 'work', delaySeconds: 3e-119, backoff });
    const got = await claimOne();
    expect(got.taskId).toBe(taskId);
    expect(await queue.fail(got, { name: 'Busy', message: 'once more', retryable: true })).toBe('queued');
    expect((await claimOne()).taskId).toBe(taskId);
  });

  test('callers who ask together share a statement, and no task goes to two of them', async () => {
    await Promise.all(Array.from({ length: 30 }, () => enqueue({ type: 'work' })));
    const got = await Promise.all(Array.from({ length: 10 }, (_, n) => claim({ agent: `a${n}`, limit: 4 })));
    expect(got.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 4, 2, 0, 0]);
    expect(new Set(got.flat().map(({ taskId }) => taskId)).size).toBe(30);
    for (const [n, claims] of got.entries()) {
      for (const { taskId, agent } of claims) {
        expect(agent).toBe(`a${n}`);
        expect((await queue.get(PROJECT, taskId)).claimedBy).toBe(agent);
      }
    }
  });

  test('what is enqueued in a transaction is there when it commits, and not when it does not', async () => {
    await expect(
      within(async (tasks) => {
        await tasks.enqueue(PROJECT, { type: 'work' });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await claim()).toEqual([]);
    const { taskId } = await within((tasks) => tasks.enqueue(PROJECT, { type: 'work' }));
    expect((await claim()).map((one) => one.taskId)).toEqual([taskId]);
  });

  test('is enqueued in a transaction of the application on its own client, or not at all', async () => {
    await opened.database.withClient(async (client) => {
      await client.query('BEGIN');
      await queue.enqueueOn(client, PROJECT, [{ type: 'work' }]);
      await client.query('ROLLBACK');
      expect((await client.query('SELECT FROM tasks')).rows).toEqual([]);
      await client.query('BEGIN');
      const graph = [
        { type: 'work', ref: 'a' },
        { type: 'after', dependsOn: [{ ref: 'a' }] },
      ];
      const receipts = await queue.enqueueOn(client, PROJECT, graph);
      expect(receipts.map(({ status }) => status)).toEqual(['queued', 'waiting']);
      await client.query('COMMIT');
    });
    expect((await claim()).map(({ type }) => type)).toEqual(['work']);
  });

  test('is enqueued from SQL, and wakes who waits for it', async () => {
    const waiting = claim({ waitMs: 20_000 });
    const [row] = await sql(`SELECT signalbox_enqueue('p', 'work', '{"n": 1}', p_idempotency_key => 'k') AS id`);
    const [again] = await sql(`SELECT signalbox_enqueue('p', 'work', '{"n": 1}', p_idempotency_key => 'k') AS id`);
    expect(again).toEqual(row);
    expect(await waiting).toMatchObject([{ taskId: row?.id, payload: { n: 1 }, attempt: 1 }]);
    await expect(sql(`SELECT signalbox_enqueue('nowhere', 'work')`)).rejects.toThrow();
  });

  test('a claim that waits gets what comes, and nothing when its time is over or its caller goes', async () => {
    const waiting = claim({ waitMs: 20_000 });
    const { taskId } = await enqueue({ type: 'work' });
    expect((await waiting).map((one) => one.taskId)).toEqual([taskId]);
    expect(await claim({ waitMs: 30 })).toEqual([]);
    const gone = new AbortController();
    const left = claim({ waitMs: 20_000, signal: gone.signal });
    gone.abort();
    expect(await left).toEqual([]);
  });

  test('what is more urgent comes first also while claims go on from where the last one got to', async () => {
    await Promise.all(Array.from({ length: 9 }, () => enqueue({ type: 'work' })));
    await claim({ limit: 3 });
    await claim({ limit: 3 });
    const urgent = await enqueue({ type: 'work', priority: 0 });
    expect((await claim({ limit: 2 })).map(({ taskId }) => taskId)[0]).toBe(urgent.taskId);
  });

  test('what was lost comes back to its old place at once, also while claims go on from where the last one got to', async () => {
    const [oldest] = await Promise.all(Array.from({ length: 9 }, () => enqueue({ type: 'work', maxAttempts: 2 })));
    const [first] = await claim({ limit: 3 });
    await claim({ limit: 3 });
    expect(first?.taskId).toBe(oldest?.taskId);
    await expire(first?.taskId ?? '');
    await within((tasks) => tasks.reap());
    expect((await claim({ limit: 1 })).map(({ taskId }) => taskId)).toEqual([oldest?.taskId]);
  });

  test('what comes back behind the place where claims go on is found at once when the rest does not suffice', async () => {
    await Promise.all(Array.from({ length: 6 }, () => enqueue({ type: 'work' })));
    const [first, second] = await claim({ limit: 2 });
    await claim({ limit: 2 });
    await queue.release(first as never);
    await queue.release(second as never);
    const rest = await claim({ limit: 4 });
    expect(rest.map(({ taskId }) => taskId)).toEqual(expect.arrayContaining([first?.taskId, second?.taskId]));
    expect(rest).toHaveLength(4);
  });

  test('the same idempotency key answers the first task, other content is refused', async () => {
    const first = await enqueue({ type: 'work', payload: { a: 1, b: 2 }, idempotencyKey: 'k' });
    const again = await enqueue({ type: 'work', payload: { b: 2, a: 1 }, idempotencyKey: 'k' });
    expect(again).toEqual({ ...first, created: false });
    await expect(enqueue({ type: 'work', payload: { a: 2 }, idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    const together = await Promise.allSettled([
      enqueue({ type: 'work', idempotencyKey: 'both' }),
      enqueue({ type: 'work', idempotencyKey: 'both' }),
      enqueue({ type: 'other', idempotencyKey: 'both' }),
      enqueue({ type: 'other' }),
    ]);
    expect(together.map((one) => (one.status === 'fulfilled' ? one.value.created : one.reason.code))).toEqual([
      true,
      false,
      'IDEMPOTENCY_CONFLICT',
      true,
    ]);
    await sql(`UPDATE task_idempotency_keys SET expires_at = now() WHERE key = 'k'`);
    expect((await enqueue({ type: 'work', payload: { a: 2 }, idempotencyKey: 'k' })).taskId).not.toBe(first.taskId);
  });

  test('a stale claim is refused by every verb once the reaper took it', async () => {
    const { taskId } = await enqueue({ type: 'work', maxAttempts: 2 });
    const stale = await claimOne();
    await expire(taskId);
    const [lost] = await within((tasks) => tasks.reap());
    expect(lost).toMatchObject({ agent: 'a1', taskId, status: 'queued' });
    expect(lost?.token).toBeGreaterThan(stale.token);
    const fresh = await claimOne('a2');
    expect(fresh).toMatchObject({ taskId, attempt: 2, failures: 1 });
    expect(fresh.token).toBeGreaterThan(lost?.token as number);

    expect(await queue.heartbeat([stale], 30)).toEqual([stale]);
    const failure = { name: 'E', message: '', retryable: true };
    for (const verb of [
      () => queue.complete(stale, {}),
      () => queue.fail(stale, failure),
      () => queue.release(stale),
      () => within((tasks) => tasks.complete(stale, {})),
      () => within((tasks) => tasks.fail(stale, failure)),
      () => within((tasks) => tasks.release(stale)),
      () => within((tasks) => tasks.abandon(stale)),
      () => within((tasks) => tasks.begin(stale)),
      () => within((tasks) => tasks.hold(stale)),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    }
    expect(await queue.complete(fresh, { ok: true })).toBe('completed');
    expect(await queue.get(PROJECT, taskId)).toMatchObject({ status: 'completed', result: { ok: true }, attempt: 2 });
    await expect(queue.complete(fresh, {})).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await sql('SELECT attempt, outcome, agent FROM task_attempts ORDER BY attempt')).toEqual([
      { attempt: 1, outcome: 'lost', agent: 'a1' },
      { attempt: 2, outcome: 'completed', agent: 'a2' },
    ]);
  });

  test('a claim whose time is over is lost although nobody took it yet', async () => {
    const { taskId } = await enqueue({ type: 'work' });
    const stale = await claimOne();
    await expire(taskId);
    await expect(queue.complete(stale)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    await expect(within((tasks) => tasks.hold(stale))).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect((await queue.get(PROJECT, taskId)).status).toBe('claimed');
  });

  test('a heartbeat keeps a claim past its first lease, and cannot revive one whose lease has run out', async () => {
    const { taskId } = await enqueue({ type: 'work' });
    const held = await claimOne();
    await sql(`UPDATE task_leases SET check_at = now() - interval '1 second'`);
    expect(await queue.heartbeat([held], 30)).toEqual([]);
    expect(await within((tasks) => tasks.reap())).toEqual([]);
    await expire(taskId);
    expect(await queue.heartbeat([held], 30)).toEqual([held]);
    expect(await within((tasks) => tasks.reap())).toMatchObject([{ taskId }]);
    expect(await sql('SELECT FROM task_leases')).toEqual([]);
  });

  test('a batch is answered one by one: who lost a claim hears it, the others are not disturbed', async () => {
    await Promise.all(Array.from({ length: 5 }, () => enqueue({ type: 'work' })));
    const claims = await claim();
    await expire(claims[2]?.taskId ?? '');
    const ended = await Promise.allSettled(claims.map((one, n) => queue.complete(one, n)));
    expect(ended.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code))).toEqual([
      'completed',
      'completed',
      'CLAIM_LOST',
      'completed',
      'completed',
    ]);
    expect((await queue.get(PROJECT, claims[4]?.taskId ?? '')).result).toBe(4);
  });

  test('a result may be any JSON value', async () => {
    for (const result of [0, false, '', null, []]) {
      const { taskId } = await enqueue({ type: 'work' });
      await queue.complete(await claimOne(), result);
      expect(await sql('SELECT result IS NOT NULL AS there, result FROM tasks WHERE id = $1', [taskId])).toEqual([
        { there: true, result },
      ]);
    }
  });

  test('a task whose last attempt is lost is dead, one that fails for good is failed', async () => {
    const dead = await enqueue({ type: 'work', maxAttempts: 1 });
    await claimOne();
    await expire(dead.taskId);
    await within((tasks) => tasks.reap());
    expect((await queue.get(PROJECT, dead.taskId)).status).toBe('dead');

    const { taskId } = await enqueue({ type: 'work', maxAttempts: 5 });
    expect(await queue.fail(await claimOne(), { name: 'Bad', message: 'never works', retryable: false })).toBe(
      'failed',
    );
    expect((await queue.get(PROJECT, taskId)).error).toMatchObject({ name: 'Bad' });
    expect(await sql('SELECT status FROM task_dead_letters ORDER BY at')).toEqual([
      { status: 'dead' },
      { status: 'failed' },
    ]);
  });

  test('a failed attempt comes back after its delay, not before; a released one at once and uncounted', async () => {
    const { taskId } = await enqueue({ type: 'work', maxAttempts: 2, backoff: { baseSeconds: 60 } });
    expect(await queue.release(await claimOne())).toBe('queued');
    const failure = { name: 'E', message: '', retryable: true };
    expect(await queue.fail(await claimOne(), failure)).toBe('queued');
    expect(await claim()).toEqual([]);
    const [later] = await sql('SELECT extract(epoch FROM run_at - now())::float8 AS seconds FROM tasks');
    expect(later?.seconds).toBeGreaterThan(50);
    await sql('UPDATE tasks SET run_at = now() WHERE id = $1', [taskId]);
    await sql('UPDATE task_ready SET run_at = (SELECT run_at FROM tasks WHERE id = $1)', [taskId]);
    const last = await claimOne();
    expect(last).toMatchObject({ attempt: 3, failures: 1 });
    expect(await queue.fail(last, failure)).toBe('dead');
  });

  test('cancel wins over a claim, and a finished task cannot be cancelled', async () => {
    const { taskId } = await enqueue({ type: 'work' });
    const held = await claimOne();
    expect((await queue.cancel(PROJECT, taskId, 'someone')).status).toBe('cancelled');
    expect(await queue.heartbeat([held], 30)).toEqual([held]);
    await expect(queue.cancel(PROJECT, taskId, 'someone')).rejects.toMatchObject({
      code: 'TASK_INVALID_TRANSITION',
      details: { from: 'cancelled', to: 'cancelled' },
    });
    await expect(queue.cancel(PROJECT, systemIds.uuid(), 'someone')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    const queued = await enqueue({ type: 'work' });
    await queue.cancel(PROJECT, queued.taskId, 'someone');
    expect(await claim()).toEqual([]);
  });

  test('a unique key keeps, replaces or refuses, while its task is queued or until it is over', async () => {
    const unique = { key: 'u', mode: 'keep' } as const;
    const first = await enqueue({ type: 'work', payload: { n: 1 }, unique });
    expect(await enqueue({ type: 'work', payload: { n: 2 }, unique })).toEqual({ ...first, created: false });
    await expect(enqueue({ type: 'work', unique: { ...unique, mode: 'refuse' } })).rejects.toMatchObject({
      code: 'TASK_DUPLICATE',
    });
    const replaced = await enqueue({
      type: 'work',
      payload: { n: 3 },
      priority: 0,
      unique: { ...unique, mode: 'replace' },
    });
    expect(replaced.taskId).toBe(first.taskId);
    const held = await claimOne();
    expect(held).toMatchObject({ taskId: first.taskId, payload: { n: 3 }, priority: 0 });
    expect((await enqueue({ type: 'work', unique })).taskId).toBe(first.taskId);
    await queue.complete(held);
    const next = await enqueue({ type: 'work', unique: { key: 'u', while: 'queued' } });
    expect(next).toMatchObject({ created: true });
    await claimOne();
    expect(await enqueue({ type: 'work', unique: { key: 'u', while: 'queued' } })).toMatchObject({ created: true });
  });

  test('limits of a queue: at once, per key and over time', async () => {
    const limit = (columns: string) =>
      sql(`INSERT INTO task_queues (project_id, name) VALUES ($1, 'default') ON CONFLICT DO NOTHING`, [PROJECT]).then(
        () => sql(`UPDATE task_queues SET ${columns}`),
      );
    for (let n = 0; n < 9; n += 1) await enqueue({ type: 'work', concurrencyKey: n % 3 === 0 ? 'other' : 'same' });
    await limit('max_concurrent = 4, max_concurrent_per_key = 2');
    const held = await claim();
    expect(held).toHaveLength(4);
    expect(await claim()).toEqual([]);
    await queue.complete(held[0] as never);
    expect(await claim()).toHaveLength(1);
    await limit(
      'max_concurrent = NULL, max_concurrent_per_key = NULL, rate_limit = 2, rate_seconds = 3600, rate_tokens = 2',
    );
    expect(await claim()).toHaveLength(2);
    expect(await claim()).toEqual([]);
    await limit('paused = true, rate_limit = NULL, rate_seconds = NULL');
    expect(await claim()).toEqual([]);
    await limit('paused = false, draining = true');
    expect(await claim()).toHaveLength(2);
    await expect(enqueue({ type: 'work' })).rejects.toMatchObject({ code: 'QUEUE_DRAINING' });
  });

  test('a task is given only to who can do all it requires', async () => {
    const plain = await enqueue({ type: 'work' });
    const both = await enqueue({ type: 'work', required: ['ts', 'git'] });
    expect((await claim({ able: ['ts'] })).map(({ taskId }) => taskId)).toEqual([plain.taskId]);
    expect((await claim({ able: ['git', 'rust', 'ts'] })).map(({ taskId }) => taskId)).toEqual([both.taskId]);
  });

  test('another project neither sees nor cancels nor claims a task', async () => {
    const { taskId } = await enqueue({ type: 'work' });
    const other = systemIds.uuid();
    await expect(queue.get(other, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await expect(queue.cancel(other, taskId, 'x')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    const held = await claimOne();
    await expect(queue.complete({ ...held, projectId: other })).rejects.toMatchObject({ code: 'CLAIM_LOST' });
  });

  test('a task without its project or session is refused, and both take it along', async () => {
    const [project, id] = [systemIds.uuid(), systemIds.uuid()];
    const outcomes = await Promise.allSettled([
      queue.enqueue(project, { type: 'work' }),
      enqueue({ type: 'work', sessionId: id }),
      enqueue({ type: 'work' }),
    ]);
    expect(outcomes).toMatchObject([
      { reason: { code: 'PROJECT_NOT_FOUND', details: { project } } },
      { reason: { code: 'SESSION_NOT_FOUND', details: { id } } },
      { status: 'fulfilled' },
    ]);
    await claimOne();
    await sql('DELETE FROM projects');
    expect(await sql('SELECT FROM tasks UNION ALL SELECT FROM task_ready')).toEqual([]);
  });

  test('what a task was told at its birth cannot become unsound, and looking at that locks no row that other updates touch', async () => {
    await enqueue({ type: 'work' });
    for (const unsound of [`priority = 10`, `payload = '[]'`, `unique_key = 'k'`, `type = 'No'`]) {
      await expect(sql(`UPDATE tasks SET ${unsound}`)).rejects.toThrow(/not sound/);
    }
    await sql(`UPDATE tasks SET priority = 9, payload = '{"n": 1}'`);
    // Row triggers that come before an update lock the row first and log that, whatever columns they are for.
    const before = `SELECT tgname FROM pg_trigger WHERE tgrelid = 'tasks'::regclass AND tgtype & 19 = 19`;
    expect(await sql(before)).toEqual([]);
  });
});

describe('retry delay', () => {
  test('doubles to a cap, and randomness only shortens it by up to half', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelaySeconds(attempt, 0))).toEqual([1, 2, 4, 8]);
    expect(retryDelaySeconds(30, 0)).toBe(300);
    expect(retryDelaySeconds(3, 0.999)).toBeGreaterThan(2);
  });
});
