import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendInTransaction, Journal } from '../journal/index.ts';
import type { Claim, ClaimRef } from '../tasks/index.ts';
import { describeOnBackends, insertTestSession } from '../testing/index.ts';
import type { StrategyType } from './strategies/index.ts';
import { dynamicScore } from './strategies/index.ts';
import { type AgentFixture, openAgents, openNode } from './testing/agent-fixture.ts';

const FAILURE = { name: 'E', message: 'no luck', retryable: true };

// The table of scenarios of the coordination inventory, read as ours: `assigned` is `claimed`, a higher priority is a lower
// number, the second failure of two is `dead`.
describeOnBackends('coordination scenarios', (backend) => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(backend);
  });
  afterEach(() => room.close());

  const push = (type: StrategyType = 'least-loaded') =>
    room.agents.configure(room.projectId, { assignQueues: ['default'], strategy: { type } }, 'op');
  const register = async (id: string, input: Record<string, unknown> = {}) =>
    (await room.agents.register(room.projectId, { id, ...input })).agent;
  const get = (id: string) => room.agents.get(room.projectId, id);
  const task = (id: string) => room.tasks.get(room.projectId, id);
  const metrics = () => room.agents.metrics(room.projectId);
  const assign = async () => {
    const given = await room.agents.assign(room.projectId);
    return Object.fromEntries(given.map(({ taskId, agent }) => [taskId, agent]));
  };
  /** What the agent was given, as its next heartbeat tells. */
  const given = async (id: string): Promise<Claim[]> =>
    (await room.agents.heartbeat(room.projectId, id, { claims: [] })).assigned;
  const reap = () => room.database.transaction((tx) => room.tasks.within(tx).reap());
  const taskFeed = async () =>
    (await room.sql(`SELECT payload -> 'counts' AS counts FROM feed_entries WHERE topic = 'task' ORDER BY id`)).map(
      ({ counts }) => counts,
    );
  const listen = () => {
    const names: string[] = [];
    room.agents.onEvent(({ event }) => names.push(event));
    return names;
  };

  test('SVC scenario 1: the less loaded of two that can do it gets the task (COORD-20, COORD-22, COORD-31, COORD-40, COORD-70)', async () => {
    await push();
    await register('A', { load: 1, maxLoad: 4, capabilities: ['ts'] });
    await register('B', { load: 1, maxLoad: 2, capabilities: ['ts'] });
    const events = listen();
    const id = await room.enqueue({ required: ['ts'] });
    expect(await assign()).toEqual({ [id]: 'A' });
    expect(events).toEqual(['task:submitted', 'task:assigned']);
    expect((await get('A')).load).toBe(2);
    expect((await get('B')).load).toBe(1);
    expect(await task(id)).toMatchObject({ status: 'claimed', claimedBy: 'A', attempt: 1 });
    expect(await taskFeed()).toEqual([{ queued: 1 }, { claimed: 1 }]);
    expect((await room.events()).at(-1)).toEqual({
      event: 'task:assigned',
      assignments: [{ taskId: id, agentId: 'A' }],
    });
    expect(await metrics()).toMatchObject({ queuedTasks: 0, runningTasks: 1, systemLoad: 3 / 6 });
  });

  test('SVC scenario 2: round-robin gives to each in turn, also from one pass and node to the next (COORD-30)', async () => {
    await push('round-robin');
    for (const id of ['A', 'B', 'C']) await register(id, { maxLoad: 10 });
    const first: string[] = [];
    for (let n = 0; n < 4; n += 1) first.push(await room.enqueue());
    const byTask = await assign();
    expect(first.map((id) => byTask[id])).toEqual(['A', 'B', 'C', 'A']);
    const node = openNode(room.database);
    const [fifth, sixth] = [await room.enqueue(), await room.enqueue()];
    const rest = await node.agents.assign(room.projectId);
    expect(rest.map(({ taskId, agent }) => [taskId, agent]).sort()).toEqual(
      [
        [fifth, 'B'],
        [sixth, 'C'],
      ].sort(),
    );
    await node.close();
  });

  test('SVC scenario 3: one slot takes the most urgent, then the next, and nothing is an error (COORD-13, COORD-21, COORD-22)', async () => {
    await push();
    const one = await room.enqueue({ priority: 9 });
    const nine = await room.enqueue({ priority: 1 });
    const five = await room.enqueue({ priority: 5 });
    await register('A', { maxLoad: 1 });
    const order: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      order.push(...Object.keys(await assign()));
      expect((await get('A')).status).toBe('busy');
      expect(await assign()).toEqual({});
      expect((await metrics()).queuedTasks).toBe(2 - turn);
      const [claim] = await given('A');
      await room.tasks.complete(claim as Claim);
    }
    expect(order).toEqual([nine, five, one]);
    expect((await get('A')).status).toBe('active');
  });

  test('SVC scenario 4: the dynamic score of the example is 0.625 (COORD-34)', () => {
    const capabilities = ['a', 'b', 'c'].map((name) => ({ name, version: null }));
    const agent = { load: 1, maxLoad: 4, priority: 5, errorRate: 0.1, averageTaskDuration: 2_000, capabilities };
    expect(dynamicScore(agent, ['a'])).toBeCloseTo(0.625, 10);
  });

  test('SVC scenario 5: of two attempts the first failure is tried again, the second ends the task (COORD-42, COORD-43)', async () => {
    await push();
    await register('A');
    const events = listen();
    const id = await room.enqueue({ maxAttempts: 2, backoff: { baseSeconds: 0, factor: 1, maxSeconds: 0, jitter: 0 } });
    await assign();
    const [first] = await given('A');
    expect(await room.tasks.fail(first as Claim, FAILURE)).toBe('queued');
    expect(await task(id)).toMatchObject({ status: 'queued', attempt: 1, failures: 1, error: FAILURE });
    // The only agent there is gets it again.
    expect(await assign()).toEqual({ [id]: 'A' });
    const [second] = await given('A');
    expect(second?.attempt).toBe(2);
    expect(await room.tasks.fail(second as Claim, FAILURE)).toBe('dead');
    expect(await task(id)).toMatchObject({ status: 'dead', error: FAILURE });
    expect(await assign()).toEqual({});
    expect(await metrics()).toMatchObject({ queuedTasks: 0, runningTasks: 0, failedTasks: 1 });
    expect(await taskFeed()).toEqual([{ queued: 1 }, { claimed: 1 }, { queued: 1 }, { claimed: 1 }, { dead: 1 }]);
    expect(events).toEqual(['task:submitted', 'task:assigned', 'task:retry', 'task:assigned', 'task:failed']);
    const attempts = await room.sql('SELECT outcome, error FROM task_attempts WHERE task_id = $1 ORDER BY attempt', [
      id,
    ]);
    expect(attempts).toEqual([
      { outcome: 'failed', error: FAILURE },
      { outcome: 'failed', error: FAILURE },
    ]);
  });

  test('SVC scenario 6: a second completion is refused and counts nothing; the error rate is that of all ends (COORD-41, COORD-43, COORD-71)', async () => {
    await push();
    await register('A', { maxLoad: 4 });
    await room.enqueue();
    await assign();
    const [done] = await given('A');
    expect(await room.tasks.complete(done as Claim, 0)).toBe('completed');
    expect((await task(done?.taskId ?? '')).result).toBe(0);
    const before = await get('A');
    await expect(room.tasks.complete(done as Claim, 1)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await get('A')).toEqual({ ...before, lastHeartbeat: (await get('A')).lastHeartbeat });

    await room.agents.drain(room.projectId, 'A', 'op');
    await register('B', { maxLoad: 4 });
    for (let n = 0; n < 4; n += 1) {
      await room.enqueue({ maxAttempts: 1 });
      await assign();
      const [claim] = await given('B');
      if (n === 0) {
        await room.tasks.fail(claim as Claim, FAILURE);
        expect((await get('B')).errorRate).toBe(1);
      } else await room.tasks.complete(claim as Claim);
    }
    expect(await get('B')).toMatchObject({ errorRate: 0.25, totalTasksCompleted: 3, totalTasksFailed: 1, load: 0 });
    const sum = (await get('A')).totalTaskDuration + (await get('B')).totalTaskDuration;
    expect((await metrics()).averageTaskDuration).toBeCloseTo(sum / 4, 6);
  });

  test('SVC scenario 7: a silent agent is dead after 90 seconds, its tasks go back, and a heartbeat revives it (COORD-12, COORD-60, COORD-61, CLU-005)', async () => {
    await push();
    await register('A', { maxLoad: 4 });
    const ids = [await room.enqueue(), await room.enqueue()];
    await assign();
    const stale = await given('A');
    expect(stale).toHaveLength(2);
    await room.silence('A', 61);
    expect((await room.agents.lookAfter()).suspected).toMatchObject([{ agentId: 'A' }]);
    const eventsBefore = await room.events();
    // At exactly 90 seconds, as the statements of one transaction see it.
    await room.database.transaction(async (tx) => {
      await room.silence('A', 90, tx);
      expect(await tx.query({ name: '', text: 'SELECT * FROM sb_agents_scan(60)' })).toEqual([]);
    });
    expect(await room.events()).toEqual(eventsBefore);
    expect(await get('A')).toMatchObject({ status: 'suspected', load: 2 });

    await room.silence('A', 90.001);
    const { dead } = await room.agents.lookAfter();
    expect(dead).toMatchObject([{ agentId: 'A', taskCount: 2 }]);
    expect(await get('A')).toMatchObject({ status: 'dead', load: 0, currentSessions: [] });
    const [reassigned, death] = (await room.events()).slice(-2);
    expect(reassigned).toEqual({ event: 'tasks:reassigned', agentId: 'A', taskCount: 2 });
    expect(death).toMatchObject({ event: 'agent:dead', agentId: 'A' });
    expect(death?.timeSinceHeartbeat).toBeGreaterThan(90_000);
    expect(room.locks.released).toEqual(['A']);
    // Refused before the reaper has even looked.
    await expect(room.tasks.complete(stale[0] as Claim)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect((await reap()).map(({ status }) => status)).toEqual(['queued', 'queued']);
    for (const id of ids) expect(await task(id)).toMatchObject({ status: 'queued', failures: 1 });
    expect((await room.agents.lookAfter()).dead).toEqual([]);

    await register('B', { maxLoad: 4 });
    expect(await assign()).toEqual(Object.fromEntries(ids.map((id) => [id, 'B'])));
    expect(await room.agents.heartbeat(room.projectId, 'A')).toMatchObject({ revived: true, assigned: [] });
    expect(await get('A')).toMatchObject({ status: 'active', deadAt: null, totalTasksFailed: 2 });
    expect((await room.events()).at(-1)).toEqual({ event: 'agent:revived', agentId: 'A', from: 'dead' });
  });

  test('SVC scenario 8: a session goes over with its tasks, and what the old agent writes is refused (COORD-50, COORD-72)', async () => {
    await push();
    const sessionId = await insertTestSession(room.database, room.projectId);
    await register('A', { maxLoad: 4 });
    const ids = [await room.enqueue({ sessionId }), await room.enqueue({ sessionId })];
    await assign();
    const old = await given('A');
    await register('B', { maxLoad: 3 });
    await register('C', { maxLoad: 3, status: 'busy' });
    expect(await get('A')).toMatchObject({ load: 2, currentSessions: [sessionId] });
    const handOff = (toAgent: string, fromAgent = 'A') =>
      room.agents.handOff(room.projectId, { sessionId, fromAgent, toAgent, reason: 'end of shift' }, 'op');

    await expect(handOff('C')).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    await expect(handOff('A')).rejects.toMatchObject({ code: 'HANDOFF_TO_SELF' });
    await expect(handOff('nobody')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
    await expect(handOff('A', 'B')).rejects.toMatchObject({ code: 'HANDOFF_NOT_OWNED' });
    await room.agents.register(room.projectId, { id: 'B', maxLoad: 1 });
    await expect(handOff('B')).rejects.toMatchObject({ code: 'AGENT_FULL' });
    expect(await metrics()).toMatchObject({ handoffCount: 0 });
    expect((await get('A')).load).toBe(2);

    await room.agents.register(room.projectId, { id: 'B', maxLoad: 3 });
    const handoff = await handOff('B');
    expect(handoff).toMatchObject({ sessionId, fromAgent: 'A', toAgent: 'B', taskIds: ids });
    expect([(await get('A')).load, (await get('B')).load]).toEqual([0, 2]);
    expect(room.locks.handedOver).toEqual([{ sessionId, to: 'B' }]);
    expect((await room.agents.handoffs(room.projectId)).items).toEqual([handoff]);
    expect(await metrics()).toMatchObject({ handoffCount: 1 });

    for (const claim of old) {
      await expect(room.tasks.complete(claim)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    }
    const append = (fencingToken: number) =>
      room.database.transaction((tx) =>
        appendInTransaction(tx, room.projectId, sessionId, [{ type: 'message', actor: 'A', payload: {} }], {
          fencingToken,
        }),
      );
    await expect(append(old[0]?.token ?? 0)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    const [receipt] = await append(handoff.token);
    expect(receipt?.seq).toBe(handoff.journalSeq + 1);
    const journal = new Journal({ database: room.database });
    const [event] = await journal.latest(room.projectId, sessionId, 2);
    expect(event).toMatchObject({
      type: 'handoff',
      actor: 'A',
      payload: { from: 'A', to: 'B', reason: 'end of shift' },
    });

    const [mine] = await given('B');
    expect(mine).toMatchObject({ agent: 'B', token: handoff.token, attempt: 2 });
    await room.tasks.complete(mine as ClaimRef);
    expect(await get('B')).toMatchObject({ load: 1, totalTasksCompleted: 1 });
    expect(await get('A')).toMatchObject({ totalTasksCompleted: 0, totalTasksFailed: 0 });
    const audit = await room.sql(`SELECT actor, subject_id FROM audit_events WHERE action = 'session.handoff'`);
    expect(audit).toEqual([{ actor: 'op', subject_id: sessionId }]);
  });

  test('SVC scenario 9: two coordinators and one slot: given exactly once, and a restart keeps it (COORD-22, COORD-24, CLU-009)', async () => {
    await push();
    await register('A', { maxLoad: 1 });
    const ids = [await room.enqueue(), await room.enqueue()];
    const nodes = [openNode(room.database), openNode(room.database)];
    const passes = await Promise.all(nodes.map(({ agents }) => agents.assign(room.projectId)));
    expect(passes.flat().map(({ taskId }) => taskId)).toEqual([ids[0]]);
    for (const node of nodes) await node.close();

    const later = openNode(room.database);
    expect(await later.agents.assign(room.projectId)).toEqual([]);
    expect((await later.agents.get(room.projectId, 'A')).held).toBe(1);
    const { assigned } = await later.agents.heartbeat(room.projectId, 'A', { claims: [] });
    expect(assigned.map(({ taskId }) => taskId)).toEqual([ids[0]]);
    await later.tasks.complete(assigned[0] as Claim);
    expect((await later.agents.assign(room.projectId)).map(({ taskId }) => taskId)).toEqual([ids[1]]);
    await later.close();
  });
});
