import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { type Claim, type EnqueueTask, TaskQueue } from './index.ts';
import { type FailurePolicy, findCycle } from './task-graph.ts';

describeOnBackends('task graph', (backend) => {
  let opened: TestDatabase;
  let queue: TaskQueue;
  let project: string;

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    queue = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
  });
  afterEach(async () => {
    await queue.close();
    await opened.close();
  });

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const enqueue = async (input: Partial<EnqueueTask> = {}) =>
    (await queue.enqueue(project, { type: 'work', ...input })).taskId;
  const after = (taskId: string, onFailure: FailurePolicy = 'fail') => ({ dependsOn: [{ taskId, onFailure }] });
  const status = async (taskId: string) => (await queue.get(project, taskId)).status;
  const claim = async (taskId?: string): Promise<Claim> => {
    const claims = await queue.claim(project, {
      agent: 'a1',
      queues: ['default'],
      types: null,
      able: [],
      limit: 50,
      leaseSeconds: 30,
    });
    const found = claims.find((one) => taskId === undefined || one.taskId === taskId);
    await Promise.all(claims.filter((one) => one !== found).map((one) => queue.release(one)));
    if (!found) throw new Error(`${taskId ?? 'anything'} cannot be claimed`);
    return found;
  };
  const complete = async (taskId: string, result: unknown = null) => queue.complete(await claim(taskId), result);
  const failForGood = async (taskId: string) =>
    queue.fail(await claim(taskId), { name: 'Bad', message: 'it broke', retryable: false });

  test('a task waits until all its prerequisites ended well, whether they came before or after it', async () => {
    const [first, second] = [await enqueue(), await enqueue()];
    const waiting = await enqueue({ dependsOn: [{ taskId: first }, { taskId: second }] });
    expect(await status(waiting)).toBe('waiting');
    await complete(first);
    expect(await status(waiting)).toBe('waiting');
    await complete(second);
    expect(await status(waiting)).toBe('queued');
    expect(await sql('SELECT FROM task_waiting')).toEqual([]);
    expect((await claim(waiting)).taskId).toBe(waiting);
    // A finished prerequisite counts at once.
    expect(await queue.enqueue(project, { type: 'work', ...after(first) })).toMatchObject({ status: 'queued' });
    expect(await queue.dependencies(project, waiting)).toMatchObject([{ state: 'met' }, { state: 'met' }]);
  });

  test('a bad ending fails, skips or lets go on, as each dependent says, all the way down', async () => {
    const root = await enqueue();
    const fail = await enqueue(after(root));
    const skip = await enqueue(after(root, 'skip'));
    const goOn = await enqueue(after(root, 'continue'));
    const [belowFail, belowSkip] = [await enqueue(after(fail)), await enqueue(after(skip, 'continue'))];
    await failForGood(root);
    expect(await Promise.all([fail, skip, goOn, belowFail, belowSkip].map(status))).toEqual([
      'failed',
      'skipped',
      'queued',
      'failed',
      'queued',
    ]);
    expect((await queue.get(project, fail)).error).toMatchObject({ name: 'PREREQUISITE_FAILED', prerequisite: root });
    expect((await queue.get(project, belowFail)).error).toMatchObject({ prerequisite: fail });
    expect(await queue.enqueue(project, { type: 'work', ...after(root, 'skip') })).toMatchObject({ status: 'skipped' });
    const letters = await sql('SELECT task_id FROM task_dead_letters ORDER BY task_id');
    expect(letters.map((row) => row.task_id)).toEqual([root, fail, belowFail]);
  });

  test('a graph is taken whole or refused whole, with the cycle or what is unknown named', async () => {
    const receipts = await queue.enqueueMany(project, [
      { ref: 'ship', type: 'ship', dependsOn: [{ ref: 'test' }, { ref: 'build', onFailure: 'skip' }] },
      { ref: 'build', type: 'build' },
      { ref: 'test', type: 'test', dependsOn: [{ ref: 'build' }] },
    ]);
    expect(receipts.map((receipt) => receipt.status)).toEqual(['waiting', 'queued', 'waiting']);
    const [ship, build, tests] = receipts.map(({ taskId }) => taskId) as [string, string, string];
    await complete(build);
    expect([await status(ship), await status(tests)]).toEqual(['waiting', 'queued']);
    await complete(tests);
    expect(await status(ship)).toBe('queued');

    const before = await sql('SELECT FROM tasks');
    const cycle = queue.enqueueMany(project, [
      { type: 'free' },
      { ref: 'a', type: 'a', dependsOn: [{ ref: 'b' }] },
      { ref: 'b', type: 'b', dependsOn: [{ ref: 'c' }] },
      { ref: 'c', type: 'c', dependsOn: [{ ref: 'a' }] },
    ]);
    await expect(cycle).rejects.toMatchObject({ code: 'TASK_DEPENDENCY_CYCLE', details: { cycle: 'a → b → c → a' } });
    for (const [dependsOn, code] of [
      [[{ ref: 'nowhere' }], 'TASK_PREREQUISITE_UNKNOWN'],
      [[{ taskId: systemIds.uuid() }], 'TASK_PREREQUISITE_UNKNOWN'],
      [[{}], 'VALIDATION_FAILED'],
    ] as const) {
      await expect(
        queue.enqueueMany(project, [{ type: 'free' }, { type: 'x', dependsOn: [...dependsOn] }]),
      ).rejects.toMatchObject({ code });
    }
    const twins = [1, 2].map(() => ({ ref: 'twin', type: 'x' }));
    await expect(queue.enqueueMany(project, twins)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await sql('SELECT FROM tasks')).toHaveLength(before.length);
  });

  test('prerequisites are added to what waits or is queued, never closing a cycle with what is stored', async () => {
    const [a, b] = [await enqueue(), await enqueue()];
    const c = await enqueue(after(b));
    expect(await queue.addDependencies(project, b, [{ taskId: a, onFailure: 'fail' }])).toBe('waiting');
    await expect(queue.addDependencies(project, a, [{ taskId: c, onFailure: 'fail' }])).rejects.toMatchObject({
      code: 'TASK_DEPENDENCY_CYCLE',
      details: { cycle: expect.stringContaining(`${b} → ${a}`) },
    });
    await expect(queue.addDependencies(project, a, [{ taskId: a, onFailure: 'fail' }])).rejects.toMatchObject({
      code: 'TASK_DEPENDENCY_CYCLE',
    });
    const held = await claim(a);
    await expect(
      queue.addDependencies(project, a, [{ taskId: await enqueue(), onFailure: 'fail' }]),
    ).rejects.toMatchObject({ code: 'TASK_INVALID_TRANSITION', details: { from: 'claimed' } });
    await queue.complete(held);
    expect(await status(b)).toBe('queued');
    expect(await status(c)).toBe('waiting');
    // With nothing left to wait for it is queued as before.
    expect(await queue.addDependencies(project, b, [{ taskId: a, onFailure: 'fail' }])).toBe('queued');
  });

  test('a task is decomposed: it waits for its children and is then claimed again, seeing their results', async () => {
    const parent = await enqueue({ queue: 'default', maxAttempts: 1 });
    const held = await claim(parent);
    const [plan, code] = await queue.decompose(held, [
      { ref: 'plan', type: 'plan' },
      { type: 'code', dependsOn: [{ ref: 'plan' }] },
    ]);
    if (!plan || !code) throw new Error('there are no children');
    await expect(queue.complete(held)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await queue.get(project, parent)).toMatchObject({ status: 'waiting', attempt: 1, failures: 0 });
    expect(await queue.attempts(project, parent)).toMatchObject([{ attempt: 1, outcome: 'decomposed' }]);
    expect((await queue.get(project, plan.taskId)).parentId).toBe(parent);
    await complete(plan.taskId, { steps: 2 });
    expect([await status(parent), await status(code.taskId)]).toEqual(['waiting', 'queued']);
    await complete(code.taskId, { lines: 7 });
    const again = await claim(parent);
    expect(again).toMatchObject({ attempt: 2, failures: 0 });
    expect((await queue.children(project, parent)).map(({ result }) => result)).toEqual([{ steps: 2 }, { lines: 7 }]);

    // A second time, completed by its children; the earlier ones have no say in it.
    const [last] = await queue.decompose(again, [{ type: 'check' }], { afterwards: 'complete' });
    await complete(last?.taskId ?? '', 'fine');
    expect(await queue.get(project, parent)).toMatchObject({
      status: 'completed',
      result: [{ taskId: last?.taskId, type: 'check', status: 'completed', result: 'fine' }],
    });
  });

  test('a child that ends badly decides about its parent by the policy, once all children are over', async () => {
    for (const [onFailure, becomes] of [
      ['fail', 'failed'],
      ['skip', 'skipped'],
      ['continue', 'queued'],
    ] as const) {
      const parent = await enqueue({ priority: 0 });
      const receipts = await queue.decompose(await claim(parent), [{ type: 'x' }, { type: 'y' }], { onFailure });
      const [bad, good] = receipts.map(({ taskId }) => taskId) as [string, string];
      await failForGood(bad);
      expect(await status(parent)).toBe('waiting');
      await complete(good);
      expect(await status(parent)).toBe(becomes);
      if (becomes === 'queued') await complete(parent);
    }
  });

  test('children that would wait for their own parent are refused, and the claim stands', async () => {
    const parent = await enqueue();
    const waiting = await enqueue(after(parent));
    const held = await claim(parent);
    await expect(queue.decompose(held, [{ type: 'x', ...after(waiting) }])).rejects.toMatchObject({
      code: 'TASK_DEPENDENCY_CYCLE',
    });
    await expect(queue.decompose(held, [])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await queue.complete(held)).toBe('completed');
    expect(await status(waiting)).toBe('queued');
  });

  test('COORD-44: cancelling a parent cancels all below it that is not over, and what depends on it hears of it', async () => {
    const parent = await enqueue();
    const dependent = await enqueue(after(parent));
    const [child, done] = await queue.decompose(await claim(parent), [{ type: 'x' }, { type: 'y' }]);
    await complete(done?.taskId ?? '');
    const [grandchild] = await queue.decompose(await claim(child?.taskId), [{ type: 'z' }]);
    const held = await claim(grandchild?.taskId);
    expect((await queue.cancel(project, parent, 'somebody')).status).toBe('cancelled');
    const ids = [child, grandchild, done].map((one) => one?.taskId ?? '');
    expect(await Promise.all(ids.map(status))).toEqual(['cancelled', 'cancelled', 'completed']);
    expect(await status(dependent)).toBe('failed');
    await expect(queue.complete(held)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await sql('SELECT FROM task_waiting UNION ALL SELECT FROM task_ready')).toEqual([]);
  });

  test('COORD-23: what can no longer meet its deadline fails and is not claimed, queued or waiting, with its children', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const inTime = await enqueue({ deadline: soon });
    const tooLong = await enqueue({ deadline: soon, estimatedMs: 120_000 });
    const parent = await enqueue({ priority: 0 });
    const [child] = await queue.decompose(await claim(parent), [{ type: 'x' }]);
    await sql(`UPDATE tasks SET deadline = now() WHERE id = $1`, [parent]);
    await sql(`UPDATE task_waiting SET give_up_at = now() WHERE task_id = $1`, [parent]);
    const below = await enqueue(after(tooLong, 'skip'));
    await expect(claim(tooLong)).rejects.toThrow('cannot be claimed');
    expect(await queue.failOverdue()).toBe(3);
    const statuses = await Promise.all([inTime, tooLong, parent, child?.taskId ?? '', below].map(status));
    expect(statuses).toEqual(['queued', 'failed', 'failed', 'cancelled', 'skipped']);
    expect((await queue.get(project, tooLong)).error).toMatchObject({ name: 'DEADLINE_MISSED' });
    expect(await queue.failOverdue()).toBe(0);
  });

  test('dead letters are redriven with all their attempts, dependents behind what they wait for, and audited', async () => {
    const root = await enqueue({ maxAttempts: 2, unique: { key: 'one' } });
    const below = await enqueue(after(root));
    const late = await enqueue({ deadline: new Date(Date.now() + 1_000).toISOString(), estimatedMs: 5_000 });
    await queue.failOverdue();
    await queue.fail(await claim(root), { name: 'E', message: 'once', retryable: true }, 0);
    expect(await queue.fail(await claim(root), { name: 'E', message: 'twice', retryable: true })).toBe('dead');
    expect(await queue.deadLetters.redriveAll(project, { type: 'work' }, 'operator')).toEqual({
      changed: 3,
      skipped: [],
      more: false,
    });
    expect(await Promise.all([root, below, late].map(status))).toEqual(['queued', 'waiting', 'queued']);
    expect(await queue.get(project, root)).toMatchObject({ failures: 0, attempt: 2, error: null, finishedAt: null });
    expect(await queue.failOverdue()).toBe(0);
    expect(await queue.enqueue(project, { type: 'work', unique: { key: 'one' } })).toMatchObject({ taskId: root });
    await complete(root);
    expect(await status(below)).toBe('queued');
    expect(await sql('SELECT FROM task_dead_letters')).toEqual([]);
    await expect(queue.deadLetters.redrive(project, root, 'operator')).rejects.toMatchObject({
      code: 'TASK_INVALID_TRANSITION',
    });
    await expect(queue.deadLetters.redrive(project, systemIds.uuid(), 'operator')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    const audit = await sql(`SELECT actor, subject_id FROM audit_events WHERE action = 'task.redrive'`);
    expect(audit.map((row) => row.subject_id).sort()).toEqual([root, below, late].sort());
    expect(audit.every((row) => row.actor === 'operator')).toBe(true);
  });

  test('a redrive leaves what runs sessions, and a unique key that another task has taken', async () => {
    const run = await enqueue({ type: 'session.run' });
    const keyed = await enqueue({ unique: { key: 'k' } });
    await failForGood(run);
    await failForGood(keyed);
    await enqueue({ unique: { key: 'k' } });
    await expect(queue.deadLetters.redrive(project, run, 'o')).rejects.toMatchObject({ code: 'TASK_OF_SESSION' });
    await expect(queue.deadLetters.redrive(project, keyed, 'o')).rejects.toMatchObject({ code: 'TASK_DUPLICATE' });
    expect(await queue.deadLetters.redriveAll(project, {}, 'o')).toEqual({
      changed: 0,
      skipped: [{ id: keyed, reason: 'TASK_DUPLICATE' }],
      more: false,
    });
    await expect(queue.deadLetters.discard(project, run, 'o')).rejects.toMatchObject({ code: 'TASK_OF_SESSION' });
    await queue.deadLetters.discard(project, keyed, 'o');
    await expect(queue.get(project, keyed)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect(await sql(`SELECT details FROM audit_events WHERE action = 'task.discard'`)).toMatchObject([
      { details: { error: { name: 'Bad' } } },
    ]);
  });

  test('many dead letters come back in bounded batches, and none is forgotten', async () => {
    const count = 1_100;
    const overdue = Array.from({ length: count }, () => ({ type: 'work', deadline: '2020-01-01T00:00:00Z' }));
    await queue.enqueueMany(project, overdue);
    let failed = 0;
    for (let some = -1; some !== 0; failed += some) some = await queue.failOverdue(400);
    expect(failed).toBe(count);
    expect(await queue.deadLetters.redriveAll(project, { queue: 'elsewhere' }, 'o')).toMatchObject({ changed: 0 });
    expect(await queue.deadLetters.redriveAll(project, { status: 'failed' }, 'o')).toEqual({
      changed: count,
      skipped: [],
      more: false,
    });
    expect(await sql('SELECT status, count(*)::integer AS count FROM tasks GROUP BY 1')).toEqual([
      { status: 'queued', count },
    ]);
  });

  test('a prerequisite that is deleted before it was over has ended badly', async () => {
    const gone = await enqueue();
    const [waiting, goOn] = [await enqueue(after(gone)), await enqueue(after(gone, 'continue'))];
    await sql('DELETE FROM tasks WHERE id = $1', [gone]);
    expect([await status(waiting), await status(goOn)]).toEqual(['failed', 'queued']);
    expect(await sql('SELECT FROM task_dependencies')).toEqual([]);
  });

  test('a long chain is decided from end to end in one go', async () => {
    const length = 1_500;
    const chain = Array.from({ length }, (_, n) => ({
      ref: `t${n}`,
      type: 'work',
      ...(n === 0 ? {} : { dependsOn: [{ ref: `t${n - 1}` }] }),
    }));
    const [first] = await queue.enqueueMany(project, chain);
    await queue.cancel(project, first?.taskId ?? '', 'somebody');
    expect(await sql('SELECT status, count(*)::integer AS count FROM tasks GROUP BY 1 ORDER BY 1')).toEqual([
      { status: 'cancelled', count: 1 },
      { status: 'failed', count: length - 1 },
    ]);
  });

  test('COORD-44: who holds a claim says that it has begun and how far it is; a stale holder is refused', async () => {
    const ids = [await enqueue(), await enqueue()];
    const [one, two] = [await claim(ids[0]), await claim(ids[1])];
    const told = await Promise.allSettled([
      queue.begin(one),
      queue.progress(one, { percent: 10 }),
      queue.progress(two, 'halfway'),
      queue.progress({ ...two, token: two.token - 1 }, 'stale'),
      queue.progress(one, { percent: 20 }),
    ]);
    expect(told.map((each) => (each.status === 'fulfilled' ? 'noted' : each.reason.code))).toEqual([
      'noted',
      'noted',
      'noted',
      'CLAIM_LOST',
      'noted',
    ]);
    expect(await queue.get(project, one.taskId)).toMatchObject({ status: 'running', progress: { percent: 20 } });
    expect(await queue.get(project, two.taskId)).toMatchObject({ status: 'running', progress: 'halfway' });
    await queue.complete(one);
    await expect(queue.begin(one)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
  });
});

describe('cycles', () => {
  test('a cycle is found exactly where there is one', () => {
    const graph = fc
      .integer({ min: 1, max: 8 })
      .chain((size) => fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 20 }));
    fc.assert(
      fc.property(graph, (pairs) => {
        const edges = new Map<string, string[]>();
        for (const [from, to] of pairs) edges.set(`${from}`, [...(edges.get(`${from}`) ?? []), `${to}`]);
        const cycle = findCycle(edges);
        // The other way to know: taking away what waits for nothing leaves something exactly if there is a cycle.
        let left = pairs;
        for (let before = -1; before !== left.length; ) {
          before = left.length;
          left = left.filter(([, to]) => left.some(([from]) => from === to));
        }
        expect(cycle !== null).toBe(left.length > 0);
        if (!cycle) return;
        expect(cycle.at(0)).toBe(cycle.at(-1));
        for (const [place, node] of cycle.slice(0, -1).entries()) {
          expect(edges.get(node)).toContain(cycle[place + 1]);
        }
      }),
    );
  });
});
