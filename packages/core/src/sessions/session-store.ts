import type { z } from 'zod';
import { DatabaseError, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { createSessionSchema, Session } from './session.ts';
import { SESSION_COLUMNS, SESSION_FROM, type SessionRow, toSession } from './session-row-store.ts';

/**
 * Rows by their ids. One id has a statement of its own: with a list the planner cannot tell how long it is, and plans anew
 * each time, which costs eight times the reading. Here and in the stores beside this one the project is compared with
 * IS NOT DISTINCT FROM, which no index serves: as long as there are no statistics, `=` made the planner read the whole
 * project by one of its indexes.
 */
const GET_ONE = statement(
  'sessions.getOne',
  `SELECT ${SESSION_COLUMNS} FROM ${SESSION_FROM}
   WHERE s.project_id IS NOT DISTINCT FROM $1 AND s.id = $2 AND (s.deleted_at IS NULL OR $3)`,
);
const GET = statement(
  'sessions.get',
  `SELECT ${SESSION_COLUMNS} FROM ${SESSION_FROM}
   WHERE s.project_id IS NOT DISTINCT FROM $1 AND s.id = ANY($2::uuid[]) AND (s.deleted_at IS NULL OR $3)
   ORDER BY array_position($2::uuid[], s.id)`,
);

/** Sessions in the order of `ids`; those that do not exist are left out. */
export async function getSessions(
  db: Executor,
  projectId: string,
  ids: readonly string[],
  includeDeleted = false,
): Promise<Session[]> {
  const [get, which] = ids.length === 1 ? [GET_ONE, ids[0]] : [GET, ids];
  return (await db.query<SessionRow>(get, [projectId, which, includeDeleted])).map(toSession);
}

const EXISTS = statement(
  'sessions.exists',
  'SELECT FROM sessions WHERE project_id = $1 AND id = $2 AND deleted_at IS NULL',
);

/** True only for a live session (ORC-104). */
export async function sessionExists(db: Executor, projectId: string, id: string): Promise<boolean> {
  return (await db.query(EXISTS, [projectId, id])).length > 0;
}

/** A session whose row this transaction holds. */
export interface LockedSession extends Session {
  /** The parent as stored, also when it is soft-deleted. */
  storedParentId: string | null;
}

// NO KEY: rows that refer to the session (journal, checkpoints) may still be inserted meanwhile.
const LOCK_ONE = statement(
  'sessions.lockOne',
  `SELECT ${SESSION_COLUMNS}, s.parent_id AS stored_parent_id FROM ${SESSION_FROM}
   WHERE s.project_id IS NOT DISTINCT FROM $1 AND s.id = $2 FOR NO KEY UPDATE OF s`,
);
const LOCK = statement(
  'sessions.lock',
  `SELECT ${SESSION_COLUMNS}, s.parent_id AS stored_parent_id FROM ${SESSION_FROM}
   WHERE s.project_id IS NOT DISTINCT FROM $1 AND s.id = ANY($2::uuid[]) ORDER BY s.id FOR NO KEY UPDATE OF s`,
);

/** Holds the rows of these sessions, soft-deleted ones too, in key order until the transaction ends. */
export async function lockSessions(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, LockedSession>> {
  const [lock, which] = ids.length === 1 ? [LOCK_ONE, ids[0]] : [LOCK, ids];
  const rows = await tx.query<SessionRow & { stored_parent_id: string | null }>(lock, [projectId, which]);
  return new Map(
    rows.map((row) => {
      const session = toSession(row);
      return [session.id, { ...session, storedParentId: row.stored_parent_id }];
    }),
  );
}

const INSERT = statement(
  'sessions.insert',
  `WITH given AS (
     SELECT * FROM jsonb_to_recordset($2::jsonb) AS x (n integer, id uuid, title text, description text,
       "sessionType" text, priority smallint, "maxRetries" integer, "onOrphan" text, "parentId" uuid, "agentRole" text,
       runtime text, "workspaceId" uuid, isolation text, command jsonb, "agentConfig" jsonb, "modelConfig" text, "initialPrompt" text,
       "maxDurationSeconds" integer, "cpuLimit" double precision, "memoryLimitMb" integer, "taskId" uuid, tags jsonb,
       metadata jsonb, "createdBy" text, ttl integer, paths jsonb, "pathPolicy" jsonb, "checkpointPolicy" jsonb,
       "agentIds" jsonb)
   ), made AS (
     INSERT INTO sessions (id, project_id, title, description, session_type, priority, max_retries, on_orphan, parent_id,
       agent_role, runtime, workspace_id, isolation, command, agent_config, model_config, initial_prompt, max_duration_seconds,
       cpu_limit, memory_limit_mb, task_id, tags, metadata, created_by, updated_by, ttl_seconds, paths, path_policy,
       checkpoint_policy)
     SELECT id, $1::uuid, title, description, "sessionType", priority, "maxRetries", "onOrphan", "parentId", "agentRole", runtime,
       "workspaceId", isolation, command, "agentConfig", "modelConfig", "initialPrompt", "maxDurationSeconds", "cpuLimit",
       "memoryLimitMb", "taskId", tags, metadata, "createdBy", $3, ttl, paths, "pathPolicy", "checkpointPolicy" FROM given ORDER BY n
     RETURNING id
   ), metrics AS (
     INSERT INTO session_metrics (session_id, project_id) SELECT id, $1::uuid FROM made
   )
   INSERT INTO session_agents (session_id, project_id, agent)
   SELECT made.id, $1::uuid, agent.name FROM made JOIN given ON given.id = made.id,
     jsonb_array_elements_text(given."agentIds") WITH ORDINALITY AS agent (name, n) ORDER BY given.n, agent.n`,
);

/** What creating takes, with all defaults filled in. */
export type NewSession = Omit<z.output<typeof createSessionSchema>, 'id' | 'start' | 'initialEntityIds'> & {
  id: string;
};

/**
 * Inserts sessions with their metrics row and members, all or none, in one statement (ORC-047, ORC-108).
 * @throws SESSION_EXISTS for an id or title that is taken.
 */
export async function insertSessions(
  tx: Transaction,
  projectId: string,
  actor: string,
  sessions: readonly NewSession[],
): Promise<void> {
  const rows = sessions.map(({ limits, ...session }, n) => ({ n, ...session, ...limits }));
  try {
    await tx.query(INSERT, [projectId, JSON.stringify(rows), actor]);
  } catch (error) {
    throw refusal(error, projectId, sessions);
  }
}

/** What a write may change of a session; what is left out stays. */
export type SessionPatch = Partial<
  Pick<
    Session,
    | 'title'
    | 'description'
    | 'sessionType'
    | 'priority'
    | 'status'
    | 'attempt'
    | 'maxRetries'
    | 'retryable'
    | 'agentRole'
    | 'taskId'
    | 'limits'
    | 'tags'
    | 'metadata'
    | 'runtimeSession'
    | 'parentId'
    | 'treeWorkspaceId'
    | 'initialPrompt'
  >
> & { deleted?: boolean };

const WRITE = statement(
  'sessions.write',
  `UPDATE sessions s SET title = x.title, initial_prompt = x."initialPrompt", description = x.description, session_type = x."sessionType", priority = x.priority,
     status = x.status, attempt = x.attempt, max_retries = x."maxRetries", retryable = x.retryable, agent_role = x."agentRole", task_id = x."taskId",
     max_duration_seconds = x."maxDurationSeconds", cpu_limit = x."cpuLimit", memory_limit_mb = x."memoryLimitMb",
     tags = coalesce(x.tags, s.tags), metadata = coalesce(x.metadata, s.metadata),
     runtime_session = x."runtimeSession", parent_id = x."parentId", tree_workspace_id = x."treeWorkspaceId",
     deleted_at = CASE WHEN x.deleted THEN coalesce(s.deleted_at, now()) END,
     version = s.version + 1, updated_at = now(), updated_by = $3
   FROM jsonb_to_recordset($2::jsonb) AS x (id uuid, version integer, title text, "initialPrompt" text, description text, "sessionType" text,
     priority smallint, status text, attempt integer, "maxRetries" integer, retryable boolean, "agentRole" text, "taskId" uuid,
     "maxDurationSeconds" integer, "cpuLimit" double precision, "memoryLimitMb" integer, tags jsonb, metadata jsonb,
     "runtimeSession" jsonb, "parentId" uuid, "treeWorkspaceId" uuid, deleted boolean)
   WHERE s.project_id = $1 AND s.id = x.id AND s.version = x.version
   RETURNING s.id`,
);

/**
 * Writes held sessions in one statement, each only if it still is at the version it was read at, and raises each version
 * by one (ORC-106, ORC-109). JSON that does not change is left as it is stored.
 * @throws SESSION_EXISTS for a title that is taken; OPTIMISTIC_LOCK when a row was not held after all.
 */
export async function writeSessions(
  tx: Transaction,
  projectId: string,
  actor: string,
  writes: readonly { before: LockedSession; patch: SessionPatch }[],
): Promise<void> {
  const rows = writes.map(({ before, patch }) => {
    const { metadata: _metadata, tags: _tags, limits: _limits, ...kept } = before;
    const { limits, ...changed } = patch;
    const stored = { ...kept, parentId: before.storedParentId, deleted: before.deletedAt !== null };
    return { ...stored, ...changed, ...(limits ?? before.limits), version: before.version };
  });
  let written: { id: string }[];
  try {
    written = await tx.query<{ id: string }>(WRITE, [projectId, JSON.stringify(rows), actor]);
  } catch (error) {
    throw refusal(
      error,
      projectId,
      writes.map(({ before, patch }) => ({ ...before, ...patch })),
    );
  }
  if (written.length === writes.length) return;
  const missed = writes.find(({ before }) => !written.some((row) => row.id === before.id));
  throw new SignalboxError('OPTIMISTIC_LOCK', {
    noun: 'session',
    id: missed?.before.id,
    expected: 'another',
    received: missed?.before.version,
  });
}

const DELETE = statement('sessions.delete', 'DELETE FROM sessions WHERE project_id = $1 AND id = $2');

/** Removes the row and all that belongs to it (ORC-107). */
export async function deleteSession(tx: Transaction, projectId: string, id: string): Promise<void> {
  await tx.query(DELETE, [projectId, id]);
}

/** Turns broken rules into the errors callers know. */
function refusal(
  error: unknown,
  projectId: string,
  sessions: readonly { id: string; title: string; createdBy: string | null }[],
): unknown {
  const only = sessions.length === 1 ? sessions[0] : undefined;
  if (DatabaseError.is(error, 'sessions_pkey')) {
    const conflict = only ? `with the id ${only.id}` : 'with one of these ids';
    return new SignalboxError('SESSION_EXISTS', { conflict, id: only?.id }, { cause: error });
  }
  if (DatabaseError.is(error, 'uq_sessions_title_creator')) {
    const conflict = only ? `titled "${only.title}" by ${only.createdBy}` : 'with one of these titles';
    return new SignalboxError('SESSION_EXISTS', { conflict, title: only?.title }, { cause: error });
  }
  if (DatabaseError.is(error, 'fk_sessions_project')) {
    return new SignalboxError('PROJECT_NOT_FOUND', { project: projectId }, { cause: error });
  }
  if (DatabaseError.is(error) && error.kind === 'invalid_text') {
    return new SignalboxError(
      'VALIDATION_FAILED',
      { reason: 'text must be storable: no NUL, no half surrogate pairs' },
      { cause: error },
    );
  }
  return error;
}
