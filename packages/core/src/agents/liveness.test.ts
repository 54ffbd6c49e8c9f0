import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { AGENT_LIVENESSES, canChangeLiveness } from './agent.ts';
import { AGENT_HEARTBEATS, AGENT_RECOVERY } from './agent-events.ts';
import { type AgentFixture, openAgents, openNode } from './testing/agent-fixture.ts';

describeOnBackends('liveness of agents', (backend) => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(backend);
  });
  afterEach(() => room.close());

  const register = (id: string, input: Record<string, unknown> = {}) =>
    room.agents.register(room.projectId, { id, ...input });
  const configure = (input: Record<string, unknown>) => room.agents.configure(room.projectId, input, 'op');
  const get = (id: string) => room.agents.get(room.projectId, id);
  const names = async () => (await room.events()).map(({ event }) => event);
  const die = async (id: string) => {
    await room.silence(id, 1_000);
    await room.agents.lookAfter();
    expect((await get(id)).status).toBe('dead');
  };

  test('the machine of liveness in the database is that of the code', async () => {
    for (const from of AGENT_LIVENESSES) {
      for (const to of AGENT_LIVENESSES) {
        if (from === to) continue;
        const id = `${from}-${to}`;
        await register(id);
        const set = (liveness: string) =>
          room.sql(`UPDATE agents SET liveness = $2, dead_at = CASE WHEN $2 = 'dead' THEN now() END WHERE id = $1`, [
            id,
            liveness,
          ]);
        if (from !== 'alive') await set(from);
        const done = await set(to).then(
          () => true,
          () => false,
        );
        expect([from, to, done]).toEqual([from, to, canChangeLiveness(from, to)]);
      }
    }
  });

  test('silence is measured by the settings of the project, any of them (COORD-06, COORD-61)', async () => {
    const settings = await configure({ heartbeatInterval: 10, heartbeatTimeout: undefined });
    expect(settings).toMatchObject({ heartbeatInterval: 10, heartbeatTimeout: 90, maxMissedHeartbeats: 3 });
    await register('a');
    await configure({ heartbeatTimeout: 15, maxMissedHeartbeats: 5 });
    // Beyond the timeout, but fewer than five intervals.
    await room.silence('a', 49);
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [{ agentId: 'a' }], dead: [] });
    await room.silence('a', 50);
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [], dead: [{ agentId: 'a', taskCount: 0 }] });
    for (const bad of [
      { heartbeatInterval: 0 },
      { maxMissedHeartbeats: 1.5 },
      { recoveryDelay: -1 },
      { nonsense: 1 },
    ]) {
      await expect(configure(bad)).rejects.toMatchObject({ status: 400 });
    }
    await expect(configure({ strategy: { type: 'dynamic', config: { luck: 1 } } })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await expect(room.agents.configure(room.projectId, {}, 'op', 1)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
  });

  test('maintenance is exempt from silence, which counts from its end on (COORD-60)', async () => {
    await register('a');
    await room.agents.maintain(room.projectId, 'a', 'op');
    await room.silence('a', 1_000);
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [], dead: [] });
    await room.agents.resume(room.projectId, 'a', 'op');
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [], dead: [] });
    expect((await get('a')).status).toBe('active');
    await die('a');
    expect(await room.agents.maintain(room.projectId, 'a', 'op')).toMatchObject({
      status: 'maintenance',
      deadAt: null,
    });
  });

  test('lost presence, a restart and a pause of all scans are not held against the agents (CLU-003, CLU-009)', async () => {
    await register('a');
    await room.silence('a', 1_000);
    // As after a crash or a promotion: the unlogged tables are empty.
    await room.sql('TRUNCATE agent_presence, agent_watch');
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [], dead: [] });
    expect(await get('a')).toMatchObject({ status: 'active', lastHeartbeat: null });

    await room.silence('a', 1_000);
    await room.sql(`UPDATE agent_watch SET scanned_at = now() - interval '61 seconds'`);
    expect(await room.agents.lookAfter()).toMatchObject({ suspected: [], dead: [] });

    // Counted from the database's start on, which in a long run of tests is a while ago too.
    await configure({ heartbeatTimeout: 7_200, heartbeatInterval: 2_400 });
    await room.silence('a', 100_000);
    await room.sql(`UPDATE agent_watch SET server_started = now() - interval '2 days'`);
    expect((await room.agents.lookAfter()).dead).toEqual([]);
    await configure({ heartbeatTimeout: 90, heartbeatInterval: 30 });

    // A claim is a sign of life where there is no presence.
    await room.silence('a', 1_000);
    await room.sql('TRUNCATE agent_presence');
    await room.enqueue();
    await room.claimFor('a');
    expect((await room.agents.lookAfter()).dead).toEqual([]);
    await room.sql(`UPDATE task_leases SET claimed_at = now() - interval '100 seconds'`);
    expect((await room.agents.lookAfter()).dead).toMatchObject([{ agentId: 'a', taskCount: 1 }]);
  });

  test('a task that kills its agents ends in the dead letters (COORD-60, poison bound)', async () => {
    const taskId = await room.enqueue({ maxAttempts: 2 });
    for (const id of ['a', 'b']) {
      await register(id);
      await room.claimFor(id);
      await die(id);
      await room.database.transaction((tx) => room.tasks.within(tx).reap());
    }
    expect(await room.tasks.get(room.projectId, taskId)).toMatchObject({ status: 'dead', failures: 2 });
  });

  test('the dead are called once, and their heartbeat is the answer (COORD-62)', async () => {
    await configure({ recoveryDelay: 0, heartbeatTimeout: 60, heartbeatInterval: 20 });
    const pings: unknown[] = [];
    room.bus.subscribe(AGENT_RECOVERY, (message) => pings.push(message));
    for (const id of ['a', 'b']) {
      await register(id);
      await die(id);
    }
    expect((await room.agents.lookAfter()).recoveries).toEqual([]);
    await expect.poll(() => pings).toHaveLength(2);
    expect(pings[0]).toEqual({ type: 'ping', projectId: room.projectId, agentId: 'a' });
    await room.agents.heartbeat(room.projectId, 'a');
    expect((await names()).slice(-2)).toEqual(['agent:revived', 'agent:recovery:succeeded']);
    await room.sql(`UPDATE agents SET recovery_at = now() - interval '61 seconds' WHERE id = 'b'`);
    expect((await room.agents.lookAfter()).recoveries).toMatchObject([{ agentId: 'b', recovery: 'failed' }]);
    expect((await room.events()).at(-1)).toEqual({
      event: 'agent:recovery:failed',
      agentId: 'b',
      error: 'no heartbeat in time',
    });
    expect((await room.agents.lookAfter()).recoveries).toEqual([]);
    expect(await get('b')).toMatchObject({ status: 'dead', recovery: 'failed' });
    expect((await room.agents.heartbeat(room.projectId, 'b')).revived).toBe(true);
    expect(await get('b')).toMatchObject({ status: 'active', recovery: null });
  });

  test('without automatic recovery nobody is called', async () => {
    await configure({ recoveryDelay: 0, enableAutoRecovery: false });
    await register('a');
    await die('a');
    expect(await get('a')).toMatchObject({ recovery: null });
    expect(await names()).not.toContain('agent:recovery:attempted');
  });

  test('several nodes that scan at once name each death once', async () => {
    for (let n = 0; n < 20; n += 1) {
      await register(`a${n}`);
      await room.silence(`a${n}`, 1_000);
    }
    const nodes = Array.from({ length: 4 }, () => openNode(room.database));
    const reports = await Promise.all(nodes.map(({ agents }) => agents.lookAfter()));
    for (const node of nodes) await node.close();
    expect(reports.flatMap(({ dead }) => dead.map(({ agentId }) => agentId)).sort()).toEqual(
      Array.from({ length: 20 }, (_, n) => `a${n}`).sort(),
    );
    expect((await names()).filter((event) => event === 'agent:dead')).toHaveLength(20);
  });

  test('suspected agents keep what they have and get nothing new; heartbeats clear them', async () => {
    await configure({ assignQueues: ['default'] });
    await register('a', { maxLoad: 2 });
    await room.enqueue();
    await room.claimFor('a');
    await room.silence('a', 61);
    await room.agents.lookAfter();
    await room.enqueue();
    expect(await room.agents.assign(room.projectId)).toEqual([]);
    expect(await get('a')).toMatchObject({ status: 'suspected', load: 1 });
    await room.agents.heartbeat(room.projectId, 'a');
    expect(await room.agents.assign(room.projectId)).toHaveLength(1);
  });

  test('metrics leave the dead and those in maintenance out of the capacity (COORD-70, CLU-008)', async () => {
    expect(await room.agents.metrics(room.projectId)).toMatchObject({
      totalAgents: 0,
      systemLoad: 0,
      averageTaskDuration: null,
    });
    await register('on', { maxLoad: 4, load: 1 });
    await register('idle', { maxLoad: 4, status: 'idle' });
    await register('dead', { maxLoad: 100 });
    await register('out', { maxLoad: 100, status: 'maintenance' });
    await die('dead');
    expect(await room.agents.metrics(room.projectId)).toMatchObject({
      totalAgents: 4,
      activeAgents: 1,
      deadAgentCount: 1,
      byStatus: { active: 1, idle: 1, dead: 1, maintenance: 1, busy: 0 },
      load: 1,
      capacity: 8,
      systemLoad: 1 / 8,
    });
    expect(await room.agents.counts()).toContainEqual(
      expect.objectContaining({ status: 'maintenance', capacity: 100 }),
    );
    await room.enqueue();
    const [claim] = await room.claimFor('on');
    await room.tasks.complete(claim as never);
    await room.agents.unregister(room.projectId, 'on', 'op');
    const { completedTasks, averageTaskDuration } = await room.agents.metrics(room.projectId);
    expect(completedTasks).toBe(1);
    expect(averageTaskDuration).toBeGreaterThan(0);
  });

  test('heartbeats are told on the bus, gathered per project (COORD-74)', async () => {
    const told: unknown[] = [];
    room.bus.subscribe(AGENT_HEARTBEATS, (message) => told.push(message));
    await register('a');
    await register('b');
    for (const id of ['a', 'b', 'a']) await room.agents.heartbeat(room.projectId, id);
    await expect
      .poll(() => told, { timeout: 20_000 })
      .toEqual([{ event: 'agent:heartbeat', projectId: room.projectId, agentIds: ['a', 'b'], count: 3 }]);
  });

  test('lists page by the order of registration and filter by what is put together', async () => {
    for (const id of ['c', 'a', 'b']) await register(id, { maxLoad: id === 'a' ? 1 : 3, load: 1 });
    const first = await room.agents.list(room.projectId, { pageSize: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['c', 'a']);
    const rest = await room.agents.list(room.projectId, { pageSize: 2, cursor: first.nextCursor ?? '' });
    expect(rest.items.map(({ id }) => id)).toEqual(['b']);
    const busy = await room.agents.list(room.projectId, {
      filters: [{ field: 'status', operator: 'eq', value: 'busy' }],
    });
    expect(busy.items.map(({ id }) => id)).toEqual(['a']);
  });
});
