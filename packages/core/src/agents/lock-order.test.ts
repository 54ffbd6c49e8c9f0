import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeGivenTasks } from '../tasks/index.ts';
import {
  freeBehindFirst as freeBehindFirstOf,
  insertTestSession,
  postgresBackend,
  somebodyWaits,
} from '../testing/index.ts';
import { type AgentFixture, openAgents } from './testing/agent-fixture.ts';

/*
 * Who locks several rows takes them in key order (design.md §4). Each row below is put into its table against that order, the first by key
 * is held by somebody else, and whoever comes must wait for it before it holds any other. PostgreSQL only: PGlite has one connection.
 */
describe('verbs on several rows wait for the first by key and hold none behind it', () => {
  let room: AgentFixture;
  beforeEach(async () => {
    room = await openAgents(postgresBackend);
    // As where the planner finds a table so small that it reads all of it: rows come as they lie there.
    for (const name of ['sb_tasks_given', 'sb_tasks_expire', 'sb_tasks_hand_over'])
      await room.sql(`ALTER FUNCTION ${name} SET enable_indexscan = off`);
    for (const id of ['a', 'b']) await room.agents.register(room.projectId, { id, maxLoad: 10 });
  });
  afterEach(async () => room.close());

  const freeBehindFirst = (table: string, key: string, verb: () => Promise<unknown>) =>
    freeBehindFirstOf(room.database, table, key, verb);

  const claimed = async (agent: string, count: number, sessionId: string | null = null) => {
    for (let n = 0; n < count; n += 1) await room.enqueue({ sessionId });
    return (await room.claimFor(agent, count)).sort((x, y) => (x.taskId < y.taskId ? 1 : -1));
  };
  /** Rows of what agents were given, those that come last by key first. */
  const given = async (agent: string, claims: readonly { taskId: string; token: number }[]) => {
    for (const { taskId, token } of claims)
      await room.sql('INSERT INTO task_assignments VALUES ($1, $2, $3, $4)', [room.projectId, agent, taskId, token]);
  };

  test('an agent that is told what it was given', async () => {
    await given('a', await claimed('a', 3));
    const told = () => takeGivenTasks(room.database, room.projectId, 'a', null);
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', told)).toBe(3);
    expect(await told()).toEqual([]);
  });

  test('an agent that was given what is over', async () => {
    const claims = await claimed('a', 3);
    await given('a', claims);
    for (const claim of claims) await room.tasks.complete(claim);
    const told = () => takeGivenTasks(room.database, room.projectId, 'a', null);
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', told)).toBe(3);
    expect(await room.sql('SELECT FROM task_assignments')).toEqual([]);
  });

  test('an agent that was given something, and before it what is over now', async () => {
    const [last, first] = await claimed('a', 2);
    await given(
      'a',
      [last, first].filter((claim) => claim !== undefined),
    );
    if (last) await room.tasks.complete(last);
    const told = () => takeGivenTasks(room.database, room.projectId, 'a', null);
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', told)).toBe(2);
    expect(await room.sql('SELECT task_id FROM task_assignments')).toEqual([{ task_id: first?.taskId }]);
  });

  test('an agent that is given more while it is told of the rest: that is for the next time', async () => {
    const [last, first] = await claimed('a', 2);
    await given('a', last ? [last] : []);
    const told = () => takeGivenTasks(room.database, room.projectId, 'a', null);
    const hold = async (taskId = '') => {
      const [held, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const transaction = room.database.transaction(async (tx) => {
        await tx.query({ name: '', text: 'SELECT FROM task_assignments WHERE task_id = $1 FOR UPDATE' }, [taskId]);
        held.resolve();
        await over.promise;
      });
      await held.promise;
      return () => {
        over.resolve();
        return transaction;
      };
    };
    const letLastGo = await hold(last?.taskId);
    const telling = told();
    await somebodyWaits(room.database);
    await given('a', first ? [first] : []);
    const letFirstGo = await hold(first?.taskId);
    await letLastGo();
    expect((await telling).map(({ taskId }) => taskId)).toEqual([last?.taskId]);
    await letFirstGo();
    expect((await told()).map(({ taskId }) => taskId)).toEqual([first?.taskId]);
  });

  test('agents whose leases are ended', async () => {
    await given('b', await claimed('b', 2));
    await given('a', await claimed('a', 2));
    const expire = () => room.sql('SELECT sb_tasks_expire($1::uuid, $2::text[])', [room.projectId, ['a', 'b']]);
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', expire)).toBe(4);
    expect(await room.sql('SELECT FROM task_assignments')).toEqual([]);
  });

  test('a session that is handed over', async () => {
    const sessionId = await insertTestSession(room.database, room.projectId);
    await given('a', await claimed('a', 3, sessionId));
    const handOver = () => room.sql(`SELECT sb_tasks_hand_over($1, $2, 'a', 'b', 60)`, [room.projectId, sessionId]);
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', handOver)).toBe(3);
  });

  test('an agent that leaves', async () => {
    const claims = await claimed('a', 3);
    await given('a', claims);
    for (const claim of claims) await room.tasks.complete(claim);
    const leave = () => room.agents.unregister(room.projectId, 'a', 'op');
    expect(await freeBehindFirst('task_assignments', 'agent_id, task_id', leave)).toBe(3);
  });

  test('a claim of tasks that are more urgent the later they came', async () => {
    for (const priority of [3, 2, 1]) await room.enqueue({ priority });
    let tokens: number[] = [];
    const claim = async () => {
      const claims = await room.claimFor('a', 3);
      expect(claims.map(({ priority }) => priority)).toEqual([1, 2, 3]);
      tokens = claims.map(({ token }) => token);
    };
    expect(await freeBehindFirst('tasks', 'id', claim)).toBe(3);
    expect(new Set(tokens).size).toBe(1);
  });

  test('tasks that are assigned in another order than they came', async () => {
    const ids = [
      await room.enqueue({ priority: 3 }),
      await room.enqueue({ priority: 2 }),
      await room.enqueue({ priority: 1 }),
    ];
    const assign = () =>
      room.sql(`SELECT sb_tasks_assign($1, $2::uuid[], '{a,a,b}', 60)`, [room.projectId, ids.toReversed()]);
    expect(await freeBehindFirst('tasks', 'id', assign)).toBe(3);
  });

  test('a claim from limited queues that are named against their order', async () => {
    for (const queue of ['second', 'first']) {
      await room.enqueue({ queue });
      await room.sql('INSERT INTO task_queues (project_id, name, max_concurrent) VALUES ($1, $2, 5)', [
        room.projectId,
        queue,
      ]);
    }
    const scope = { agent: 'a', types: null, able: [], limit: 2, leaseSeconds: 60 };
    const claim = async () => {
      const claims = await room.tasks.claim(room.projectId, { ...scope, queues: ['second', 'first'] });
      expect(claims.map(({ queue }) => queue)).toEqual(['second', 'first']);
    };
    expect(await freeBehindFirst('task_queues', 'name', claim)).toBe(2);
  });

  test('a session that is deleted with its tasks', async () => {
    const sessionId = await insertTestSession(room.database, room.projectId);
    const ids = [await room.enqueue(), await room.enqueue(), await room.enqueue()];
    for (const id of ids.toReversed())
      await room.sql('UPDATE tasks SET session_id = $1 WHERE id = $2', [sessionId, id]);
    const go = () => room.sql('DELETE FROM sessions WHERE id = $1', [sessionId]);
    expect(await freeBehindFirst('tasks', 'id', go)).toBe(3);
    expect(await room.sql('SELECT FROM task_ready')).toEqual([]);
  });
});
