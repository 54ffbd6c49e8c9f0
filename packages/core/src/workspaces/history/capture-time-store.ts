import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type WorkspaceCapture, workspaceCaptureSchema } from '../chain/index.ts';

const COLUMNS = `k.id, k.project_id, k.workspace_id, k.position, k.tree_id, k.files, k.bytes::double precision AS bytes, k.head, k.branch,
  k.index_hash, k.stash, k.operation, k.unreadable, k.empty_directories, k.reason, k.session_id, k.pruned_at, k.taken_at`;

const BEFORE = statement(
  'captures.before',
  `SELECT ${COLUMNS} FROM workspace_captures k WHERE k.project_id = $1 AND k.workspace_id = $2 AND k.taken_at <= $3::timestamptz
   ORDER BY k.position DESC LIMIT 1`,
);

/** The capture that stood at this instant; null where there was none yet. */
export async function captureBefore(
  db: Executor,
  projectId: string,
  workspaceId: string,
  at: string,
): Promise<WorkspaceCapture | null> {
  const [row] = await db.query<CamelRow>(BEFORE, [projectId, workspaceId, at]);
  return row ? workspaceCaptureSchema.parse(camelRow(row)) : null;
}

const AT = statement(
  'captures.at_position',
  `SELECT ${COLUMNS} FROM workspace_captures k WHERE k.project_id = $1 AND k.workspace_id = $2 AND k.position = $3`,
);

/** The capture at a position of the chain; null where there is none. */
export async function captureAtPosition(
  db: Executor,
  projectId: string,
  workspaceId: string,
  position: number,
): Promise<WorkspaceCapture | null> {
  const [row] = await db.query<CamelRow>(AT, [projectId, workspaceId, position]);
  return row ? workspaceCaptureSchema.parse(camelRow(row)) : null;
}
