import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postgresBackend, somebodyWaits } from '../testing/index.ts';
import { type AgentFixture, openAgents } from './testing/agent-fixture.ts';

/** PostgreSQL only: PGlite has one connection, on which nothing can race. */
describe('agents and projects that go while work is under way', () => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(postgresBackend);
    await room.agents.register(room.projectId, { id: 'a', maxLoad: 10 });
  });
  afterEach(async () => room.close());

  const unregister = () => room.agents.unregister(room.projectId, 'a', 'op');
  const completed = async () => (await room.agents.metrics(room.projectId)).completedTasks;
  const scope = { agent: 'a', queues: ['default'], types: null, able: [], limit: 5, leaseSeconds: 600 };
  /** Lets the leases be looked at, and forgotten where nothing of them is left. */
  const reap = async () => {
    await room.sql(`UPDATE task_leases SET check_at = now(), claimed_at = claimed_at - interval '1 minute'`);
    for (let look = 0; look < 2; look += 1) await room.database.transaction((tx) => room.tasks.within(tx).reap());
    expect(await room.sql('SELECT FROM task_leases')).toEqual([]);
  };
  /** What `work` does commits only after `meanwhile`, which comes in between, or waits for it. */
  const acrossCommit = async (
    work: (run: (text: string, values: unknown[]) => Promise<unknown[]>) => Promise<unknown>,
    meanwhile: () => Promise<unknown>,
  ) => {
    const [done, commit, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), new AbortController()];
    const transaction = room.database.transaction(async (tx) => {
      await work((text, values) => tx.query({ name: '', text }, values));
      done.resolve();
      await commit.promise;
    });
    await Promise.race([done.promise, transaction]);
    const between = meanwhile().finally(() => over.abort());
    await somebodyWaits(room.database, over.signal);
    commit.resolve();
    await transaction;
    return between;
  };

  test('what was being claimed when its agent left counts for the project once it is done', async () => {
    const taskId = await room.enqueue();
    let token = 0;
    await acrossCommit(async (run) => {
      const [claim] = await run(
        `SELECT * FROM sb_tasks_claim($1, '{default}', NULL, '{}', '{a}', '{1}', 600, NULL, NULL, false)`,
        [room.projectId],
      );
      token = Number((claim as { token: string }).token);
    }, unregister);
    await room.tasks.complete({ projectId: room.projectId, taskId, token });
    expect(await completed()).toBe(1);
    await reap();
    expect(await completed()).toBe(1);
  });

  test('what an agent lost before it left, and others take away after that, counts as failed', async () => {
    await room.enqueue();
    const [claim] = await room.tasks.claim(room.projectId, scope);
    await room.sql(`UPDATE tasks SET claim_expires_at = now() - interval '1 second' WHERE id = $1`, [claim?.taskId]);
    await unregister();
    await reap();
    const [gone] = await room.sql(`SELECT sum(failed)::integer AS failed FROM agent_outcomes WHERE place = ''`);
    expect(gone).toEqual({ failed: 1 });
  });

  test('what an agent completes while it is being unregistered stays completed, and the agent goes', async () => {
    const [first, second] = [await room.enqueue(), await room.enqueue()];
    const claims = await room.tasks.claim(room.projectId, scope);
    const claim = claims.find(({ taskId }) => taskId === first);
    const ending = (run: (text: string, values: unknown[]) => Promise<unknown[]>) =>
      run(
        `SELECT sb_tasks_end(ARRAY[$1::uuid], ARRAY[$2::uuid], ARRAY[$3::bigint], '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
        [room.projectId, first, claim?.token],
      );
    expect(await acrossCommit(ending, unregister)).toBe(true);
    expect((await room.tasks.get(room.projectId, first)).status).toBe('completed');
    expect((await room.tasks.get(room.projectId, second)).status).toBe('queued');
    expect(await completed()).toBe(1);
  });

  test('who comes again begins anew, and what is left of the one that went is forgotten after a day', async () => {
    await room.enqueue();
    const [claim] = await room.tasks.claim(room.projectId, scope);
    if (claim) await room.tasks.complete(claim);
    await unregister();
    await room.agents.register(room.projectId, { id: 'a' });
    expect((await room.agents.get(room.projectId, 'a')).totalTasksCompleted).toBe(0);
    expect(await completed()).toBe(1);
    await room.agents.forgetOld();
    expect(await room.sql('SELECT agent_id FROM agent_departures')).toEqual([{ agent_id: 'a' }]);
    await room.sql(`UPDATE agent_departures SET at = now() - interval '25 hours'`);
    await room.agents.forgetOld();
    expect(await room.sql('SELECT FROM agent_departures')).toEqual([]);
    expect(await completed()).toBe(1);
  });

  test('of a project that is gone no table of tasks and agents knows anything, once its claims are over', async () => {
    await room.agents.heartbeat(room.projectId, 'a');
    const first = await room.enqueue({ idempotencyKey: 'k', unique: { key: 'u' } });
    await room.enqueue({ dependsOn: [{ taskId: first }] });
    await room.enqueue({ queue: 'narrow' });
    await room.sql(`INSERT INTO task_queues (project_id, name, max_concurrent) VALUES ($1, 'narrow', 1)`, [
      room.projectId,
    ]);
    const claims = await room.tasks.claim(room.projectId, { ...scope, queues: ['default', 'narrow'] });
    await room.enqueue();
    claims.push(...(await room.tasks.claim(room.projectId, { ...scope, prefetch: true })));
    expect(claims).toHaveLength(3);
    await room.sql('DELETE FROM projects WHERE id = $1', [room.projectId]);
    for (const claim of claims) await expect(room.tasks.complete(claim)).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    await reap();
    await room.agents.forgetOld();
    const tables = await room.sql(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'project_id'
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname !~ '^(audit|feed)_'`,
    );
    const left: unknown[] = [];
    for (const { name } of tables)
      if ((await room.sql(`SELECT FROM ${name} WHERE project_id = $1 LIMIT 1`, [room.projectId])).length > 0)
        left.push(name);
    expect(left).toEqual([]);
  });
});
