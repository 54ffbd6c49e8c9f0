import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { ChangeWindow, ExpectedWrite, WindowOwner } from './change-window.ts';

/** A window of a session that has ended, or runs another attempt by now, can only explain what came until then. */
const OVER = `(s.attempt <> w.attempt OR s.status IN ('completed', 'partially_completed', 'failed', 'timeout', 'stopped',
  'cancelled', 'orphaned', 'expired'))`;

const OPEN = statement(
  'windows.open',
  `INSERT INTO change_windows (id, project_id, workspace_id, session_id, call_id, tool, actor, attempt, expected, opened, opened_at)
   VALUES ($3, $1, $2, $4, $5, $6, $7, $8, $9, $10, $11)
   ON CONFLICT (session_id, coalesce(call_id, '')) WHERE closed IS NULL
   DO UPDATE SET attempt = EXCLUDED.attempt, expected = EXCLUDED.expected`,
);

export interface OpenedWindow extends WindowOwner {
  id: string;
  expected: readonly ExpectedWrite[] | null;
  /** Of the chain: what comes after it may be this window's. */
  position: number;
  at: string;
}

/** Opens a window; one that is open for the same call stays. The chain's head must be held. */
export async function insertWindow(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  window: OpenedWindow,
): Promise<void> {
  const { id, sessionId, callId, tool, actor, attempt, expected, position, at } = window;
  const writes = expected === null ? null : JSON.stringify(expected);
  await tx.query(OPEN, [projectId, workspaceId, id, sessionId, callId, tool, actor, attempt, writes, position, at]);
}

const CLOSE = statement(
  'windows.close',
  `UPDATE change_windows SET closed = $5, closed_at = $6
   WHERE project_id = $1 AND workspace_id = $2 AND session_id = $3 AND ($7 OR coalesce(call_id, '') = coalesce($4, ''))
     AND closed IS NULL`,
);

/** Closes the window of a call (null: of the whole run), or all of a session. The chain's head must be held. */
export async function closeWindows(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  which: { sessionId: string; callId: string | null; all: boolean },
  position: number,
  at: string,
): Promise<void> {
  await tx.query(CLOSE, [projectId, workspaceId, which.sessionId, which.callId, position, at, which.all]);
}

const ALL_OPEN = statement(
  'windows.all_open',
  `SELECT w.id, w.session_id AS "sessionId", w.call_id AS "callId", w.tool, w.actor, w.attempt, w.expected, ${OVER} AS over
   FROM change_windows w JOIN sessions s ON s.id = w.session_id
   WHERE w.project_id = $1 AND w.workspace_id = $2 AND w.closed IS NULL ORDER BY w.opened_at, w.id`,
);

/** All windows that are open, those included that their session's end has left so. */
export async function openWindows(
  db: Executor,
  projectId: string,
  workspaceId: string,
): Promise<(ChangeWindow & { over: boolean })[]> {
  return db.query<ChangeWindow & { over: boolean }>(ALL_OPEN, [projectId, workspaceId]);
}

const CLOSE_OVER = statement(
  'windows.close_over',
  `UPDATE change_windows w SET closed = $3, closed_at = $4 FROM sessions s
   WHERE w.project_id = $1 AND w.workspace_id = $2 AND w.closed IS NULL AND s.id = w.session_id AND ${OVER}`,
);

/** Closes what the end of a session has left open. The chain's head must be held. */
export async function closeOverWindows(
  tx: Transaction,
  projectId: string,
  workspaceId: string,
  position: number,
  at: string,
): Promise<void> {
  await tx.query(CLOSE_OVER, [projectId, workspaceId, position, at]);
}

const WRITERS = statement(
  'windows.writers',
  `SELECT DISTINCT w.session_id AS "sessionId" FROM change_windows w JOIN sessions s ON s.id = w.session_id
   WHERE w.project_id = $1 AND w.workspace_id = $2 AND w.closed IS NULL AND NOT ${OVER} AND s.status <> 'paused'`,
);

/** Sessions that may be writing now: with an open window, and not paused. */
export async function writingSessions(db: Executor, projectId: string, workspaceId: string): Promise<string[]> {
  return (await db.query<{ sessionId: string }>(WRITERS, [projectId, workspaceId])).map((row) => row.sessionId);
}
