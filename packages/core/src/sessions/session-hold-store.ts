import { statement, type Transaction } from '../platform/database/index.ts';

const HOLD = statement(
  'sessions.hold',
  'INSERT INTO session_holds (project_id, session_id) VALUES ($1, $2) ON CONFLICT (session_id) DO NOTHING',
);

/** Notes that a session is paused only because one of its calls waits for people. */
export async function insertHold(tx: Transaction, projectId: string, sessionId: string): Promise<void> {
  await tx.query(HOLD, [projectId, sessionId]);
}

const FORGET = statement(
  'sessions.forget_holds',
  'DELETE FROM session_holds WHERE project_id = $1 AND session_id = ANY($2::uuid[]) RETURNING session_id',
);

/** The pause is nobody's or somebody else's from now on. Answers whether one of these was a hold's. */
export async function forgetHolds(tx: Transaction, projectId: string, sessionIds: readonly string[]): Promise<boolean> {
  return (await tx.query(FORGET, [projectId, sessionIds])).length > 0;
}
