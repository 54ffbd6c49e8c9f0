import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { LOCK_MODES, LOCK_STATES, type Lock, type LockWaiter, lockSchema, lockWaiterSchema } from './lock.ts';
import { prefixesOf } from './resource-name.ts';

const HOLDINGS = `(SELECT h.id, h.project_id, h.resource, h.owner, CASE WHEN h.shared THEN 'shared' ELSE 'exclusive' END AS mode,
    CASE WHEN h.lost_at IS NULL AND h.expires_at > clock_timestamp() THEN 'held' ELSE 'lost' END AS state,
    h.token, h.priority, h.ttl_ms, h.delay_ms AS lock_delay_ms, h.renewal_count, h.agent_id, h.session_id, h.task_id, h.metadata,
    h.requested_at, h.acquired_at, h.expires_at FROM lock_holdings h)`;
const COLUMNS = `l.id, l.project_id, l.resource, l.owner, l.mode, l.state, l.token, l.priority, l.ttl_ms, l.lock_delay_ms, l.renewal_count,
  l.agent_id, l.session_id, l.task_id, l.metadata, l.requested_at, l.acquired_at, l.expires_at`;

/** All that lists of locks can be filtered and sorted by. */
export const LOCK_FIELDS: FieldTable = {
  noun: 'lock',
  fields: {
    id: { kind: 'uuid', column: 'l.id' },
    resource: { kind: 'text', column: 'l.resource' },
    owner: { kind: 'text', column: 'l.owner' },
    mode: { kind: 'enum', column: 'l.mode', values: LOCK_MODES },
    state: { kind: 'enum', column: 'l.state', values: LOCK_STATES },
    token: { kind: 'bigint', column: 'l.token' },
    priority: { kind: 'integer', column: 'l.priority' },
    renewalCount: { kind: 'integer', column: 'l.renewal_count' },
    agentId: { kind: 'text', column: 'l.agent_id', nullable: true },
    sessionId: { kind: 'uuid', column: 'l.session_id', nullable: true },
    taskId: { kind: 'uuid', column: 'l.task_id', nullable: true },
    requestedAt: { kind: 'time', column: 'l.requested_at' },
    acquiredAt: { kind: 'time', column: 'l.acquired_at' },
    expiresAt: { kind: 'time', column: 'l.expires_at' },
    metadata: { kind: 'json', column: 'l.metadata' },
  },
  defaultSort: { by: 'acquiredAt', order: 'desc' },
  idColumn: 'l.id',
  deletedColumn: null,
};

/**
 * A page of the project's locks, newest first unless asked otherwise, by any filter on {@link LOCK_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export async function pageLocks(executor: Executor, projectId: string, query: ListQuery = {}): Promise<Page<Lock>> {
  const source: ListSource = {
    label: 'locks.list',
    table: LOCK_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`${sql.raw(HOLDINGS)} l`,
    scope: sql`l.project_id = ${projectId}::uuid`,
  };
  return readPage(executor, source, query, toLock);
}

const one = statement('locks.get', `SELECT ${COLUMNS} FROM ${HOLDINGS} l WHERE l.project_id = $1 AND l.id = $2`);

export async function getLock(executor: Executor, projectId: string, id: string): Promise<Lock | null> {
  const [row] = await executor.query<CamelRow>(one, [projectId, id]);
  return row ? toLock(row) : null;
}

const holders = statement(
  'locks.holders',
  `SELECT ${COLUMNS} FROM ${HOLDINGS} l WHERE l.project_id = $1
     AND (l.resource = ANY ($3::text[]) OR (l.resource >= $2 || '/' AND l.resource < $2 || '0')) ORDER BY l.resource, l.token, l.id`,
);

/** Holdings of a resource, of what stands above and of what stands below. */
export async function holdersOf(executor: Executor, projectId: string, resource: string): Promise<Lock[]> {
  return (await executor.query<CamelRow>(holders, [projectId, resource, prefixesOf(resource)])).map(toLock);
}

const waiters = statement(
  'locks.waiters',
  `SELECT w.id AS request_id, w.resource, w.owner, CASE WHEN w.shared THEN 'shared' ELSE 'exclusive' END AS mode, w.priority,
     (row_number() OVER (ORDER BY w.upgrade DESC, sb_lock_rank(w.priority, w.requested_at, clock_timestamp(), $4::float8) DESC, w.arrival))::integer AS position,
     w.agent_id, w.session_id, w.task_id, w.requested_at, w.expires_at AS timeout_at
   FROM lock_waiters w WHERE w.project_id = $1 AND w.refusal IS NULL AND least(w.seen_until, w.expires_at) > clock_timestamp()
     AND (w.resource = ANY ($3::text[]) OR (w.resource >= $2 || '/' AND w.resource < $2 || '0')) ORDER BY position`,
);

/** The queue for a resource, and for what stands above and below, in the order in which it is served. */
export async function waitersOf(
  executor: Executor,
  projectId: string,
  resource: string,
  ageing: number | null,
): Promise<LockWaiter[]> {
  const rows = await executor.query<CamelRow>(waiters, [projectId, resource, prefixesOf(resource), ageing]);
  return rows.map((row) => lockWaiterSchema.parse(camelRow(row)));
}

const totals = statement(
  'locks.totals',
  `SELECT count(*)::integer AS total, count(*) FILTER (WHERE h.lost_at IS NULL AND h.expires_at > clock_timestamp())::integer AS active,
     (SELECT count(*)::integer FROM lock_waiters w WHERE w.project_id = $1 AND w.refusal IS NULL
       AND least(w.seen_until, w.expires_at) > clock_timestamp()) AS waiting
   FROM lock_holdings h WHERE h.project_id = $1`,
);

export async function countLocks(
  executor: Executor,
  projectId: string,
): Promise<{ total: number; active: number; waiting: number }> {
  const [row] = await executor.query<{ total: number; active: number; waiting: number }>(totals, [projectId]);
  return row ?? { total: 0, active: 0, waiting: 0 };
}

const busiest = statement(
  'locks.busiest',
  `SELECT x.resource, sum(x.held)::integer AS held, sum(x.waiting)::integer AS waiting, max(x.waited)::float8 AS longest_wait_seconds FROM (
     SELECT h.resource, 1 AS held, 0 AS waiting, NULL::float8 AS waited FROM lock_holdings h WHERE h.project_id = $1
     UNION ALL
     SELECT w.resource, 0, 1, extract(epoch FROM clock_timestamp() - w.requested_at)::float8 FROM lock_waiters w
     WHERE w.project_id = $1 AND w.refusal IS NULL AND least(w.seen_until, w.expires_at) > clock_timestamp()
   ) x GROUP BY x.resource ORDER BY waiting DESC, held DESC, x.resource LIMIT $2`,
);

export interface ResourceCount {
  resource: string;
  held: number;
  waiting: number;
  longestWaitSeconds: number | null;
}

/** Resources that are held or waited for, those with most waiters first. */
export async function busiestResources(executor: Executor, projectId: string, limit: number): Promise<ResourceCount[]> {
  const rows = await executor.query<CamelRow>(busiest, [projectId, limit]);
  return rows.map((row) => camelRow(row) as unknown as ResourceCount);
}

const gauges = statement(
  'locks.gauges',
  `SELECT p.slug AS project, (SELECT count(*)::integer FROM lock_holdings h WHERE h.project_id = p.id) AS held,
     (SELECT count(*)::integer FROM lock_waiters w WHERE w.project_id = p.id AND w.refusal IS NULL) AS queued
   FROM projects p ORDER BY p.slug LIMIT $1`,
);

/** Held and queued by project, for metrics. */
export async function countByProject(
  executor: Executor,
  limit: number,
): Promise<{ project: string; held: number; queued: number }[]> {
  return executor.query(gauges, [limit]);
}

function toLock(row: CamelRow): Lock {
  const mapped = camelRow(row);
  return lockSchema.parse({ ...mapped, token: Number(mapped.token) });
}
