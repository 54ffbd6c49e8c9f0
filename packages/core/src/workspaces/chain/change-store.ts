import { statement, type Transaction } from '../../platform/database/index.ts';
import type { WorkspaceChange } from './workspace-change.ts';

const INSERT = statement(
  'changes.insert',
  `INSERT INTO workspace_changes (id, project_id, workspace_id, position, path, operation, old_path, before_oid, after_oid,
     before_mode, after_mode, "binary", additions, deletions, before_tree, after_tree, attribution, session_id, call_id,
     tool, actor, attempt, undo_id, candidates, occurred_at)
   SELECT r.id, $1, r."workspaceId", r.position, r.path, r.operation, r."oldPath", r."beforeOid", r."afterOid",
     r."beforeMode", r."afterMode", r."binary", r.additions, r.deletions, r."beforeTree", r."afterTree", r.attribution,
     r."sessionId", r."callId", r.tool, r.actor, r.attempt, r."undoId", r.candidates, r."occurredAt"
   FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, "workspaceId" uuid, position integer, path text, operation text,
     "oldPath" text, "beforeOid" text, "afterOid" text, "beforeMode" text, "afterMode" text, "binary" boolean,
     additions integer, deletions integer, "beforeTree" text, "afterTree" text, attribution text, "sessionId" uuid,
     "callId" text, tool text, actor text, attempt integer, "undoId" uuid, candidates jsonb, "occurredAt" timestamptz)`,
);

/** Writes the changes of one interval. The chain's head must be held. */
export async function insertChanges(
  tx: Transaction,
  projectId: string,
  changes: readonly WorkspaceChange[],
): Promise<void> {
  if (changes.length > 0) await tx.query(INSERT, [projectId, JSON.stringify(changes)]);
}
