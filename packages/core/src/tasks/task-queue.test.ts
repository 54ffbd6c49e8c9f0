import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, type TestDatabase } from '../testing/index.ts';
import { type EnqueueTask, TaskQueue } from './index.ts';
import { retryDelaySeconds } from './retry-delay.ts';

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

  const enqueue = (input: EnqueueTask) => opened.database.transaction((tx) => queue.enqueue(tx, PROJECT, input));
  const expire = (taskId: string) =>
    opened.database.query(
      statement('test.expire', `UPDATE tasks SET claim_expires_at = now() - interval '1 second' WHERE id = $1`),
      [taskId],
    );
  const claimOne = async (agent = 'a1') => {
    const [claim] = await queue.claim(agent, ['work'], 1, 30);
    if (!claim) throw new Error('nothing to claim');
    return claim;
  };

  test('claims the most urgent first, then by arrival, and each task once', async () => {
    const low = await enqueue({ type: 'work', priority: 3 });
    const first = await enqueue({ type: 'work', priority: 0 });
    const second = await enqueue({ type: 'work', priority: 0 });
    await enqueue({ type: 'work', delaySeconds: 60 });
    await enqueue({ type: 'other' });
    const claims = await queue.claim('a1', ['work'], 10, 30);
    expect(claims.map((claim) => claim.taskId)).toEqual([first.id, second.id, low.id]);
    expect(await queue.claim('a2', ['work'], 10, 30)).toEqual([]);
    const tokens = claims.map((claim) => claim.token);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  });

  test('the same idempotency key answers the first task, other content is refused', async () => {
    const first = await enqueue({ type: 'work', payload: { a: 1, b: 2 }, idempotencyKey: 'k' });
    const again = await enqueue({ type: 'work', payload: { b: 2, a: 1 }, idempotencyKey: 'k' });
    expect(again.id).toBe(first.id);
    await expect(enqueue({ type: 'work', payload: { a: 2 }, idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    await opened.database.query(
      statement('test.age', `UPDATE tasks SET idempotency_expires_at = now() WHERE id = $1`),
      [first.id],
    );
    expect((await enqueue({ type: 'work', payload: { a: 2 }, idempotencyKey: 'k' })).id).not.toBe(first.id);
  });

  test('a stale claim is refused by every verb once the reaper took it', async () => {
    const task = await enqueue({ type: 'work', maxAttempts: 2 });
    const stale = await claimOne();
    await expire(task.id);
    const [lost] = await opened.database.transaction((tx) => queue.reap(tx));
    expect(lost).toMatchObject({ agent: 'a1', task: { id: task.id, status: 'queued' } });
    expect(lost?.token).toBeGreaterThan(stale.token);
    const fresh = await claimOne('a2');
    expect(fresh.token).toBeGreaterThan(lost?.token as number);

    expect(await queue.heartbeat([stale], 30)).toEqual([stale]);
    for (const verb of [
      () => opened.database.transaction((tx) => queue.complete(tx, stale, {})),
      () => opened.database.transaction((tx) => queue.fail(tx, stale, 2, { name: 'E', message: '', retryable: true })),
      () => opened.database.transaction((tx) => queue.release(tx, stale)),
      () => opened.database.transaction((tx) => queue.begin(tx, stale)),
      () => opened.database.transaction((tx) => queue.holdClaim(tx, stale)),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    }
    const done = await opened.database.transaction((tx) => queue.complete(tx, fresh, { ok: true }));
    expect(done).toMatchObject({ status: 'completed', result: { ok: true }, attempt: 2 });
    await expect(opened.database.transaction((tx) => queue.complete(tx, fresh, {}))).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
  });

  test('a heartbeat keeps a claim, and cannot revive one whose lease has run out', async () => {
    await enqueue({ type: 'work' });
    const claim = await claimOne();
    expect(await queue.heartbeat([claim], 30)).toEqual([]);
    await expire(claim.taskId);
    expect(await queue.heartbeat([claim], 30)).toEqual([claim]);
  });

  test('a task whose last attempt is lost is dead, one that fails for good is failed', async () => {
    const dead = await enqueue({ type: 'work', maxAttempts: 1 });
    await claimOne();
    await expire(dead.id);
    await opened.database.transaction((tx) => queue.reap(tx));
    expect((await queue.get(PROJECT, dead.id)).status).toBe('dead');

    await enqueue({ type: 'work', maxAttempts: 5 });
    const claim = await claimOne();
    const failed = await opened.database.transaction((tx) =>
      queue.fail(tx, claim, 5, { name: 'Bad', message: 'never works', retryable: false }),
    );
    expect(failed).toMatchObject({ status: 'failed', error: { name: 'Bad' } });
  });

  test('a failed attempt comes back after its delay, not before', async () => {
    await enqueue({ type: 'work', maxAttempts: 2 });
    const claim = await claimOne();
    const back = await opened.database.transaction((tx) =>
      queue.fail(tx, claim, 2, { name: 'E', message: '', retryable: true }),
    );
    expect(back.status).toBe('queued');
    expect(await queue.claim('a1', ['work'], 1, 30)).toEqual([]);
    await opened.database.query(statement('test.due', `UPDATE tasks SET run_at = now() WHERE id = $1`), [back.id]);
    expect((await claimOne()).attempt).toBe(2);
  });

  test('cancel wins over a claim, and a finished task cannot be cancelled', async () => {
    const task = await enqueue({ type: 'work' });
    const claim = await claimOne();
    expect((await queue.cancel(PROJECT, task.id, 'someone')).status).toBe('cancelled');
    expect(await queue.heartbeat([claim], 30)).toEqual([claim]);
    await expect(queue.cancel(PROJECT, task.id, 'someone')).rejects.toMatchObject({
      code: 'TASK_INVALID_TRANSITION',
      details: { from: 'cancelled', to: 'cancelled' },
    });
    await expect(queue.cancel(PROJECT, systemIds.uuid(), 'someone')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('another project neither sees nor cancels a task', async () => {
    const task = await enqueue({ type: 'work' });
    const other = systemIds.uuid();
    await expect(queue.get(other, task.id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await expect(queue.cancel(other, task.id, 'x')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });
});

describe('retry delay', () => {
  test('doubles to a cap, and randomness only shortens it by up to half', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelaySeconds(attempt, 0))).toEqual([1, 2, 4, 8]);
    expect(retryDelaySeconds(30, 0)).toBe(300);
    expect(retryDelaySeconds(3, 0.999)).toBeGreaterThan(2);
  });
});
