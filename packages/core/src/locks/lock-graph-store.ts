import { type Executor, statement } from '../platform/database/index.ts';
import type { StandingHold, WaitingRequest } from './wait-for-graph.ts';

const suspected = statement(
  'locks.suspected',
  `SELECT 1 FROM lock_waiters w WHERE w.project_id = $1 AND w.refusal IS NULL
     AND EXISTS (SELECT FROM lock_holdings h WHERE h.project_id = w.project_id AND h.owner = w.owner) LIMIT 1`,
);

/** Whether there can be a deadlock at all: somebody who waits holds something. */
export async function deadlockPossible(executor: Executor, projectId: string): Promise<boolean> {
  return (await executor.query(suspected, [projectId])).length > 0;
}

const turn = statement(
  'locks.graph_turn',
  `SELECT pg_advisory_xact_lock(hashtext('signalbox.lock_graph'), hashtext($1::text))`,
);

/** Lets those who look for deadlocks of a project take turns until the transaction ends. Taken before any domain, never after. */
export async function takeGraphTurn(executor: Executor, projectId: string): Promise<void> {
  await executor.query(turn, [projectId]);
}

const graph = statement(
  'locks.graph',
  `WITH waiting AS MATERIALIZED (
     SELECT w.id, w.owner, w.resource, w.shared, w.upgrade, w.priority, w.arrival,
       sb_lock_rank(w.priority, w.requested_at, clock_timestamp(), $2::float8) AS rank
     FROM lock_waiters w WHERE w.project_id = $1 AND w.refusal IS NULL AND least(w.seen_until, w.expires_at) > clock_timestamp()
   )
   SELECT w.id, w.owner, w.resource, w.shared, w.upgrade, w.priority, w.arrival, w.rank FROM waiting w
   UNION ALL
   SELECT DISTINCT NULL::uuid, h.owner, h.resource, h.shared, NULL::boolean, NULL::integer, NULL::bigint, NULL::float8
   FROM lock_holdings h JOIN (SELECT DISTINCT split_part(resource, '/', 1) AS domain FROM waiting) d ON split_part(h.resource, '/', 1) = d.domain
   WHERE h.project_id = $1 AND h.expires_at > clock_timestamp()`,
);

type GraphRow = StandingHold & Partial<Omit<WaitingRequest, 'arrival'>> & { id: string | null; arrival: string | null };

/** Who waits and who holds, in one project and one moment: read by one statement, so that every cycle in it was there. */
export async function readGraph(
  executor: Executor,
  projectId: string,
  ageing: number | null,
): Promise<{ requests: WaitingRequest[]; holds: StandingHold[] }> {
  const rows = await executor.query<GraphRow>(graph, [projectId, ageing]);
  const requests: WaitingRequest[] = [];
  const holds: StandingHold[] = [];
  for (const { id, owner, resource, shared, upgrade, priority, arrival, rank } of rows) {
    if (id === null) holds.push({ owner, resource, shared });
    else {
      const order = { upgrade: upgrade ?? false, priority: priority ?? 0, rank: rank ?? 0, arrival: Number(arrival) };
      requests.push({ id, owner, resource, shared, ...order });
    }
  }
  return { requests, holds };
}
