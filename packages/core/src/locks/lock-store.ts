import { type Executor, type Statement, statement } from '../platform/database/index.ts';
import type { LockRequest } from './lock-request.ts';
import { standAlone } from './resource-name.ts';

/** What became of one call of a batch; see the functions in the migration. */
export type LockOutcome =
  | 'granted'
  | 'queued'
  | 'contended'
  | 'ordered'
  | 'taken'
  | 'refused'
  | 'lost'
  | 'gone'
  | 'released'
  | 'late'
  | 'busy'
  | 'stale'
  | 'abandoned';

export interface LockVerdict {
  outcome: LockOutcome;
  id: string;
  projectId: string;
  resource: string | null;
  owner: string | null;
  token: number | null;
  ms: number | null;
  detail: string | null;
}

/** The answers to the calls, in their order, and what else the statement did: to waiters that were served, holders that were lost. */
export interface LockBatch {
  verdicts: (LockVerdict | undefined)[];
  changes: LockVerdict[];
}

interface VerdictRow {
  n: number | null;
  outcome: LockOutcome;
  id: string;
  project_id: string;
  resource: string | null;
  owner: string | null;
  token: string | null;
  ms: number | null;
  detail: string | null;
}

/**
 * A verb together with its row of the change feed: one per project and batch, with the first few resources. What merely
 * answers a call that looked again changes nothing and is not told.
 */
function told(label: string, call: string, which: string): Statement {
  return statement(
    label,
    `WITH done AS MATERIALIZED (SELECT * FROM ${call}), news AS (
       SELECT project_id, CASE outcome WHEN 'late' THEN 'released' ELSE outcome END AS outcome, resource FROM done
       WHERE resource IS NOT NULL AND (n IS NULL OR outcome IN (${which}))
     ), fed AS (
       INSERT INTO feed_entries (project_id, topic, payload)
       SELECT c.project_id, 'lock', jsonb_build_object('counts', jsonb_object_agg(c.outcome, c.count), 'resources',
         (SELECT jsonb_agg(DISTINCT r.resource) FROM (SELECT s.resource FROM news s WHERE s.project_id = c.project_id LIMIT 20) r))
       FROM (SELECT project_id, outcome, count(*) AS count FROM news GROUP BY 1, 2) c GROUP BY c.project_id
     ) SELECT * FROM done`,
  );
}

const acquire = told('locks.acquire', 'sb_locks_acquire($1::jsonb, $2::float8)', `'granted', 'queued'`);

/** Acquires or queues a whole batch; a request that may wait is queued where it cannot be granted. Ids may occur once. */
export async function acquireBatch(
  executor: Executor,
  calls: readonly { projectId: string; request: LockRequest; leaseMs: number }[],
  ageing: number | null,
): Promise<LockBatch> {
  const alone = standAlone(calls.map(({ projectId, request }) => ({ projectId, resource: request.resource })));
  const rows = calls.map(({ projectId, request, leaseMs }, index) => ({
    n: index + 1,
    id: request.id,
    project_id: projectId,
    resource: request.resource,
    owner: request.owner,
    shared: request.mode === 'shared',
    ttl_ms: request.ttlMs,
    delay_ms: request.lockDelayMs,
    priority: request.priority,
    wait_ms: request.waitMs === 0 ? null : request.waitMs,
    lease_ms: leaseMs,
    in_order: request.strictOrder,
    agent_id: request.agentId,
    session_id: request.sessionId,
    task_id: request.taskId,
    metadata: request.metadata,
    alone: alone[index],
  }));
  return toBatch(calls.length, await executor.query<VerdictRow>(acquire, [JSON.stringify(rows), ageing]));
}

const poll = told('locks.poll', 'sb_locks_poll($1::uuid[], $2::uuid[], $3::float8)', `'none'`);

/** Looks again for a batch of queued requests, and says that their callers live. */
export async function pollBatch(
  executor: Executor,
  calls: readonly { projectId: string; id: string }[],
  ageing: number | null,
): Promise<LockBatch> {
  const values = [calls.map(({ projectId }) => projectId), calls.map(({ id }) => id), ageing];
  return toBatch(calls.length, await executor.query<VerdictRow>(poll, values));
}

export interface ReleaseCall {
  projectId: string;
  id: string;
  /** Null: whatever the id is now, a request in the queue included. */
  token: number | null;
  /** Where known: tells whether somebody else has held it since. */
  resource: string | null;
}

const release = told(
  'locks.release',
  'sb_locks_release($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::boolean, $6::float8)',
  `'released', 'late'`,
);

/** @param expire end for its holder also what a protected write still keeps from others, rather than answer `busy` */
export async function releaseBatch(
  executor: Executor,
  calls: readonly ReleaseCall[],
  ageing: number | null,
  expire = false,
): Promise<LockBatch> {
  const values = [
    calls.map(({ projectId }) => projectId),
    calls.map(({ id }) => id),
    calls.map(({ token }) => token),
    calls.map(({ resource }) => resource),
    expire,
    ageing,
  ];
  return toBatch(calls.length, await executor.query<VerdictRow>(release, values));
}

const renew = statement(
  'locks.renew',
  `WITH given AS MATERIALIZED (
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[]) WITH ORDINALITY AS g (project_id, id, token, ttl_ms, n)
   ), held AS MATERIALIZED (
     SELECT h.id FROM lock_holdings h WHERE h.id = ANY ($2::uuid[]) ORDER BY h.id FOR NO KEY UPDATE
   )
   UPDATE lock_holdings h SET renewal_count = h.renewal_count + 1,
     expires_at = clock_timestamp() + coalesce(g.ttl_ms, h.ttl_ms) * interval '1 ms'
   FROM given g CROSS JOIN (SELECT count(*) FROM held) locked
   WHERE h.id = g.id AND h.id = ANY ($2::uuid[]) AND h.project_id = g.project_id AND h.token = g.token AND h.expires_at > clock_timestamp()
   RETURNING g.n::integer AS n, coalesce(g.ttl_ms, h.ttl_ms)::float8 AS ms, h.renewal_count`,
);

export interface RenewCall {
  projectId: string;
  id: string;
  token: number;
  /** Null: the time it was acquired for, which this renewal does not change (ORC-178). */
  ttlMs: number | null;
}

/** For each call how long it holds from now on at the least, and how often it was renewed; null where it is lost. Ids may occur once. */
export async function renewBatch(
  executor: Executor,
  calls: readonly RenewCall[],
): Promise<({ ms: number; renewalCount: number } | null)[]> {
  const rows = await executor.query<{ n: number; ms: number; renewal_count: number }>(renew, [
    calls.map(({ projectId }) => projectId),
    calls.map(({ id }) => id),
    calls.map(({ token }) => token),
    calls.map(({ ttlMs }) => ttlMs),
  ]);
  const renewed = new Map(rows.map(({ n, ms, renewal_count }) => [n, { ms, renewalCount: renewal_count }]));
  return calls.map((_, index) => renewed.get(index + 1) ?? null);
}

const look = statement(
  'locks.look',
  `SELECT g.n::integer AS n FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS g (project_id, id, token, n)
   JOIN lock_holdings h ON h.id = g.id AND h.project_id = g.project_id AND h.token = g.token AND h.expires_at > clock_timestamp()
   WHERE h.id = ANY ($2::uuid[])`,
);

export type LookCall = Pick<RenewCall, 'projectId' | 'id' | 'token'>;

/** For each call whether it is still held under its token. Changes nothing. */
export async function lookBatch(executor: Executor, calls: readonly LookCall[]): Promise<boolean[]> {
  const rows = await executor.query<{ n: number }>(look, [
    calls.map(({ projectId }) => projectId),
    calls.map(({ id }) => id),
    calls.map(({ token }) => token),
  ]);
  const held = new Set(rows.map(({ n }) => n));
  return calls.map((_, index) => held.has(index + 1));
}

const refuse = told('locks.refuse', 'sb_locks_refuse($1::uuid, $2::uuid[], $3::jsonb, $4::float8)', `'none'`);

/** Takes requests out of their queues; their callers are told why when they look again. Answers what changed. */
export async function refuseRequests(
  executor: Executor,
  projectId: string,
  ids: readonly string[],
  refusal: Record<string, unknown>,
  ageing: number | null,
): Promise<LockVerdict[]> {
  const rows = await executor.query<VerdictRow>(refuse, [projectId, ids, JSON.stringify(refusal), ageing]);
  return rows.map(toVerdict);
}

const handOver = told('locks.hand_over', 'sb_locks_hand_over($1::uuid, $2::uuid[], $3::text, $4::text)', `'none'`);

/** Gives holdings to another owner with new tokens; answers those that were still held, or `busy`. */
export async function moveHoldings(
  executor: Executor,
  projectId: string,
  ids: readonly string[],
  to: { owner: string; agentId: string | null },
): Promise<LockVerdict[]> {
  return (await executor.query<VerdictRow>(handOver, [projectId, ids, to.owner, to.agentId])).map(toVerdict);
}

const sweep = told('locks.sweep', 'sb_locks_sweep($1::integer, $2::float8)', `'none'`);

/** Takes away what died, in every project, up to `limit` of each kind; answers what changed. */
export async function sweepLocks(executor: Executor, limit: number, ageing: number | null): Promise<LockVerdict[]> {
  return (await executor.query<VerdictRow>(sweep, [limit, ageing])).map(toVerdict);
}

const hold = statement(
  'locks.hold',
  `SELECT h.id FROM lock_holdings h WHERE h.project_id = $1 AND h.token = $2 AND ($3::uuid IS NULL OR h.id = $3)
     AND ($4::text IS NULL OR h.resource = $4) AND h.expires_at > clock_timestamp() LIMIT 1 FOR KEY SHARE`,
);

/** Locks the holding's row for the caller's transaction, if it is still held: until that ends nobody can take it away. */
export async function holdRow(
  executor: Executor,
  projectId: string,
  token: number,
  which: { id: string | null; resource: string | null },
): Promise<boolean> {
  return (await executor.query(hold, [projectId, token, which.id, which.resource])).length === 1;
}

function toBatch(size: number, rows: readonly VerdictRow[]): LockBatch {
  const batch: LockBatch = { verdicts: Array.from({ length: size }), changes: [] };
  for (const row of rows) {
    if (row.n === null) batch.changes.push(toVerdict(row));
    else batch.verdicts[row.n - 1] = toVerdict(row);
  }
  return batch;
}

function toVerdict(row: VerdictRow): LockVerdict {
  const { outcome, id, project_id, resource, owner, token, ms, detail } = row;
  return {
    outcome,
    id,
    projectId: project_id,
    resource,
    owner,
    token: token === null ? null : Number(token),
    ms,
    detail,
  };
}
