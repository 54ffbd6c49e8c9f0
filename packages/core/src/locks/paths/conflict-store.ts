import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type Conflict, conflictSchema } from './conflict.ts';

export const CONFLICT_COLUMNS = `x.id, x.project_id, x.workspace_id, x.path, x.kind,
  jsonb_build_array(x.session_a, x.session_b) AS session_ids, x.by_session, x.first_seen_at, x.last_seen_at, x.warned_at,
  x.acknowledged_at, x.acknowledged_by`;

/** The one place where a row becomes a conflict; unknown columns are left out. */
export function toConflict(row: CamelRow): Conflict {
  return conflictSchema.parse(camelRow(row));
}

const TOUCH = statement(
  'paths.touch',
  `INSERT INTO path_touches AS t (workspace_id, path, session_id, project_id, named)
   SELECT $2, p, $3, $1, CASE WHEN $5 THEN nextval('path_moments') END FROM unnest($4::text[]) AS p ORDER BY p
   ON CONFLICT (workspace_id, path, session_id) DO UPDATE SET named = coalesce(EXCLUDED.named, t.named)`,
);

/** Notes that a live session has written paths; `named`: by a tool call that named them. The domain must be held. */
export async function noteTouches(
  tx: Transaction,
  projectId: string,
  {
    workspaceId,
    sessionId,
    paths,
    named,
  }: { workspaceId: string; sessionId: string; paths: readonly string[]; named: boolean },
): Promise<void> {
  await tx.query(TOUCH, [projectId, workspaceId, sessionId, paths, named]);
}

const OTHERS = statement(
  'paths.others',
  `SELECT t.path, t.session_id AS "sessionId" FROM path_touches t
   WHERE t.project_id = $1 AND t.workspace_id = $2 AND t.path = ANY($4::text[]) AND t.session_id <> $3`,
);

/** Other live sessions that have written these paths. */
export async function otherTouches(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  sessionId: string,
  paths: readonly string[],
): Promise<{ path: string; sessionId: string }[]> {
  return tx.query<{ path: string; sessionId: string }>(OTHERS, [projectId, workspaceId, sessionId, paths]);
}

const OPEN_WINDOW = statement(
  'paths.open_window',
  `INSERT INTO path_windows (session_id, call_id, project_id, workspace_id) VALUES ($3, $4, $1, $2)
   ON CONFLICT (session_id, call_id) DO UPDATE SET opened = nextval('path_moments'), closed = NULL`,
);

/** A call begins that may change anything. */
export async function openWindow(
  db: Executor,
  projectId: string,
  workspaceId: string,
  sessionId: string,
  callId: string,
): Promise<void> {
  await db.query(OPEN_WINDOW, [projectId, workspaceId, sessionId, callId]);
}

const CLOSE_WINDOW = statement(
  'paths.close_window',
  `WITH old AS (
     DELETE FROM path_windows w WHERE w.session_id = $2 AND w.call_id <> $3 AND w.closed IS NOT NULL AND NOT EXISTS (
       SELECT FROM path_windows o WHERE o.workspace_id = w.workspace_id AND o.session_id <> w.session_id
         AND o.closed IS NULL AND o.opened < w.closed))
   UPDATE path_windows SET closed = nextval('path_moments') WHERE project_id = $1 AND session_id = $2 AND call_id = $3`,
);

/** It has ended. Windows of the session that no open one overlaps any more can explain nothing, and go. */
export async function closeWindow(db: Executor, projectId: string, sessionId: string, callId: string): Promise<void> {
  await db.query(CLOSE_WINDOW, [projectId, sessionId, callId]);
}

const ALSO_OPEN = statement(
  'paths.also_open',
  `SELECT DISTINCT o.session_id FROM path_windows o JOIN path_windows own ON own.session_id = $3 AND own.call_id = $4
   WHERE o.project_id = $1 AND o.workspace_id = $2 AND o.session_id <> $3 AND (o.closed IS NULL OR o.closed > own.opened)`,
);
const NAMED_SINCE = statement(
  'paths.named_since',
  `SELECT DISTINCT t.path FROM path_touches t JOIN path_windows own ON own.session_id = $3 AND own.call_id = $4
   WHERE t.project_id = $1 AND t.workspace_id = $2 AND t.session_id <> $3 AND t.path = ANY($5::text[]) AND t.named > own.opened`,
);

/**
 * Who else may have made the changes that were found around a call: sessions whose own window was open meanwhile, and
 * the paths that another session's call has named meanwhile.
 */
export async function otherAuthors(
  tx: Transaction,
  projectId: string,
  {
    workspaceId,
    sessionId,
    callId,
    paths,
  }: { workspaceId: string; sessionId: string; callId: string; paths: readonly string[] },
): Promise<{ sessionIds: Set<string>; namedPaths: Set<string> }> {
  const open = await tx.query<{ session_id: string }>(ALSO_OPEN, [projectId, workspaceId, sessionId, callId]);
  const named = await tx.query<{ path: string }>(NAMED_SINCE, [projectId, workspaceId, sessionId, callId, paths]);
  return {
    sessionIds: new Set(open.map((row) => row.session_id)),
    namedPaths: new Set(named.map((row) => row.path)),
  };
}

/** A conflict as it is seen once more, or for the first time. */
export interface SeenConflict {
  id: string;
  path: string;
  kind: Conflict['kind'];
  otherSessionId: string;
}

const SEE = statement(
  'paths.see_conflicts',
  `INSERT INTO conflicts AS x (id, project_id, workspace_id, path, session_a, session_b, kind, by_session, first_seen_at, last_seen_at)
   SELECT g.id, $1, $2, g.path, least($3::uuid, g.other), greatest($3::uuid, g.other), g.kind, $3, clock_timestamp(), clock_timestamp()
   FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[]) AS g (id, path, kind, other) ORDER BY g.path, g.other
   ON CONFLICT (workspace_id, path, session_a, session_b) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at
   RETURNING x.id`,
);

/** Notes conflicts of a session with others; known ones are only seen again. Answers the ids of those that are new. */
export async function seeConflicts(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  bySession: string,
  seen: readonly SeenConflict[],
): Promise<string[]> {
  const given = new Set(seen.map(({ id }) => id));
  const columns = [
    seen.map(({ id }) => id),
    seen.map(({ path }) => path),
    seen.map(({ kind }) => kind),
    seen.map(({ otherSessionId }) => otherSessionId),
  ];
  const rows = await tx.query<{ id: string }>(SEE, [projectId, workspaceId, bySession, ...columns]);
  return rows.map(({ id }) => id).filter((id) => given.has(id));
}

const TAKE_UNWARNED = statement(
  'paths.take_unwarned',
  `SELECT ${CONFLICT_COLUMNS} FROM conflicts x WHERE x.warned_at IS NULL AND ($1::uuid[] IS NULL OR x.id = ANY($1))
   ORDER BY x.id LIMIT $2 FOR UPDATE SKIP LOCKED`,
);

/** Holds conflicts of all projects, or those named, that nobody has been told of yet. */
export async function takeUnwarned(tx: Transaction, ids: readonly string[] | null, limit: number): Promise<Conflict[]> {
  return (await tx.query<CamelRow>(TAKE_UNWARNED, [ids, limit])).map(toConflict);
}

const WARNED = statement(
  'paths.warned',
  'UPDATE conflicts SET warned_at = clock_timestamp() WHERE project_id = $1 AND id = ANY($2::uuid[])',
);

export async function markWarned(tx: Transaction, projectId: string, ids: readonly string[]): Promise<void> {
  await tx.query(WARNED, [projectId, ids]);
}

const GET = statement(
  'paths.conflict',
  `SELECT ${CONFLICT_COLUMNS} FROM conflicts x WHERE x.project_id = $1 AND x.id = $2`,
);

export async function getConflict(db: Executor, projectId: string, id: string): Promise<Conflict | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toConflict(row) : null;
}

const SOME = statement(
  'paths.some_conflicts',
  `SELECT ${CONFLICT_COLUMNS} FROM conflicts x WHERE x.project_id = $1 AND x.id = ANY($2::uuid[]) ORDER BY x.id`,
);

/** Those of them that there are. */
export async function conflictsById(db: Executor, projectId: string, ids: readonly string[]): Promise<Conflict[]> {
  return (await db.query<CamelRow>(SOME, [projectId, ids])).map(toConflict);
}

const ACKNOWLEDGE = statement(
  'paths.acknowledge',
  `UPDATE conflicts x SET acknowledged_at = clock_timestamp(), acknowledged_by = $3
   WHERE x.project_id = $1 AND x.id = $2 AND x.acknowledged_at IS NULL RETURNING ${CONFLICT_COLUMNS}`,
);

/** Null where there is none, or somebody has done so before. */
export async function acknowledgeConflict(
  tx: Transaction,
  projectId: string,
  id: string,
  actor: string,
): Promise<Conflict | null> {
  const [row] = await tx.query<CamelRow>(ACKNOWLEDGE, [projectId, id, actor]);
  return row ? toConflict(row) : null;
}
