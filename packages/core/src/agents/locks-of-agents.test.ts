import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Core, createCore } from '../core.ts';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../testing/index.ts';

// With the real locks, put together as every node does.
describeOnBackends('locks of agents', (backend) => {
  let opened: TestDatabase;
  let core: Core;
  let projectId: string;
  beforeEach(async () => {
    opened = await backend.open();
    projectId = await insertTestProject(opened.database);
    const logger = pino({ level: 'silent' });
    core = createCore({ database: opened.database, dataDir: '/nonexistent', nodeId: 'test', logger });
  });
  afterEach(async () => {
    await core.close();
    await opened.close();
  });

  const lock = (resource: string, party: { agentId?: string; sessionId?: string }) =>
    core.locks.acquire(projectId, resource, { owner: 'a', ttlMs: 600_000, waitMs: 0, ...party });
  const holders = async () =>
    (await core.locks.list(projectId)).items.map(({ resource, agentId, owner }) => ({ resource, agentId, owner }));

  test('a session goes over with its locks under new tokens, or not at all (COORD-50)', async () => {
    for (const id of ['a', 'b']) await core.agents.register(projectId, { id, maxLoad: 2 });
    const sessionId = await insertTestSession(opened.database, projectId);
    await core.tasks.enqueue(projectId, { type: 'work', sessionId });
    await core.agents.claim(projectId, 'a');
    const old = await lock('repo/src', { agentId: 'a', sessionId });
    await lock('repo/other', { agentId: 'a' });
    const handOff = () =>
      core.agents.handOff(projectId, { sessionId, fromAgent: 'a', toAgent: 'b', reason: 'end of shift' }, 'op');
    await core.agents.drain(projectId, 'b', 'op');
    await expect(handOff()).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    expect((await holders()).map(({ agentId }) => agentId)).toEqual(['a', 'a']);
    await core.agents.resume(projectId, 'b', 'op');
    await handOff();
    expect(await holders()).toEqual(
      expect.arrayContaining([
        { resource: 'repo/src', agentId: 'b', owner: 'b' },
        { resource: 'repo/other', agentId: 'a', owner: 'a' },
      ]),
    );
    const [moved] = (await core.locks.list(projectId)).items.filter(({ resource }) => resource === 'repo/src');
    expect(moved?.token).toBeGreaterThan(old.token);
    const journal = await core.journal.latest(projectId, sessionId, 1);
    expect(journal).toMatchObject([{ type: 'handoff', payload: { locks: 1 } }]);
  });

  test('who leaves or dies lets go of its locks (CLU-002, CLU-005)', async () => {
    for (const id of ['a', 'b']) await core.agents.register(projectId, { id });
    await lock('left', { agentId: 'a' });
    await lock('died', { agentId: 'b' });
    await lock('kept', { agentId: 'c' });
    await core.agents.unregister(projectId, 'a', 'op');
    const sql = (text: string) => opened.database.query({ name: '', text });
    await sql(`UPDATE agent_presence SET heartbeat_at = now() - interval '100 seconds'`);
    await sql(`UPDATE agents SET seen_from = now() - interval '100 seconds'`);
    await sql(`INSERT INTO agent_watch (heard_since, scanned_at) VALUES (now() - interval '100 seconds', now())`);
    expect((await core.agents.lookAfter()).dead).toMatchObject([{ agentId: 'b' }]);
    expect((await holders()).map(({ resource }) => resource)).toEqual(['kept']);
  });

  test('what agents left behind and did long ago is forgotten, how well they do a type of task is not (COORD-45)', async () => {
    await core.agents.register(projectId, { id: 'a' });
    const sql = (text: string) => opened.database.query<{ count: number }>({ name: '', text });
    const count = async (table: string) => (await sql(`SELECT count(*)::integer AS count FROM ${table}`))[0]?.count;
    await sql(`INSERT INTO agent_outcomes (project_id, agent_id, type, place, completed, last_at)
      SELECT project_id, id, 'work', p, 1, now() - interval '91 days' FROM agents, unnest(ARRAY['', 'path:src']) AS p`);
    await sql(
      `INSERT INTO agent_presence (project_id, agent_id, heartbeat_at) SELECT project_id, 'gone', now() FROM agents`,
    );
    const sessionId = await insertTestSession(opened.database, projectId);
    await sql(`INSERT INTO handoffs (id, project_id, session_id, from_agent, to_agent, reason, priority, task_ids, journal_seq, token, at)
      SELECT gen_random_uuid(), '${projectId}', '${sessionId}', 'a', 'b', 'r', 2, '{}', 0, 1, now() - d * interval '1 day'
      FROM unnest(ARRAY[29, 31]) AS d`);
    await core.agents.forgetOld();
    expect([await count('agent_outcomes'), await count('agent_presence'), await count('handoffs')]).toEqual([1, 1, 1]);
    expect(await core.agents.get(projectId, 'a')).toMatchObject({ totalTasksCompleted: 1 });
  });
});
