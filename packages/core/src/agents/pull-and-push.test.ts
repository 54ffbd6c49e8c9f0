import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Claim, Queues } from '../tasks/index.ts';
import { describeOnBackends, insertTestSession } from '../testing/index.ts';
import { type AgentFixture, openAgents, openNode } from './testing/agent-fixture.ts';

const FAILURE = { name: 'E', message: 'no luck', retryable: true };
const AT_ONCE = { baseSeconds: 0, factor: 1, maxSeconds: 0, jitter: 0 };

describeOnBackends('work of agents', (backend) => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(backend);
  });
  afterEach(() => room.close());

  const register = (id: string, input: Record<string, unknown> = {}) =>
    room.agents.register(room.projectId, { id, ...input });
  const claim = (id: string, input = {}, signal?: AbortSignal) => room.agents.claim(room.projectId, id, input, signal);
  const push = (input: Record<string, unknown> = {}) =>
    room.agents.configure(room.projectId, { assignQueues: ['default'], ...input }, 'op');
  const get = (id: string) => room.agents.get(room.projectId, id);
  const assigned = async () =>
    Object.fromEntries((await room.agents.assign(room.projectId)).map(({ taskId, agent }) => [taskId, agent]));

  test('an agent claims what its capabilities and versions suit, up to its room', async () => {
    await register('a', { maxLoad: 2, capabilities: ['ts', 'node@24.1.0'] });
    const wanted = [
      await room.enqueue({ required: ['ts'] }),
      await room.enqueue({ required: ['node@>=22 <25', 'ts'] }),
      await room.enqueue({ required: ['node'] }),
    ];
    for (const required of [['go'], ['node@>=25'], ['ts@1.x'], ['ts', 'go']]) await room.enqueue({ required });
    const got = await claim('a', { limit: 10 });
    expect(got.map(({ taskId }) => taskId)).toEqual(wanted.slice(0, 2));
    await expect(claim('a')).rejects.toMatchObject({ code: 'AGENT_FULL', details: { load: 2, maxLoad: 2 } });
    for (const one of got) await room.tasks.complete(one);
    expect((await claim('a', { limit: 10 })).map(({ taskId }) => taskId)).toEqual(wanted.slice(2));
    await expect(claim('stranger')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
  });

  test('a claim that waits gets a task with a requirement that came up only then', async () => {
    await register('a', { capabilities: ['node@24.1.0'] });
    const waiting = claim('a', { waitSeconds: 20 });
    const taskId = await room.enqueue({ required: ['node@^24'] });
    expect((await waiting).map((one) => one.taskId)).toEqual([taskId]);
  });

  test('a claim that waits is woken by what is given to it, and left alone when its caller goes', async () => {
    await push();
    await register('a');
    const waiting = claim('a', { queues: ['other'], waitSeconds: 20 });
    const taskId = await room.enqueue();
    // Only once the claim above waits is it the notice that wakes it; before, its first look finds the task.
    expect(await assigned()).toEqual({ [taskId]: 'a' });
    expect((await waiting).map((one) => one.taskId)).toEqual([taskId]);
    const gone = new AbortController();
    await register('b');
    const left = claim('b', { waitSeconds: 20 }, gone.signal);
    gone.abort();
    expect(await left).toEqual([]);
  });

  test('what was given is told until the agent says it knows, once by claims', async () => {
    await push();
    await register('a', { maxLoad: 2 });
    const taskId = await room.enqueue();
    await assigned();
    const [given] = await claim('a');
    expect(given).toMatchObject({ taskId, agent: 'a', attempt: 1 });
    const beat = (claims: { taskId: string; token: number }[] | undefined) =>
      room.agents.heartbeat(room.projectId, 'a', claims ? { claims } : {});
    expect((await beat(undefined)).assigned).toEqual([]);
    // It lost the answer: it says it works on nothing.
    expect((await beat([])).assigned.map((one) => one.token)).toEqual([given?.token]);
    const known = { taskId, token: given?.token ?? 0 };
    expect(await beat([known])).toMatchObject({ assigned: [], lost: [] });
    expect(await room.sql('SELECT * FROM task_assignments')).toEqual([]);
    await room.tasks.complete(given as Claim);
    expect((await beat([known])).lost).toMatchObject([known]);
  });

  test('agents off duty get nothing new, and finish what they have', async () => {
    await push();
    await register('a', { maxLoad: 3 });
    await room.enqueue();
    await assigned();
    await room.agents.drain(room.projectId, 'a', 'op');
    await room.enqueue();
    expect(await assigned()).toEqual({});
    const [given] = await claim('a');
    await expect(claim('a')).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE', details: { status: 'draining' } });
    expect(await room.tasks.complete(given as Claim)).toBe('completed');
    await room.agents.resume(room.projectId, 'a', 'op');
    expect(Object.values(await assigned())).toEqual(['a']);
  });

  test('who cannot be suited holds nobody up, and what failed goes to another agent where there is one (COORD-22, COORD-42)', async () => {
    await push({ strategy: { type: 'priority-based' } });
    await register('best', { priority: 9, maxLoad: 5 });
    await register('other', { priority: 1, maxLoad: 5 });
    await room.enqueue({ required: ['nobody can'], priority: 0 });
    const taskId = await room.enqueue({ backoff: AT_ONCE });
    expect(await assigned()).toEqual({ [taskId]: 'best' });
    const [first] = await claim('best');
    await room.tasks.fail(first as Claim, FAILURE);
    expect(await assigned()).toEqual({ [taskId]: 'other' });
  });

  test('limits and pauses of a queue hold for what is given too, and nobody loses room by them', async () => {
    await push();
    const queues = new Queues({ database: room.database, tasks: room.tasks });
    await queues.update(room.projectId, 'default', 0, { maxConcurrent: 1 }, 'op');
    await register('a', { maxLoad: 5 });
    const [first, second] = [await room.enqueue(), await room.enqueue()];
    expect(await assigned()).toEqual({ [first]: 'a' });
    expect(await assigned()).toEqual({});
    const [given] = await claim('a', { queues: ['other'] });
    await room.tasks.complete(given as Claim);
    await queues.pause(room.projectId, 'default', 'op');
    expect(await assigned()).toEqual({});
    await queues.resume(room.projectId, 'default', 'op');
    expect(await assigned()).toEqual({ [second]: 'a' });
  });

  test('more tasks than a page are given in their order, and no agent gets more than it can bear', async () => {
    await push();
    for (let n = 0; n < 5; n += 1) await register(`a${n}`, { maxLoad: 150 });
    await Promise.all(Array.from({ length: 800 }, () => room.enqueue()));
    const urgent = await room.enqueue({ priority: 0 });
    const given = await room.agents.assign(room.projectId);
    expect(given).toHaveLength(750);
    expect(given.map(({ taskId }) => taskId)).toContain(urgent);
    const loads = (await room.agents.list(room.projectId)).items.map(({ load }) => load);
    expect(loads).toEqual([150, 150, 150, 150, 150]);
  });

  test('coordinators and agents who claim for themselves never give one task to two', async () => {
    await push();
    for (let n = 0; n < 4; n += 1) await register(`a${n}`, { maxLoad: 40 });
    await register('puller', { maxLoad: 200 });
    await Promise.all(Array.from({ length: 120 }, () => room.enqueue()));
    const nodes = [openNode(room.database), openNode(room.database)];
    const passes = nodes.map(({ agents }) => agents.assign(room.projectId));
    const pulls = Array.from({ length: 10 }, () => claim('puller', { limit: 5 }));
    const pulled = (await Promise.all(pulls)).flat();
    const given = (await Promise.all(passes)).flat();
    for (const node of nodes) await node.close();
    const rows = await room.sql(`SELECT id, claimed_by FROM tasks WHERE status = 'claimed'`);
    expect(rows).toHaveLength(120);
    const told = new Map([...given.map(({ taskId, agent }) => [taskId, agent] as const)]);
    for (const { taskId } of pulled) if (!told.has(taskId)) told.set(taskId, 'puller');
    for (const { id, claimed_by: holder } of rows) expect(told.get(String(id))).toBe(holder);
    expect((await room.sql('SELECT max(attempt) AS most FROM tasks'))[0]?.most).toBe(1);
  });

  test('submitting, finishing and registering give work by themselves once the room has started (COORD-20, COORD-22)', async () => {
    await push();
    room.agents.start();
    const ids = [await room.enqueue(), await room.enqueue()];
    await register('a');
    const [first] = await claim('a', { queues: ['other'], waitSeconds: 20 });
    expect(first?.taskId).toBe(ids[0]);
    await room.tasks.complete(first as Claim);
    const [second] = await claim('a', { queues: ['other'], waitSeconds: 20 });
    expect(second?.taskId).toBe(ids[1]);
  });

  test('affinity follows success with this type and place, also after the leases are gone (CLU-006, CLU-007)', async () => {
    await push({ strategy: { type: 'affinity' } });
    await register('first', { maxLoad: 5 });
    await register('second', { maxLoad: 5 });
    const paths = { payload: { paths: ['src/auth/login.ts'] } };
    const work = async (agent: string, well: boolean, input: Record<string, unknown>) => {
      await room.agents.drain(room.projectId, agent === 'first' ? 'second' : 'first', 'op');
      await room.enqueue({ maxAttempts: 1, ...input });
      await assigned();
      const [one] = await claim(agent);
      await (well ? room.tasks.complete(one as Claim) : room.tasks.fail(one as Claim, FAILURE));
      await room.agents.resume(room.projectId, agent === 'first' ? 'second' : 'first', 'op');
    };
    await work('first', false, paths);
    await work('second', true, paths);
    const near = await room.enqueue({ payload: { paths: ['src/auth/**/*.test.ts', 'src/auth/logout.ts'] } });
    expect(await assigned()).toEqual({ [near]: 'second' });
    const before = [await get('first'), await get('second')];
    // The reaper lets go of leases with nothing left; what they told is remembered.
    await room.sql('UPDATE task_leases SET check_at = now()');
    await room.database.transaction((tx) => room.tasks.within(tx).reap());
    const rows = await room.sql(
      `SELECT agent_id, place, completed::integer, failed::integer FROM agent_outcomes ORDER BY agent_id, place`,
    );
    expect(rows).toEqual([
      { agent_id: 'first', place: '', completed: 0, failed: 1 },
      { agent_id: 'first', place: 'path:src/auth', completed: 0, failed: 1 },
      { agent_id: 'second', place: '', completed: 1, failed: 0 },
      { agent_id: 'second', place: 'path:src/auth', completed: 1, failed: 0 },
    ]);
    const after = [await get('first'), await get('second')];
    for (const [index, agent] of after.entries()) {
      expect(agent.totalTasksCompleted).toBe(before[index]?.totalTasksCompleted);
      expect(agent.totalTasksFailed).toBe(before[index]?.totalTasksFailed);
      expect(agent.totalTaskDuration).toBeCloseTo(before[index]?.totalTaskDuration ?? Number.NaN, 6);
    }
    const again = await room.enqueue({ payload: { paths: ['src/auth/logout.ts'] } });
    expect(await assigned()).toEqual({ [again]: 'second' });
  });

  test('claims that stand in their lease alone count as load, are lost with their agent and go over with their session', async () => {
    await register('a', { maxLoad: 5 });
    await register('b', { maxLoad: 5 });
    const sessionId = await insertTestSession(room.database, room.projectId);
    await room.enqueue({ sessionId, priority: 0 });
    await room.enqueue({ priority: 1 });
    await room.enqueue({ priority: 2 });
    const prefetched = await room.tasks.claim(room.projectId, {
      agent: 'a',
      queues: ['default'],
      types: null,
      able: [],
      limit: 3,
      leaseSeconds: 60,
      prefetch: true,
    });
    expect(prefetched).toHaveLength(3);
    expect(await get('a')).toMatchObject({ load: 3, currentSessions: [sessionId] });
    expect((await room.agents.metrics(room.projectId)).runningTasks).toBe(3);
    const [ofSession, one, other] = prefetched as [Claim, Claim, Claim];
    await room.tasks.complete(one);
    expect(await get('a')).toMatchObject({ load: 2, totalTasksCompleted: 1 });
    await room.agents.handOff(room.projectId, { sessionId, fromAgent: 'a', toAgent: 'b', reason: 'r' }, 'op');
    await expect(room.tasks.complete(ofSession)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect([(await get('a')).load, (await get('b')).load]).toEqual([1, 1]);
    await room.silence('a', 91);
    expect((await room.agents.lookAfter()).dead).toMatchObject([{ agentId: 'a', taskCount: 1 }]);
    await expect(room.tasks.complete(other)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    await room.database.transaction((tx) => room.tasks.within(tx).reap());
    expect((await room.tasks.get(room.projectId, other.taskId)).status).toBe('queued');
    expect(await get('a')).toMatchObject({ load: 0, totalTasksCompleted: 1, totalTasksFailed: 1 });
  });

  test('what an agent prefetched and finished counts, though its lease is gone with the last of it', async () => {
    await register('a', { maxLoad: 5 });
    for (let n = 0; n < 3; n += 1) await room.enqueue();
    const prefetched = await room.tasks.claim(room.projectId, {
      agent: 'a',
      queues: ['default'],
      types: null,
      able: [],
      limit: 3,
      leaseSeconds: 60,
      prefetch: true,
    });
    await Promise.all(prefetched.map((one) => room.tasks.complete(one)));
    expect(await room.sql('SELECT count(*)::integer AS leases FROM task_leases')).toEqual([{ leases: 0 }]);
    expect(await get('a')).toMatchObject({ load: 0, totalTasksCompleted: 3, errorRate: 0 });
    expect((await get('a')).totalTaskDuration).toBeGreaterThan(0);
  });
});
