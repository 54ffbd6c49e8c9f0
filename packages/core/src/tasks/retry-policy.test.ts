import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { TaskQueue } from './index.ts';

/** In thousandths, as fine as anybody would set it. */
const between = (min: number, max: number) => fc.integer({ min: min * 1_000, max: max * 1_000 }).map((n) => n / 1_000);
const backoff = fc.record({
  baseSeconds: between(0, 600),
  factor: between(1, 10),
  maxSeconds: between(0, 3_600),
  jitter: between(0, 1),
});

describeOnBackends('retry policy', (backend) => {
  let opened: TestDatabase;
  let queue: TaskQueue;
  let project: string;
  let random = 0;

  beforeAll(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    queue = new TaskQueue({ database: opened.database, ids: systemIds, random: () => random });
  });
  afterAll(async () => {
    await queue.close();
    await opened.close();
  });

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const claimOne = async (type: string) => {
    const scope = { agent: 'a', queues: ['default'], able: [], leaseSeconds: 600, limit: 1 };
    const [claim] = await queue.claim(project, { ...scope, types: [type] });
    if (!claim) throw new Error('nothing to claim');
    return claim;
  };
  /** Makes a task that waits for its next attempt due now. */
  const makeDue = async (taskId: string) => {
    await sql('UPDATE tasks SET run_at = now() WHERE id = $1', [taskId]);
    await sql('UPDATE task_ready SET run_at = t.run_at FROM tasks t WHERE t.id = $1 AND task_id = t.id', [taskId]);
  };

  test('each wait is base × factor^failures up to the maximum, less at most the jitter’s share', async () => {
    let n = 0;
    const jitterTaken = between(0, 0.999);
    await fc.assert(
      fc.asyncProperty(backoff, fc.array(jitterTaken, { minLength: 1, maxLength: 4 }), async (given, randoms) => {
        n += 1;
        const type = `t${n}`;
        const { taskId } = await queue.enqueue(project, { type, maxAttempts: 100, backoff: given });
        for (const [failures, taken] of randoms.entries()) {
          random = taken;
          const claim = await claimOne(type);
          expect(claim.failures).toBe(failures);
          expect(await queue.fail(claim, { name: 'E', message: 'm', retryable: true })).toBe('queued');
          const [row] = await sql(
            'SELECT extract(epoch FROM run_at - updated_at)::float8 AS wait FROM tasks WHERE id = $1',
            [taskId],
          );
          const full = Math.min(given.maxSeconds, given.baseSeconds * given.factor ** failures);
          expect(Number(row?.wait)).toBeCloseTo(full * (1 - given.jitter * taken), 3);
          expect(Number(row?.wait)).toBeLessThanOrEqual(full + 0.001);
          expect(Number(row?.wait)).toBeGreaterThanOrEqual(full * (1 - given.jitter) - 0.001);
          await makeDue(taskId);
        }
      }),
      { numRuns: backend.name === 'postgres' ? 40 : 5 },
    );
  });

  test('COORD scenario 5: maxAttempts 2 fails twice and is dead, with the error of each attempt', async () => {
    const { taskId } = await queue.enqueue(project, { type: 'five', maxAttempts: 2 });
    const failure = (message: string) => ({ name: 'Boom', message, retryable: true });
    expect(await queue.fail(await claimOne('five'), failure('first'), 0)).toBe('queued');
    expect(await queue.fail(await claimOne('five'), failure('second'), 0)).toBe('dead');
    expect(await queue.get(project, taskId)).toMatchObject({ status: 'dead', attempt: 2, failures: 2 });
    expect(await queue.attempts(project, taskId)).toMatchObject([
      { attempt: 1, outcome: 'failed', error: { message: 'first' } },
      { attempt: 2, outcome: 'failed', error: { message: 'second' } },
    ]);
    await expect(claimOne('five')).rejects.toThrow('nothing to claim');
  });

  test('COORD scenario 6, first half: completing a task twice is refused the second time', async () => {
    const { taskId } = await queue.enqueue(project, { type: 'six' });
    const claim = await claimOne('six');
    expect(await queue.complete(claim, 0)).toBe('completed');
    const before = await queue.get(project, taskId);
    await expect(queue.complete(claim, 1)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await queue.get(project, taskId)).toEqual(before);
    expect(await queue.attempts(project, taskId)).toHaveLength(1);
    expect(before.result).toBe(0);
  });

  test('what cannot be helped by retrying fails at once, whatever attempts are left', async () => {
    const { taskId } = await queue.enqueue(project, { type: 'bad', maxAttempts: 50 });
    expect(await queue.fail(await claimOne('bad'), { name: 'Bad', message: 'm', retryable: false })).toBe('failed');
    expect(await queue.get(project, taskId)).toMatchObject({ status: 'failed', attempt: 1 });
  });
});
