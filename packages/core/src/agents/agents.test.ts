import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { type AgentFixture, openAgents, openNode } from './testing/agent-fixture.ts';

const PROJECT_GONE = '01900000-0000-7000-8000-00000000dead';

describeOnBackends('agents', (backend) => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(backend);
  });
  afterEach(() => room.close());

  const register = (id: string, input: Record<string, unknown> = {}) =>
    room.agents.register(room.projectId, { id, ...input });
  const heartbeat = (id: string, input = {}) => room.agents.heartbeat(room.projectId, id, input);
  const get = (id: string) => room.agents.get(room.projectId, id);

  test('registers an agent with what it said, and refuses what cannot be (COORD-10)', async () => {
    const { agent, created } = await register('a1', {
      type: 'coder',
      capabilities: ['ts', 'go@1.22.0', { name: 'sql', version: null }],
      priority: 7,
      maxLoad: 4,
      load: 1,
      metadata: { host: 'h' },
    });
    expect(created).toBe(true);
    expect(agent).toMatchObject({
      id: 'a1',
      type: 'coder',
      capabilities: [
        { name: 'go', version: '1.22.0' },
        { name: 'sql', version: null },
        { name: 'ts', version: null },
      ],
      priority: 7,
      status: 'active',
      load: 1,
      held: 0,
      reportedLoad: 1,
      maxLoad: 4,
      currentSessions: [],
      totalTasksCompleted: 0,
      averageTaskDuration: null,
      errorRate: 0,
      version: 1,
    });
    for (const bad of [
      { id: '' },
      { id: 'b', maxLoad: 0 },
      { id: 'b', load: -1 },
      { id: 'b', capabilities: ['ts', 'ts@1.0.0'] },
      { id: 'b', capabilities: ['ts@latest'] },
      { id: 'b', status: 'dead' },
    ]) {
      await expect(room.agents.register(room.projectId, bad as never)).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    }
    await expect(room.agents.register(PROJECT_GONE, { id: 'a' })).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    expect(await room.events()).toEqual([{ event: 'agent:registered', agentIds: ['a1'], count: 1 }]);
  });

  test('re-registration keeps history and the place among equals, and takes the rest as new (COORD-10)', async () => {
    await register('a', { maxLoad: 2 });
    await register('b');
    await room.enqueue();
    const [claim] = await room.claimFor('a');
    await room.tasks.complete(claim as never);
    await room.agents.drain(room.projectId, 'a', 'op');
    const { agent, created } = await register('a', { maxLoad: 5, capabilities: ['ts'] });
    expect(created).toBe(false);
    expect(agent).toMatchObject({ maxLoad: 5, totalTasksCompleted: 1, status: 'active', duty: 'active' });
    expect(agent.averageTaskDuration).toBeGreaterThan(0);
    const order = await room.sql('SELECT id FROM agents ORDER BY seq');
    expect(order.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('many register and are heard of together, each with its own answer', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `agent-${n}`);
    const registered = await Promise.all(ids.map((id) => register(id)));
    expect(registered.map(({ agent }) => agent.id)).toEqual(ids);
    const beats = await Promise.allSettled([...ids, 'stranger'].map((id) => heartbeat(id)));
    expect(beats.slice(0, -1).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(beats.at(-1)).toMatchObject({ reason: { code: 'AGENT_UNKNOWN', status: 404 } });
    const rows = await room.sql('SELECT id FROM agents ORDER BY seq');
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  test('a heartbeat carries load, status and metadata, and leaves alone what it does not name (COORD-12)', async () => {
    await register('a', { maxLoad: 2, metadata: { kept: 1, changed: 1 } });
    await heartbeat('a', { load: 1, status: 'idle', metadata: { changed: 2, added: 3 } });
    expect(await get('a')).toMatchObject({ load: 1, status: 'idle', metadata: { kept: 1, changed: 2, added: 3 } });
    await heartbeat('a');
    expect(await get('a')).toMatchObject({ load: 1, status: 'idle' });
    await heartbeat('a', { load: 2 });
    expect((await get('a')).status).toBe('busy');
    await heartbeat('a', { load: 0, status: 'busy' });
    expect(await get('a')).toMatchObject({ load: 0, status: 'busy' });
    await expect(heartbeat('a', { status: 'dead' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(heartbeat('a', { load: -1 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('a heartbeat renews the claims it names and tells which are lost', async () => {
    await register('a', { maxLoad: 5 });
    const [first, second] = [await room.enqueue(), await room.enqueue()];
    const [kept, lost] = await room.claimFor('a', 2, 20);
    expect([kept?.taskId, lost?.taskId]).toEqual([first, second]);
    await room.tasks.cancel(room.projectId, second, 'op');
    const refs = [kept, lost].map((claim) => ({ taskId: claim?.taskId ?? '', token: claim?.token ?? 0 }));
    const answer = await heartbeat('a', { claims: refs });
    expect(answer.lost.map(({ taskId }) => taskId)).toEqual([second]);
    // The settings' 90 seconds, not the 20 of the claim.
    const until = Date.parse((await room.tasks.get(room.projectId, first)).claimExpiresAt ?? '');
    expect(until - Date.now()).toBeGreaterThan(60_000);
  });

  test('load is what it holds and what it says besides, busy when full, never below 0 (COORD-13, COORD-14)', async () => {
    await register('a', { maxLoad: 2 });
    await Promise.all([room.enqueue(), room.enqueue()]);
    const [one, two] = await room.claimFor('a', 2);
    expect(await get('a')).toMatchObject({ load: 2, held: 2, status: 'busy' });
    await room.tasks.complete(one as never);
    expect(await get('a')).toMatchObject({ load: 1, status: 'active' });
    await room.tasks.release(two as never);
    expect(await get('a')).toMatchObject({ load: 0, status: 'active', totalTasksCompleted: 1, totalTasksFailed: 0 });
    await expect(room.tasks.complete(two as never)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect(await get('a')).toMatchObject({ load: 0, totalTasksCompleted: 1 });
  });

  test('what an agent did counts on when it leaves dead, before anybody took away what else it held', async () => {
    await register('a');
    await room.enqueue();
    await room.enqueue();
    const [first] = await room.claimFor('a', 2);
    if (first) await room.tasks.complete(first);
    await room.silence('a', 1_000);
    expect((await room.agents.lookAfter()).dead).toMatchObject([{ agentId: 'a', taskCount: 1 }]);
    await room.agents.unregister(room.projectId, 'a', 'op');
    expect(await room.database.transaction((tx) => room.tasks.within(tx).reap())).toHaveLength(1);
    expect(await room.sql('SELECT FROM task_leases')).toEqual([]);
    expect(await room.agents.metrics(room.projectId)).toMatchObject({
      completedTasks: 1,
      runningTasks: 0,
      queuedTasks: 1,
    });
  });

  test('unregistering gives its tasks back unworked, releases its locks and forgets it (COORD-11, CLU-002)', async () => {
    expect(await room.agents.unregister(room.projectId, 'nobody', 'op')).toBe(false);
    await register('a', { maxLoad: 2 });
    const taskId = await room.enqueue();
    const [claim] = await room.claimFor('a');
    expect(await room.agents.unregister(room.projectId, 'a', 'op')).toBe(true);
    expect(await room.tasks.get(room.projectId, taskId)).toMatchObject({ status: 'queued', failures: 0 });
    expect(room.locks.released).toEqual(['a']);
    await expect(get('a')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
    await expect(heartbeat('a')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
    await expect(room.tasks.complete(claim as never)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    expect((await room.events()).at(-1)).toEqual({ event: 'agent:unregistered', agentId: 'a', taskCount: 1 });
    const audit = await room.sql(`SELECT action, actor FROM audit_events WHERE subject_type = 'agent'`);
    expect(audit).toEqual([{ action: 'agent.unregister', actor: 'op' }]);
  });

  test('what people decide is audited and checked against the version', async () => {
    await register('a');
    const drained = await room.agents.drain(room.projectId, 'a', 'op', 1);
    expect(drained).toMatchObject({ status: 'draining', version: 2 });
    await expect(room.agents.resume(room.projectId, 'a', 'op', 1)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    await room.agents.drain(room.projectId, 'a', 'op');
    expect(await room.agents.maintain(room.projectId, 'a', 'op')).toMatchObject({ status: 'maintenance', version: 3 });
    expect(await room.agents.resume(room.projectId, 'a', 'op')).toMatchObject({ status: 'active', version: 4 });
    const audit = await room.sql(`SELECT action FROM audit_events WHERE subject_type = 'agent' ORDER BY id`);
    expect(audit.map(({ action }) => action)).toEqual(['agent.drain', 'agent.maintain', 'agent.resume']);
  });

  test('a node that ends takes its own agents along and leaves those of others (COORD-73, CLU-009, CLU-010)', async () => {
    const node = openNode(room.database);
    await node.agents.register(room.projectId, { id: 'mine' }, { own: true });
    await node.agents.register(room.projectId, { id: 'remote' });
    await register('other');
    const told: unknown[] = [];
    node.agents.onEvent((event) => told.push(event));
    node.agents.onEvent(() => {
      throw new Error('a listener of its own kind');
    });
    const waiting = node.agents.claim(room.projectId, 'remote', { waitSeconds: 30 });
    await node.close();
    await node.close();
    expect(await waiting).toEqual([]);
    expect(told).toEqual([{ event: 'shutdown', unregistered: [{ projectId: room.projectId, agentId: 'mine' }] }]);
    const rows = await room.sql('SELECT id FROM agents ORDER BY seq');
    expect(rows.map(({ id }) => id)).toEqual(['remote', 'other']);
    expect(await heartbeat('remote')).toMatchObject({ agentId: 'remote' });
  });
});
