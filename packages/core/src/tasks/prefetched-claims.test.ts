import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, expireTestClaim, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { writeOutClaims } from './claim-store.ts';
import { endClaims } from './ending-store.ts';
import { type Claim, TaskQueue } from './index.ts';
import { toEnding } from './task-writes.ts';

describeOnBackends('prefetched claims', (backend) => {
  let opened: TestDatabase;
  let queue: TaskQueue;
  let projectId: string;

  beforeEach(async () => {
    opened = await backend.open();
    projectId = await insertTestProject(opened.database);
    queue = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
  });
  afterEach(async () => {
    await queue.close();
    await opened.close();
  });

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);
  const enqueue = (count: number) =>
    Promise.all(Array.from({ length: count }, () => queue.enqueue(projectId, { type: 'work', maxAttempts: 3 })));
  const claim = (agent = 'w', prefetch = true) =>
    queue.claim(projectId, {
      agent,
      queues: ['default'],
      types: null,
      able: [],
      limit: 10,
      leaseSeconds: 30,
      prefetch,
    });
  const one = async () => (await claim())[0] as Claim;
  const reap = () => opened.database.transaction((tx) => queue.within(tx).reap());
  const stateOf = async (taskId: string) => {
    const { status, attempt, failures, claimedBy } = await queue.get(projectId, taskId);
    return { status, attempt, failures, claimedBy };
  };

  test('ends as any other claim, once, and leaves the same behind', async () => {
    const receipts = await enqueue(3);
    const claims = await claim();
    expect(claims.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(await claim('other')).toEqual([]);
    expect(await claim('other', false)).toEqual([]);
    await Promise.all(claims.slice(0, 2).map((held) => queue.complete(held, 'done')));
    expect(await queue.fail(claims[2] as Claim, { name: 'E', message: '', retryable: false })).toBe('failed');
    for (const held of claims) await expect(queue.complete(held)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await stateOf(receipts[0]?.taskId ?? '')).toEqual({
      status: 'completed',
      attempt: 1,
      failures: 0,
      claimedBy: 'w',
    });
    expect(await sql('SELECT outcome, agent, attempt FROM task_attempts ORDER BY task_id')).toEqual([
      { outcome: 'completed', agent: 'w', attempt: 1 },
      { outcome: 'completed', agent: 'w', attempt: 1 },
      { outcome: 'failed', agent: 'w', attempt: 1 },
    ]);
    expect(await sql('SELECT FROM task_leases')).toEqual([]);
  });

  test('is refused to whoever has the token but not the task', async () => {
    const [first, second] = await enqueue(2);
    const held = await queue.claim(projectId, {
      agent: 'w',
      queues: ['default'],
      types: null,
      able: [],
      limit: 1,
      leaseSeconds: 30,
      prefetch: true,
    });
    expect(held[0]?.taskId).toBe(first?.taskId);
    const forged = { ...(held[0] as Claim), taskId: second?.taskId ?? '' };
    await expect(queue.complete(forged)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    await expect(queue.complete({ ...(held[0] as Claim), projectId: systemIds.uuid() })).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
    expect(await queue.complete(held[0] as Claim)).toBe('completed');
  });

  test('a released or failed one goes to the next claim, and the old token is refused by every verb', async () => {
    await enqueue(1);
    const stale = await one();
    expect(await queue.release(stale)).toBe('queued');
    const fresh = await one();
    expect(fresh).toMatchObject({ attempt: 2, failures: 0 });
    expect(fresh.token).toBeGreaterThan(stale.token);
    for (const verb of [
      () => queue.complete(stale),
      () => queue.release(stale),
      () => queue.begin(stale),
      () => opened.database.transaction((tx) => queue.within(tx).hold(stale)),
      () => opened.database.transaction((tx) => queue.within(tx).begin(stale)),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    }
    expect(await queue.heartbeat([stale, fresh], 30)).toEqual([stale]);
    expect(await queue.complete(fresh)).toBe('completed');
  });

  test('are written out as what they are by now, where one of them was given back and claimed again', async () => {
    await enqueue(3);
    const [given, ...kept] = (await claim()) as [Claim, ...Claim[]];
    await queue.release(given);
    const again = (await claim('other'))[0] as Claim;
    expect(again.taskId).toBe(given.taskId);
    // Both of its leases still stand there, as after a second in which nobody looked.
    await opened.database.transaction((tx) => writeOutClaims(tx, [given.token, again.token]));
    const rows = await sql('SELECT id, claim_token::int AS token, claimed_by AS agent FROM tasks ORDER BY id');
    expect(rows).toEqual(
      [again, ...kept]
        .sort((a, b) => (a.taskId < b.taskId ? -1 : 1))
        .map(({ taskId, token }) => ({ id: taskId, token, agent: token === again.token ? 'other' : 'w' })),
    );
    await expect(queue.complete(given)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await queue.complete(again)).toBe('completed');
  });

  test.each([true, false])(
    'a stale claim and a fresh one on one task are told apart in one batch (prefetched: %s)',
    async (prefetch) => {
      await enqueue(3);
      const stale = await claim('w', prefetch);
      await Promise.all(stale.map((held) => queue.release(held)));
      const fresh = await claim('w', prefetch);
      const calls = [...stale, ...fresh].sort((a, b) => (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId)));
      const endings = calls.map((held) => toEnding(held, { outcome: 'completed' }, () => 0));
      const { statuses } = await opened.database.transaction((tx) => endClaims(tx, endings));
      const ended = calls.map(({ token }, index) => [token === fresh[0]?.token, statuses[index]] as const);
      expect(ended.filter(([isFresh]) => isFresh).map(([, status]) => status)).toEqual(Array(3).fill('completed'));
      expect(ended.filter(([isFresh]) => !isFresh).map(([, status]) => status)).toEqual(Array(3).fill(null));
    },
  );

  test('is written into its task as soon as something needs it there', async () => {
    const uses: ((held: Claim) => Promise<unknown>)[] = [
      (held) => queue.heartbeat([held], 60),
      (held) => queue.begin(held),
      (held) => queue.progress(held, 0.5),
      (held) => opened.database.transaction((tx) => queue.within(tx).hold(held)),
      (held) => opened.database.transaction((tx) => queue.within(tx).begin(held)),
    ];
    for (const use of uses) {
      await enqueue(1);
      const held = await one();
      expect((await stateOf(held.taskId)).status).toBe('queued');
      await use(held);
      expect(await stateOf(held.taskId)).toMatchObject({
        status: expect.stringMatching(/claimed|running/),
        attempt: 1,
        claimedBy: 'w',
      });
      expect(await queue.complete(held)).toBe('completed');
      expect((await stateOf(held.taskId)).attempt).toBe(1);
    }
  });

  test('the reaper writes it after a second, and takes it away when its lease is over', async () => {
    await enqueue(2);
    const [first, second] = await claim();
    await queue.complete(first as Claim);
    expect(await reap()).toEqual([]);
    expect((await stateOf(second?.taskId ?? '')).status).toBe('queued');
    await sql(`UPDATE task_leases SET claimed_at = now() - interval '2 seconds'`);
    expect(await reap()).toEqual([]);
    expect(await stateOf(second?.taskId ?? '')).toMatchObject({ status: 'claimed', claimedBy: 'w' });
    await expireTestClaim(opened.database, { taskId: second?.taskId ?? '' });
    expect(await reap()).toMatchObject([{ taskId: second?.taskId, agent: 'w', status: 'queued' }]);
    await expect(queue.complete(second as Claim)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await one()).toMatchObject({ taskId: second?.taskId, attempt: 2, failures: 1 });
  });

  test('one whose lease is over before anybody wrote it down is lost, and comes back', async () => {
    await enqueue(1);
    const stale = await one();
    await sql(
      `UPDATE task_leases SET check_at = now() - interval '1 second', claimed_at = now() - interval '31 seconds'`,
    );
    await expect(queue.complete(stale)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await reap()).toMatchObject([{ taskId: stale.taskId }]);
    expect(await stateOf(stale.taskId)).toMatchObject({ status: 'queued', attempt: 1, failures: 1 });
    expect((await one()).attempt).toBe(2);
  });

  test('cancel wins over it', async () => {
    await enqueue(1);
    const held = await one();
    expect((await queue.cancel(projectId, held.taskId, 'someone')).status).toBe('cancelled');
    await expect(queue.complete(held)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await queue.heartbeat([held], 30)).toEqual([held]);
    expect(await claim()).toEqual([]);
  });
});
