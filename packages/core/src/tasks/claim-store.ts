import { type Executor, statement } from '../platform/database/index.ts';
import type { Claim } from './task.ts';

/** What all callers of one claim statement ask for alike. */
export interface ClaimScope {
  projectId: string;
  /** In this order. */
  queues: readonly string[];
  /** Null: any type. */
  types: readonly string[] | null;
  /** Everything a task may require of these agents. */
  able: readonly string[];
  leaseSeconds: number;
  /**
   * The claims may stand in their lease alone for up to a second, in which their tasks still read `queued`: less than half
   * the work for tasks that are over by then. For workers that take many at a time.
   */
  prefetch?: boolean;
}

/** How far earlier claims got in each priority of a queue: nothing before these places was ready then. */
export type ResumePlaces = ReadonlyMap<number, { runAt: string; taskId: string }>;

const claim = statement(
  'tasks.claim',
  `SELECT * FROM sb_tasks_claim($1::uuid, $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::float8,
     $8::timestamptz[], $9::uuid[], $10)`,
);

/** Null is what is usual, in {@link USUAL}. */
interface ClaimRow {
  /** 1-based place of the caller. */
  caller: number | null;
  id: string;
  type: string;
  payload: Record<string, unknown>;
  session_id: string | null;
  attempt: number | null;
  failures: number | null;
  max_attempts: number | null;
  token: string | null;
  expires_at: Date | null;
  priority: number | null;
  run_at: string | null;
  traceparent: string | null;
  /** Told where several queues were asked for. */
  queue: string | null;
}

const USUAL = { caller: 1, attempt: 1, failures: 0, maxAttempts: 4, priority: 2 } as const;
const PRIORITIES = Array.from({ length: 10 }, (_, priority) => priority);

/**
 * Claims ready tasks for several callers in one statement, the first callers first, and says where it got to.
 * @param resume null looks at everything.
 */
export async function claimReady(
  executor: Executor,
  scope: ClaimScope,
  callers: readonly { agent: string; limit: number }[],
  resume: ResumePlaces | null,
): Promise<{ claims: Claim[][]; places: ResumePlaces }> {
  const rows = await executor.query<ClaimRow>(claim, [
    scope.projectId,
    scope.queues,
    scope.types,
    scope.able,
    callers.map((caller) => caller.agent),
    callers.map((caller) => caller.limit),
    scope.leaseSeconds,
    resume && PRIORITIES.map((priority) => resume.get(priority)?.runAt ?? null),
    resume && PRIORITIES.map((priority) => resume.get(priority)?.taskId ?? null),
    scope.prefetch ?? false,
  ]);
  const claims: Claim[][] = callers.map(() => []);
  const places = new Map(resume ?? []);
  const token = Number(rows[0]?.token);
  const expiresAt = rows[0]?.expires_at ?? new Date(0);
  const [firstQueue = ''] = scope.queues;
  for (const row of rows) {
    const priority = row.priority ?? USUAL.priority;
    const caller = (row.caller ?? USUAL.caller) - 1;
    if (row.run_at !== null) places.set(priority, { runAt: row.run_at, taskId: row.id });
    claims[caller]?.push({
      projectId: scope.projectId,
      taskId: row.id,
      token,
      sessionId: row.session_id,
      queue: row.queue ?? firstQueue,
      type: row.type,
      payload: row.payload,
      priority,
      agent: callers[caller]?.agent ?? '',
      attempt: row.attempt ?? USUAL.attempt,
      failures: row.failures ?? USUAL.failures,
      maxAttempts: row.max_attempts ?? USUAL.maxAttempts,
      traceparent: row.traceparent,
      expiresAt,
    });
  }
  return { claims, places };
}

const readyProjects = statement(
  'tasks.ready_projects',
  `SELECT r.project_id, count(*)::integer AS count FROM (
     SELECT r.project_id FROM task_ready r WHERE r.queue = $1 AND r.run_at <= now()
     ORDER BY r.priority, r.run_at, r.task_id LIMIT $2) r
   GROUP BY r.project_id ORDER BY r.project_id`,
);

/** Whose tasks the first `limit` ready ones of a queue are, over all projects. */
export async function findReadyProjects(
  executor: Executor,
  queue: string,
  limit: number,
): Promise<{ projectId: string; count: number }[]> {
  const rows = await executor.query<{ project_id: string; count: number }>(readyProjects, [queue, limit]);
  return rows.map((row) => ({ projectId: row.project_id, count: row.count }));
}

const heartbeat = statement(
  'tasks.heartbeat',
  `UPDATE tasks t SET claim_expires_at = now() + c.lease * interval '1 second'
   FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::float8[]) WITH ORDINALITY AS c (project_id, id, token, lease, n)
   WHERE t.id = c.id AND t.project_id = c.project_id AND t.claim_token = c.token AND t.status IN ('claimed', 'running')
     AND t.claim_expires_at > now()
   RETURNING c.n::integer AS n`,
);

/** A claim to be renewed. */
export interface Renewal {
  projectId: string;
  taskId: string;
  token: number;
  leaseSeconds: number;
}

/** Renews claims in one statement, sorted by task; answers the places of those that are still held. */
export async function renewClaims(executor: Executor, renewals: readonly Renewal[]): Promise<Set<number>> {
  const rows = await executor.query<{ n: number }>(heartbeat, [
    renewals.map((renewal) => renewal.projectId),
    renewals.map((renewal) => renewal.taskId),
    renewals.map((renewal) => renewal.token),
    renewals.map((renewal) => renewal.leaseSeconds),
  ]);
  return new Set(rows.map((row) => row.n - 1));
}

const writeOut = statement('tasks.write_out', 'SELECT sb_tasks_write_out($1::bigint[])');

/** Writes prefetched claims into their tasks, where what needs them there can find them. */
export async function writeOutClaims(executor: Executor, tokens: readonly number[]): Promise<void> {
  await executor.query(writeOut, [[...new Set(tokens)]]);
}

/** A claim that was taken away because its time was over. */
export interface LostClaim {
  projectId: string;
  taskId: string;
  sessionId: string | null;
  type: string;
  queue: string;
  /** What became of the task. */
  status: 'queued' | 'dead';
  attempt: number;
  agent: string;
  /** The raised token: whatever still carries the old one is refused. */
  token: number;
}

const reap = statement('tasks.reap', 'SELECT * FROM sb_tasks_reap($1)');

interface ReapRow {
  id: string;
  project_id: string;
  session_id: string | null;
  type: string;
  queue: string;
  status: 'queued' | 'dead';
  attempt: number;
  agent: string;
  token: string;
}

/** Takes away every claim whose time is over, of up to `limit` leases, and raises its token, in one statement. */
export async function reapClaims(executor: Executor, limit: number): Promise<LostClaim[]> {
  const rows = await executor.query<ReapRow>(reap, [limit]);
  return rows.map(({ id, project_id, session_id, token, ...row }) => ({
    ...row,
    taskId: id,
    projectId: project_id,
    sessionId: session_id,
    token: Number(token),
  }));
}
