import { statement, type Transaction } from '../platform/database/index.ts';

const HOLD = statement(
  'sessions.hold',
  'INSERT INTO session_holds (project_id, session_id, since) VALUES ($1, $2, $3) ON CONFLICT (session_id) DO NOTHING',
);

/** Notes that a session is paused only because one of its calls waits for people. */
export async function insertHold(tx: Transaction, projectId: string, sessionId: string, since: Date): Promise<void> {
  await tx.query(HOLD, [projectId, sessionId, since]);
}

const SINCE = statement(
  'sessions.held_since',
  'SELECT since FROM session_holds WHERE project_id = $1 AND session_id = $2',
);

/** Since when a session waits for people, or did when its run ended; null where it does not. */
export async function heldSince(tx: Transaction, projectId: string, sessionId: string): Promise<Date | null> {
  const [row] = await tx.query<{ since: Date }>(SINCE, [projectId, sessionId]);
  return row?.since ?? null;
}

const FORGET = statement(
  'sessions.forget_holds',
  'DELETE FROM session_holds WHERE project_id = $1 AND session_id = ANY($2::uuid[]) RETURNING session_id',
);

/** The pause is nobody's or somebody else's from now on. Answers whether one of these was a hold's. */
export async function forgetHolds(tx: Transaction, projectId: string, sessionIds: readonly string[]): Promise<boolean> {
  return (await tx.query(FORGET, [projectId, sessionIds])).length > 0;
}
