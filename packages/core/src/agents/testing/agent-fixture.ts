import { InProcessBus } from '../../platform/bus/index.ts';
import { systemClock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { type Claim, type EnqueueTask, TaskQueue } from '../../tasks/index.ts';
import { insertTestProject, type TestBackend, type TestDatabase } from '../../testing/index.ts';
import { Agents } from '../agents.ts';
import type { AgentLocks } from '../lock-port.ts';

/** Locks that only write down what is asked of them. */
export class NotedLocks implements AgentLocks {
  readonly released: string[] = [];
  readonly handedOver: { sessionId: string; to: string }[] = [];

  async releaseFor(_tx: unknown, _projectId: string, { agentId }: { agentId: string }): Promise<number> {
    this.released.push(agentId);
    return 1;
  }

  async handOver(_tx: unknown, _projectId: string, sessionId: string, to: string): Promise<number> {
    this.handedOver.push({ sessionId, to });
    return 2;
  }
}

/** A node with the rooms that agents need. Several may share a database. */
export function openNode(database: Database) {
  const bus = new InProcessBus();
  const tasks = new TaskQueue({ database, ids: systemIds, bus, random: () => 0 });
  const locks = new NotedLocks();
  const agents = new Agents({ database, clock: systemClock, ids: systemIds, bus, tasks, locks });
  const close = async () => {
    await agents.close();
    await tasks.close();
    await bus.close();
  };
  return { bus, tasks, locks, agents, close };
}

export type TestNode = ReturnType<typeof openNode>;

/** One project on a fresh database, with one node. */
export async function openAgents(backend: TestBackend) {
  const opened: TestDatabase = await backend.open();
  const { database } = opened;
  const projectId = await insertTestProject(database);
  const node = openNode(database);
  const sql = (text: string, values: unknown[] = []) =>
    database.query<Record<string, unknown>>({ name: '', text }, values);
  return {
    ...node,
    database,
    projectId,
    sql,
    enqueue: async (input: Partial<EnqueueTask> = {}) =>
      (await node.tasks.enqueue(projectId, { type: 'work', ...input })).taskId,
    /** Claims in the name of an agent, past the room. */
    claimFor: (agent: string, limit = 1, leaseSeconds = 600): Promise<Claim[]> =>
      node.tasks.claim(projectId, { agent, queues: ['default'], types: null, able: [], limit, leaseSeconds }),
    /** Lets an agent have been silent for so many seconds, as the statements of `tx` see it. */
    silence: async (agentId: string, seconds: number, executor: Pick<Database, 'query'> = database) => {
      const ago = `now() - $1::float8 * interval '1 second'`;
      const run = (text: string, values: unknown[]) => executor.query({ name: '', text }, values);
      await run(`UPDATE agent_presence SET heartbeat_at = ${ago} WHERE project_id = $2 AND agent_id = $3`, [
        seconds,
        projectId,
        agentId,
      ]);
      await run(`UPDATE agents SET seen_from = ${ago} WHERE project_id = $2 AND id = $3`, [
        seconds,
        projectId,
        agentId,
      ]);
      await run(
        `INSERT INTO agent_watch (heard_since, scanned_at) VALUES (${ago}, now())
         ON CONFLICT (one) DO UPDATE SET heard_since = excluded.heard_since, scanned_at = excluded.scanned_at`,
        [seconds],
      );
    },
    /** What the feed tells of agents, in order. */
    events: async () =>
      (
        await sql(`SELECT payload FROM feed_entries WHERE project_id = $1 AND topic = 'agent' ORDER BY id`, [projectId])
      ).map(({ payload }) => payload as Record<string, unknown>),
    close: async () => {
      await node.close();
      await opened.close();
    },
  };
}

export type AgentFixture = Awaited<ReturnType<typeof openAgents>>;
