import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { IndexJob, IndexProgress } from './index-job.ts';
import type { IndexPlan } from './index-protocol.ts';

const COLUMNS = `j.id, j.project_id, j.workspace_id, j.status, j.is_full, j.mode, j.requested_by, j.files_total, j.files_affected, j.files_removed,
  j.files_done, j.entities, j.relationships, j.problem_count, j.problems, j.error, j.attempt, j.created_at, j.started_at, j.finished_at`;

interface Row {
  id: string;
  project_id: string;
  workspace_id: string;
  status: IndexJob['status'];
  is_full: boolean;
  mode: IndexJob['mode'];
  requested_by: string;
  files_total: number | null;
  files_affected: number | null;
  files_removed: number | null;
  files_done: number;
  entities: number;
  relationships: number;
  problem_count: number;
  problems: IndexJob['problems'];
  error: string | null;
  attempt: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

const INSERT = statement(
  'graph_index.insert',
  `INSERT INTO graph_index_jobs AS j (id, project_id, workspace_id, is_full, requested_by, created_at, mode) VALUES ($1, $2, $3, $4, $5, $6, $7)
   ON CONFLICT (project_id, workspace_id) WHERE status IN ('queued', 'running') DO NOTHING RETURNING ${COLUMNS}`,
);
const OPEN = statement(
  'graph_index.open',
  `SELECT ${COLUMNS} FROM graph_index_jobs j WHERE j.project_id = $1 AND j.workspace_id = $2 AND j.status IN ('queued', 'running')`,
);

export type JobDraft = Pick<IndexJob, 'id' | 'workspaceId' | 'full' | 'mode' | 'requestedBy'> & { at: Date };

/** Null where one is under way for the workspace. */
export async function insertIndexJob(tx: Transaction, projectId: string, draft: JobDraft): Promise<IndexJob | null> {
  const { id, workspaceId, full, mode, requestedBy, at } = draft;
  const [row] = await tx.query<Row>(INSERT, [id, projectId, workspaceId, full, requestedBy, at, mode]);
  return row ? toJob(row) : null;
}

export async function openIndexJob(db: Executor, projectId: string, workspaceId: string): Promise<IndexJob | null> {
  const [row] = await db.query<Row>(OPEN, [projectId, workspaceId]);
  return row ? toJob(row) : null;
}

// Told of edits of a workspace that nobody asked to index: none of them concerns the graph.
const INSERT_UPDATE = statement(
  'graph_index.insert_update',
  `WITH known AS (
       SELECT FROM graph_indexed_files f WHERE f.project_id = $2 AND f.workspace_id = $3
       UNION ALL SELECT FROM graph_index_jobs j WHERE j.project_id = $2 AND j.workspace_id = $3 AND j.status = 'completed' LIMIT 1),
     made AS (
       INSERT INTO graph_index_jobs (id, project_id, workspace_id, is_full, requested_by, created_at, mode)
       SELECT $1, $2, $3, $4, $5, $6, coalesce((SELECT j.mode FROM graph_index_jobs j
         WHERE j.project_id = $2 AND j.workspace_id = $3 ORDER BY j.created_at DESC LIMIT 1), $7) FROM known
       ON CONFLICT (project_id, workspace_id) WHERE status IN ('queued', 'running') DO NOTHING RETURNING id)
   SELECT EXISTS (SELECT FROM known) AS known, EXISTS (SELECT FROM made) AS made`,
);

/** For a workspace that was indexed before, if only while it was empty, as it was asked to be last; `open` where work is under way for it. */
export async function insertUpdateJob(
  db: Executor,
  projectId: string,
  { id, workspaceId, full, mode, requestedBy, at }: JobDraft,
): Promise<'made' | 'open' | 'unknown'> {
  const values = [id, projectId, workspaceId, full, requestedBy, at, mode];
  const [row] = await db.query<{ known: boolean; made: boolean }>(INSERT_UPDATE, values);
  if (!row?.known) return 'unknown';
  return row.made ? 'made' : 'open';
}

const READ = statement(
  'graph_index.read',
  `SELECT ${COLUMNS} FROM graph_index_jobs j WHERE j.project_id = $1 AND j.id = $2`,
);
const LIST = statement(
  'graph_index.list',
  `SELECT ${COLUMNS} FROM graph_index_jobs j WHERE j.project_id = $1 ORDER BY j.created_at DESC, j.id LIMIT $2`,
);

export async function readIndexJob(db: Executor, projectId: string, id: string): Promise<IndexJob | null> {
  const [row] = await db.query<Row>(READ, [projectId, id]);
  return row ? toJob(row) : null;
}

/** The newest first. */
export async function listIndexJobs(db: Executor, projectId: string, limit: number): Promise<IndexJob[]> {
  return (await db.query<Row>(LIST, [projectId, limit])).map(toJob);
}

const INDEXED = statement(
  'graph_index.indexed_workspaces',
  `SELECT j.project_id AS "projectId", j.workspace_id AS "workspaceId" FROM graph_index_jobs j
   WHERE j.status = 'completed' GROUP BY 1, 2 ORDER BY max(j.finished_at) DESC LIMIT $1`,
);

/** The workspaces that were read last, of whatever project. */
export function listIndexedWorkspaces(
  db: Executor,
  limit: number,
): Promise<Pick<IndexJob, 'projectId' | 'workspaceId'>[]> {
  return db.query(INDEXED, [limit]);
}

// Of whatever project: nodes look after all of them.
const CLAIM = statement(
  'graph_index.claim',
  `UPDATE graph_index_jobs j SET status = 'running', attempt = j.attempt + 1, node_id = $1, lease_until = $2::timestamptz + $3 * interval '1 second',
     started_at = coalesce(j.started_at, $2), files_total = NULL, files_affected = NULL, files_removed = NULL, files_done = 0, entities = 0,
     relationships = 0, problem_count = 0, problems = '[]'
   WHERE j.id = (SELECT o.id FROM graph_index_jobs o WHERE o.status = 'queued' OR (o.status = 'running' AND o.lease_until < $2)
     ORDER BY o.created_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
   RETURNING ${COLUMNS}, j.attempt - j.given_back AS tries`,
);

/** Takes up the oldest that nobody works at; null for none. `tries`: how often it was taken up and not given back. */
export async function claimIndexJob(
  db: Executor,
  nodeId: string,
  at: Date,
  leaseSeconds: number,
): Promise<{ job: IndexJob; tries: number } | null> {
  const [row] = await db.query<Row & { tries: number }>(CLAIM, [nodeId, at, leaseSeconds]);
  return row ? { job: toJob(row), tries: row.tries } : null;
}

/** Whose work it is: writes nothing once somebody else has taken it up. */
export type HeldJob = Pick<IndexJob, 'id' | 'projectId' | 'attempt'>;

const RENEW = statement(
  'graph_index.renew',
  `UPDATE graph_index_jobs SET lease_until = $4::timestamptz + $5 * interval '1 second'
   WHERE project_id = $1 AND id = $2 AND attempt = $3 AND status = 'running' RETURNING id`,
);
const PLAN = statement(
  'graph_index.plan',
  `UPDATE graph_index_jobs SET files_total = $4, files_affected = $5, files_removed = $6
   WHERE project_id = $1 AND id = $2 AND attempt = $3 AND status = 'running' RETURNING id`,
);
const PROGRESS = statement(
  'graph_index.progress',
  `UPDATE graph_index_jobs SET files_done = files_done + $4, entities = entities + $5, relationships = relationships + $6,
     problem_count = problem_count + $7, problems = CASE WHEN problem_count < 100 THEN problems || $8::jsonb ELSE problems END
   WHERE project_id = $1 AND id = $2 AND attempt = $3 AND status = 'running' RETURNING id`,
);
const END = statement(
  'graph_index.end',
  `UPDATE graph_index_jobs j SET status = CASE WHEN $4::text IS NULL THEN 'completed' ELSE 'failed' END, error = $4, finished_at = $5,
     lease_until = NULL
   WHERE j.project_id = $1 AND j.id = $2 AND j.attempt = $3 AND j.status = 'running' RETURNING ${COLUMNS}`,
);
// It did not end whoever had it: of a node that stops as it should no failure is counted. The attempt stays, for it tells who holds the work.
const GIVE_BACK = statement(
  'graph_index.give_back',
  `UPDATE graph_index_jobs SET status = 'queued', lease_until = NULL, given_back = given_back + 1
   WHERE project_id = $1 AND id = $2 AND attempt = $3 AND status = 'running' RETURNING id`,
);

const ofJob = ({ projectId, id, attempt }: HeldJob) => [projectId, id, attempt];

/** False where it is somebody else's by now. */
export async function renewIndexJob(db: Executor, job: HeldJob, at: Date, leaseSeconds: number): Promise<boolean> {
  return (await db.query(RENEW, [...ofJob(job), at, leaseSeconds])).length > 0;
}

/** False where it is somebody else's by now. */
export async function writeIndexPlan(db: Executor, job: HeldJob, plan: IndexPlan): Promise<boolean> {
  const { total, affected, removed } = plan;
  return (await db.query(PLAN, [...ofJob(job), total, affected.length, removed.length])).length > 0;
}

/** False where it is somebody else's by now. */
export async function writeIndexProgress(db: Executor, job: HeldJob, progress: IndexProgress): Promise<boolean> {
  const { files, entities, relationships, problems } = progress;
  const first = JSON.stringify(problems.slice(0, 100));
  return (await db.query(PROGRESS, [...ofJob(job), files, entities, relationships, problems.length, first])).length > 0;
}

/** Null where it is somebody else's by now. @param error null: it is done */
export async function endIndexJob(
  tx: Transaction,
  job: HeldJob,
  error: string | null,
  at: Date,
): Promise<IndexJob | null> {
  const [row] = await tx.query<Row>(END, [...ofJob(job), error, at]);
  return row ? toJob(row) : null;
}

/** Lets somebody else take it up at once. */
export async function giveBackIndexJob(db: Executor, job: HeldJob): Promise<void> {
  await db.query(GIVE_BACK, ofJob(job));
}

// The last that was done of a workspace tells that it is in the graph: it is watched for that, and how it was read is how it is read again.
const FORGET = statement(
  'graph_index.forget',
  `DELETE FROM graph_index_jobs j WHERE j.project_id = $1 AND j.finished_at < $2 AND (j.status <> 'completed' OR EXISTS (
     SELECT FROM graph_index_jobs n WHERE n.project_id = j.project_id AND n.workspace_id = j.workspace_id AND n.status = 'completed'
       AND (n.finished_at, n.id) > (j.finished_at, j.id)))
   RETURNING id`,
);

/** All that ended before that, but for what was done last in each workspace. @returns how many */
export async function forgetIndexJobs(db: Executor, projectId: string, before: Date): Promise<number> {
  return (await db.query(FORGET, [projectId, before])).length;
}

// Work that failed does not take the place of work that was done.
const FORGET_BEFORE = statement(
  'graph_index.forget_before',
  `DELETE FROM graph_index_jobs o USING graph_index_jobs j
   WHERE j.project_id = $1 AND j.id = $2 AND o.project_id = j.project_id AND o.workspace_id = j.workspace_id AND o.id <> j.id
     AND o.requested_by = j.requested_by AND o.finished_at <= j.finished_at
     AND (o.status = 'failed' OR j.status = 'completed')`,
);

/** What the same asked for before, of the same workspace, and that ended, as far as this work takes its place. */
export async function forgetJobsBefore(
  tx: Transaction,
  { projectId, id }: Pick<IndexJob, 'projectId' | 'id'>,
): Promise<void> {
  await tx.query(FORGET_BEFORE, [projectId, id]);
}

function toJob(row: Row): IndexJob {
  return {
    id: row.id,
    projectId: row.project_id,
    workspaceId: row.workspace_id,
    status: row.status,
    full: row.is_full,
    mode: row.mode,
    requestedBy: row.requested_by,
    filesTotal: row.files_total,
    filesAffected: row.files_affected,
    filesRemoved: row.files_removed,
    filesDone: row.files_done,
    entities: row.entities,
    relationships: row.relationships,
    problemCount: row.problem_count,
    problems: row.problems.slice(0, 100),
    error: row.error,
    attempt: row.attempt,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
