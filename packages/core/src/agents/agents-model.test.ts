import { expect, test } from 'vitest';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Claim } from '../tasks/index.ts';
import { insertTestSession, postgresBackend } from '../testing/index.ts';
import { openAgents, openNode } from './testing/agent-fixture.ts';

const AGENTS = ['a', 'b', 'c', 'd'];
const MAX_LOAD = 3;
const TASKS = 240;
/** What a caller may hear when others come in between. */
const FAIR = ['CLAIM_LOST', 'AGENT_UNKNOWN', 'AGENT_FULL', 'AGENT_UNAVAILABLE', 'HANDOFF_NOT_OWNED'];

/** A generator of the minimal standard: the same interleavings for the same seed, as far as the database lets them. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

test.each([1, 7, 42])(
  'whatever agents, coordinators and the watch do at once, no task is lost or done twice (seed %i)',
  async (seed) => {
    const room = await openAgents(postgresBackend);
    const { projectId } = room;
    const nodes = [room, openNode(room.database), openNode(room.database)];
    const draw = chance(seed);
    const node = () => nodes[draw(nodes.length)] ?? room;
    const agent = () => AGENTS[draw(AGENTS.length)] ?? 'a';
    await room.agents.configure(projectId, { assignQueues: ['default'], strategy: { type: 'dynamic' } }, 'op');
    for (const id of AGENTS) await room.agents.register(projectId, { id, maxLoad: MAX_LOAD });
    const sessions = [
      await insertTestSession(room.database, projectId),
      await insertTestSession(room.database, projectId),
    ];
    for (let n = 0; n < TASKS; n += 1) {
      await room.enqueue({
        maxAttempts: 100,
        backoff: { baseSeconds: 0, factor: 1, maxSeconds: 0, jitter: 0 },
        sessionId: n % 3 === 0 ? (sessions[n % 2] ?? null) : null,
      });
    }
    const held: Claim[] = [];
    const done = new Map<string, number>();
    const finish = async () => {
      const [claim] = held.splice(draw(Math.max(1, held.length)), 1);
      if (!claim) return;
      if (draw(5) === 0) {
        await node().tasks.fail(claim, { name: 'E', message: 'm', retryable: true });
        return;
      }
      await node().tasks.complete(claim);
      done.set(claim.taskId, (done.get(claim.taskId) ?? 0) + 1);
    };
    const steps: (() => Promise<unknown>)[] = [
      finish,
      finish,
      finish,
      async () => held.push(...(await node().agents.claim(projectId, agent(), { limit: 2 }))),
      async () => held.push(...(await node().agents.heartbeat(projectId, agent(), { claims: [] })).assigned),
      () => node().agents.assign(projectId),
      () =>
        node().agents.handOff(
          projectId,
          { sessionId: sessions[draw(2)] ?? '', fromAgent: 'a', toAgent: 'b', reason: 'r' },
          'op',
        ),
      () =>
        node().agents.handOff(
          projectId,
          { sessionId: sessions[draw(2)] ?? '', fromAgent: 'b', toAgent: 'a', reason: 'r' },
          'op',
        ),
      async () => {
        await room.silence(agent(), 1_000);
        await node().agents.lookAfter();
      },
      () => room.database.transaction((tx) => node().tasks.within(tx).reap(), { retries: 3 }),
      async () => {
        const id = agent();
        await node().agents.unregister(projectId, id, 'op');
        await node().agents.register(projectId, { id, maxLoad: MAX_LOAD });
      },
    ];
    const worker = async () => {
      while (done.size < TASKS) {
        try {
          await steps[draw(steps.length)]?.();
        } catch (error) {
          if (!FAIR.some((code) => SignalboxError.is(error, code as 'CLAIM_LOST'))) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));

    expect([...done.values()].filter((times) => times !== 1)).toEqual([]);
    const [counted] = await room.sql(
      `SELECT count(*) FILTER (WHERE status = 'completed')::integer AS completed, count(*)::integer AS tasks FROM tasks`,
    );
    expect(counted).toEqual({ completed: TASKS, tasks: TASKS });
    const [twice] = await room.sql(
      `SELECT count(*)::integer AS tasks FROM (
       SELECT task_id FROM task_attempts WHERE outcome = 'completed' GROUP BY 1 HAVING count(*) > 1) x`,
    );
    expect(twice).toEqual({ tasks: 0 });
    const { items } = await room.agents.list(projectId);
    expect(items.map(({ load }) => load)).toEqual(AGENTS.map(() => 0));
    expect((await room.agents.metrics(projectId)).completedTasks).toBe(TASKS);
    for (const other of nodes.slice(1)) await other.close();
    await room.close();
  },
  300_000,
);
