import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type Claim, type Task, taskSchema } from './task.ts';

/** Columns of a task as callers see it. */
export const TASK_COLUMNS = `t.id, t.project_id, t.type, t.payload, t.status, t.priority, t.run_at, t.attempt, t.max_attempts, t.session_id,
  t.claimed_by, t.claim_expires_at, t.claimed_at, t.idempotency_key, t.trace_id, t.result, t.error, t.created_by, t.version,
  t.created_at, t.updated_at, t.finished_at`;

const LIVE = `('claimed', 'running')`;

export function toTask(row: CamelRow): Task {
  return taskSchema.parse(camelRow(row));
}

export interface NewTask {
  id: string;
  type: string;
  payload: Record<string, unknown>;
  priority: number;
  /** Seconds from now until it may be claimed. */
  delaySeconds: number;
  maxAttempts: number;
  sessionId: string | null;
  idempotencyKey: string | null;
  idempotencyDigest: Buffer | null;
  /** Seconds for which the key is remembered. */
  idempotencySeconds: number;
  traceId: string | null;
  createdBy: string | null;
}

const INSERT = statement(
  'tasks.insert',
  `INSERT INTO tasks AS t (id, project_id, type, payload, priority, run_at, max_attempts, session_id, idempotency_key,
     idempotency_digest, idempotency_expires_at, trace_id, created_by)
   VALUES ($2, $1, $3, $4, $5, now() + $6 * interval '1 second', $7, $8, $9, $10,
     CASE WHEN $9::text IS NOT NULL THEN now() + $11 * interval '1 second' END, $12, $13)
   ON CONFLICT (project_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
   RETURNING ${TASK_COLUMNS}`,
);

/** Null when the idempotency key is taken. */
export async function insertTask(db: Executor, projectId: string, task: NewTask): Promise<Task | null> {
  const rows = await db.query<CamelRow>(INSERT, [
    projectId,
    task.id,
    task.type,
    JSON.stringify(task.payload),
    task.priority,
    task.delaySeconds,
    task.maxAttempts,
    task.sessionId,
    task.idempotencyKey,
    task.idempotencyDigest,
    task.idempotencySeconds,
    task.traceId,
    task.createdBy,
  ]);
  return rows[0] ? toTask(rows[0]) : null;
}

const BY_KEY = statement(
  'tasks.by_key',
  `SELECT ${TASK_COLUMNS}, t.idempotency_digest = $3 AS same, t.idempotency_expires_at <= now() AS over
   FROM tasks t WHERE t.project_id = $1 AND t.idempotency_key = $2 FOR UPDATE`,
);
const FORGET_KEY = statement(
  'tasks.forget_key',
  `UPDATE tasks SET idempotency_key = NULL, idempotency_digest = NULL, idempotency_expires_at = NULL
   WHERE project_id = $1 AND id = $2`,
);

/** The task that holds the key; `same` when its content was the same, `over` when the key's time has run out. */
export async function taskByKey(
  db: Executor,
  projectId: string,
  key: string,
  digest: Buffer,
): Promise<{ task: Task; same: boolean; over: boolean } | null> {
  const [row] = await db.query<CamelRow & { same: boolean; over: boolean }>(BY_KEY, [projectId, key, digest]);
  return row ? { task: toTask(row), same: row.same, over: row.over } : null;
}

export async function forgetKey(db: Executor, projectId: string, taskId: string): Promise<void> {
  await db.query(FORGET_KEY, [projectId, taskId]);
}

const GET = statement('tasks.get', `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.project_id = $1 AND t.id = $2`);

export async function getTask(db: Executor, projectId: string, taskId: string): Promise<Task | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, taskId]);
  return row ? toTask(row) : null;
}

const CLAIM = statement(
  'tasks.claim',
  `WITH picked AS (
     SELECT id FROM tasks WHERE status = 'queued' AND type = ANY($1::text[]) AND run_at <= now()
     ORDER BY priority, run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
   UPDATE tasks t SET status = 'claimed', claimed_by = $3, claim_token = nextval('fencing_tokens'),
     claim_expires_at = now() + $4 * interval '1 second', claimed_at = now(), attempt = t.attempt + 1,
     version = t.version + 1, updated_at = now()
   FROM picked WHERE t.id = picked.id
   RETURNING t.id, t.project_id, t.session_id, t.type, t.payload, t.claim_token, t.attempt, t.claim_expires_at, t.priority`,
);

interface ClaimRow {
  id: string;
  project_id: string;
  session_id: string | null;
  type: string;
  payload: Record<string, unknown>;
  claim_token: string;
  attempt: number;
  claim_expires_at: Date;
  priority: number;
}

/** Claims up to `limit` ready tasks of the given types, most urgent first, then by arrival, for `leaseSeconds`. */
export async function claimTasks(
  db: Executor,
  agent: string,
  types: readonly string[],
  limit: number,
  leaseSeconds: number,
): Promise<Claim[]> {
  const rows = await db.query<ClaimRow>(CLAIM, [types, limit, agent, leaseSeconds]);
  return rows
    .sort((a, b) => a.priority - b.priority || Number(a.claim_token) - Number(b.claim_token))
    .map((row) => ({
      projectId: row.project_id,
      taskId: row.id,
      sessionId: row.session_id,
      type: row.type,
      payload: row.payload,
      agent,
      token: Number(row.claim_token),
      attempt: row.attempt,
      expiresAt: row.claim_expires_at,
    }));
}

const HEARTBEAT = statement(
  'tasks.heartbeat',
  `WITH held AS (
     SELECT t.id FROM tasks t JOIN unnest($1::uuid[], $2::bigint[]) AS c (id, token) ON c.id = t.id AND c.token = t.claim_token
     WHERE t.status IN ${LIVE} AND t.claim_expires_at > now() ORDER BY t.id FOR UPDATE OF t)
   UPDATE tasks t SET claim_expires_at = now() + $3 * interval '1 second' FROM held WHERE t.id = held.id RETURNING t.id`,
);

/** Renews the leases still held; answers the ids of those tasks. The rest are lost. */
export async function renewLeases(
  db: Executor,
  claims: readonly Pick<Claim, 'taskId' | 'token'>[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(HEARTBEAT, [
    claims.map((claim) => claim.taskId),
    claims.map((claim) => claim.token),
    leaseSeconds,
  ]);
  return new Set(rows.map((row) => row.id));
}

const HOLD = statement(
  'tasks.hold',
  `SELECT t.id FROM tasks t WHERE t.project_id = $1 AND t.id = $2 AND t.claim_token = $3 AND t.status IN ${LIVE} FOR UPDATE`,
);

/** Locks the task's row if the claim still stands: until the transaction ends nobody can take it away. */
export async function lockClaim(db: Executor, claim: Claim): Promise<boolean> {
  return (await db.query(HOLD, [claim.projectId, claim.taskId, claim.token])).length === 1;
}

const BEGIN = statement(
  'tasks.begin',
  `UPDATE tasks t SET status = 'running', version = version + 1, updated_at = now()
   WHERE t.project_id = $1 AND t.id = $2 AND t.claim_token = $3 AND t.status = 'claimed' RETURNING ${TASK_COLUMNS}`,
);

export async function markRunning(db: Executor, claim: Claim): Promise<Task | null> {
  const [row] = await db.query<CamelRow>(BEGIN, [claim.projectId, claim.taskId, claim.token]);
  return row ? toTask(row) : null;
}

export interface Ending {
  status: 'completed' | 'failed' | 'dead' | 'queued' | 'cancelled';
  outcome: 'completed' | 'failed' | 'lost' | 'cancelled' | 'released';
  result: unknown;
  error: unknown;
  /** For `queued`: seconds until it may be claimed again. */
  delaySeconds: number;
}

const FINISH_SET = `status = $4, result = $6, error = $7, claim_expires_at = NULL, claimed_by = NULL, version = t.version + 1,
     updated_at = now(), run_at = CASE WHEN $4 = 'queued' THEN now() + $8 * interval '1 second' ELSE t.run_at END,
     finished_at = CASE WHEN $4 = 'queued' THEN NULL ELSE now() END, claim_token = nextval('fencing_tokens')`;
const ATTEMPT = `INSERT INTO task_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome, error)
     SELECT held.id, held.attempt, held.project_id, held.claimed_by, held.claim_token, held.claimed_at, now(), $5, $7 FROM held
     ON CONFLICT (task_id, attempt) DO NOTHING`;

const END_CLAIM = statement(
  'tasks.end_claim',
  `WITH held AS (
     SELECT t.* FROM tasks t WHERE t.project_id = $1 AND t.id = $2 AND t.claim_token = $3 AND t.status IN ${LIVE} FOR UPDATE),
   attempt AS (${ATTEMPT})
   UPDATE tasks t SET ${FINISH_SET} FROM held WHERE t.id = held.id RETURNING ${TASK_COLUMNS}`,
);

/** Ends a claim in one statement with its attempt's row; null when the claim is lost. The token is raised. */
export async function endClaim(db: Executor, claim: Claim, ending: Ending): Promise<Task | null> {
  const [row] = await db.query<CamelRow>(END_CLAIM, [
    claim.projectId,
    claim.taskId,
    claim.token,
    ending.status,
    ending.outcome,
    json(ending.result),
    json(ending.error),
    ending.delaySeconds,
  ]);
  return row ? toTask(row) : null;
}

const CANCEL = statement(
  'tasks.cancel',
  `WITH target AS (
     SELECT t.* FROM tasks t WHERE t.project_id = $1 AND (t.id = $2 OR t.session_id = $3)
       AND t.status IN ('queued', 'waiting', 'held', 'claimed', 'running') ORDER BY t.id FOR UPDATE),
   attempt AS (
     INSERT INTO task_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome)
     SELECT id, attempt, project_id, claimed_by, claim_token, claimed_at, now(), 'cancelled' FROM target
     WHERE status IN ${LIVE} ON CONFLICT (task_id, attempt) DO NOTHING)
   UPDATE tasks t SET status = 'cancelled', claim_expires_at = NULL, claimed_by = NULL,
     claim_token = nextval('fencing_tokens'), version = t.version + 1, updated_at = now(), finished_at = now()
   FROM target WHERE t.id = target.id RETURNING ${TASK_COLUMNS}`,
);

/** Cancels a task, or every task of a session; a claim on it is lost with that (cancel always wins). */
export async function cancelTasks(
  db: Executor,
  projectId: string,
  which: { taskId: string } | { sessionId: string },
): Promise<Task[]> {
  const taskId = 'taskId' in which ? which.taskId : null;
  const sessionId = 'sessionId' in which ? which.sessionId : null;
  return (await db.query<CamelRow>(CANCEL, [projectId, taskId, sessionId])).map(toTask);
}

export interface LostClaim {
  task: Task;
  /** The raised token: whatever still carries the old one is refused. */
  token: number;
  agent: string;
}

const REAP = statement(
  'tasks.reap',
  `WITH lost AS (
     SELECT t.* FROM tasks t WHERE t.status IN ${LIVE} AND t.claim_expires_at <= now()
     ORDER BY t.id LIMIT $1 FOR UPDATE SKIP LOCKED),
   attempt AS (
     INSERT INTO task_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome)
     SELECT id, attempt, project_id, claimed_by, claim_token, claimed_at, now(), 'lost' FROM lost
     ON CONFLICT (task_id, attempt) DO NOTHING)
   UPDATE tasks t SET claim_expires_at = NULL, claimed_by = NULL, claim_token = nextval('fencing_tokens'),
     status = CASE WHEN t.attempt < t.max_attempts THEN 'queued' ELSE 'dead' END,
     finished_at = CASE WHEN t.attempt < t.max_attempts THEN NULL ELSE now() END,
     version = t.version + 1, updated_at = now()
   FROM lost WHERE t.id = lost.id RETURNING ${TASK_COLUMNS}, t.claim_token AS token, lost.claimed_by AS agent`,
);

/** Takes away every claim whose lease has run out and raises its token, in one statement. */
export async function reapClaims(db: Executor, limit: number): Promise<LostClaim[]> {
  const rows = await db.query<CamelRow & { token: string; agent: string }>(REAP, [limit]);
  return rows.map((row) => ({ task: toTask(row), token: Number(row.token), agent: row.agent }));
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
