import { type Executor, statement } from '../../platform/database/index.ts';

const FINISHED = `('completed', 'partially_completed', 'failed', 'timeout', 'stopped', 'cancelled', 'orphaned', 'expired')`;
/** The newest capture is what the next is compared with, and a session that goes on may need its own. */
const GIVABLE = `k.project_id = $1 AND k.workspace_id = $2 AND k.pruned_at IS NULL
  AND k.position < (SELECT max(n.position) FROM workspace_captures n WHERE n.workspace_id = $2)
  AND NOT EXISTS (SELECT FROM sessions s WHERE s.id = k.session_id AND s.status NOT IN ${FINISHED})`;

const KEPT = statement(
  'captures.kept_trees',
  `SELECT DISTINCT tree_id AS "treeId" FROM workspace_captures WHERE project_id = $1 AND workspace_id = $2 AND pruned_at IS NULL`,
);
const USAGE = statement(
  'captures.usage',
  `SELECT count(*)::int AS captures, count(*) FILTER (WHERE pruned_at IS NOT NULL)::int AS pruned,
     min(taken_at) FILTER (WHERE pruned_at IS NULL) AS oldest, max(taken_at) AS newest
   FROM workspace_captures WHERE project_id = $1 AND workspace_id = $2`,
);
const GIVE_UP_OLD = statement(
  'captures.give_up_old',
  `UPDATE workspace_captures c SET pruned_at = $3
   FROM (SELECT k.id FROM workspace_captures k WHERE ${GIVABLE} AND k.taken_at < $4 ORDER BY k.id FOR NO KEY UPDATE OF k SKIP LOCKED) given
   WHERE c.id = given.id`,
);
const GIVE_UP_SESSION = statement(
  'captures.give_up_session',
  `WITH oldest AS (
     SELECT k.session_id, max(k.taken_at) AS last FROM workspace_captures k LEFT JOIN sessions s ON s.id = k.session_id
     WHERE ${GIVABLE} GROUP BY k.session_id, s.status_updated_at
     ORDER BY coalesce(s.status_updated_at, max(k.taken_at)), k.session_id LIMIT 1
   ), given AS (
     SELECT k.id FROM workspace_captures k CROSS JOIN oldest o
     WHERE ${GIVABLE} AND (k.session_id IS NOT DISTINCT FROM o.session_id OR (k.session_id IS NULL AND k.taken_at <= o.last))
     ORDER BY k.id FOR NO KEY UPDATE OF k SKIP LOCKED)
   UPDATE workspace_captures c SET pruned_at = $3 FROM given g WHERE c.id = g.id RETURNING c.id`,
);
const WORKSPACES = statement(
  'captures.workspaces',
  'SELECT id, project_id AS "projectId", path FROM workspaces WHERE id = ANY($1::uuid[])',
);

export interface CaptureCounts {
  captures: number;
  pruned: number;
  oldest: Date | null;
  newest: Date | null;
}

/** Trees of the captures of a workspace that are kept. */
export async function keptTrees(db: Executor, projectId: string, workspaceId: string): Promise<string[]> {
  return (await db.query<{ treeId: string }>(KEPT, [projectId, workspaceId])).map(({ treeId }) => treeId);
}

export async function countCaptures(db: Executor, projectId: string, workspaceId: string): Promise<CaptureCounts> {
  const [row] = await db.query<CaptureCounts>(USAGE, [projectId, workspaceId]);
  return row ?? { captures: 0, pruned: 0, oldest: null, newest: null };
}

/** Gives up what was taken before a time. */
export async function giveUpOld(
  db: Executor,
  projectId: string,
  workspaceId: string,
  at: Date,
  before: Date,
): Promise<void> {
  await db.query(GIVE_UP_OLD, [projectId, workspaceId, at, before]);
}

/** Gives up the captures of the session that finished first. Answers how many; 0 where none can be given up. */
export async function giveUpOldestSession(
  db: Executor,
  projectId: string,
  workspaceId: string,
  at: Date,
): Promise<number> {
  return (await db.query(GIVE_UP_SESSION, [projectId, workspaceId, at])).length;
}

/** Which of these are workspaces, forgotten ones included. */
export async function workspacesAmong(
  db: Executor,
  ids: readonly string[],
): Promise<{ id: string; projectId: string; path: string }[]> {
  return db.query<{ id: string; projectId: string; path: string }>(WORKSPACES, [ids]);
}
