import { type Executor, statement } from '../../platform/database/index.ts';

/** The capture that stood when the first frame's event happened, and the one before it, which tells what changed. */
const TREES = statement(
  'recordings.trees_in_use',
  `WITH spans AS (
     SELECT coalesce((SELECT e.occurred_at FROM journal_events e WHERE e.session_id = r.session_id AND e.seq = r.base_seq), s.created_at) AS begun,
       (SELECT e.occurred_at FROM journal_events e WHERE e.session_id = r.session_id AND e.seq = r.last_seq) AS over
     FROM recordings r JOIN sessions s ON s.project_id = r.project_id AND s.id = r.session_id
     WHERE r.project_id = $1 AND s.workspace_id = $2)
   SELECT DISTINCT k.tree_id AS "treeId" FROM spans x JOIN workspace_captures k ON k.project_id = $1 AND k.workspace_id = $2
     AND k.taken_at <= coalesce(x.over, x.begun)
     AND k.position >= coalesce((SELECT max(f.position) FROM workspace_captures f
       WHERE f.project_id = $1 AND f.workspace_id = $2 AND f.taken_at <= x.begun), 1) - 1`,
);

/** Trees of the captures of a workspace that stood while sessions in it were recorded. */
export async function treesWhileRecorded(db: Executor, projectId: string, workspaceId: string): Promise<string[]> {
  const rows = await db.query<{ treeId: string }>(TREES, [projectId, workspaceId]);
  return rows.map(({ treeId }) => treeId);
}
