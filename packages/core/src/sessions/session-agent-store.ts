import { statement, type Transaction } from '../platform/database/index.ts';

const JOIN = statement(
  'sessions.join',
  `INSERT INTO session_agents AS a (session_id, project_id, agent) VALUES ($2, $1, $3)
   ON CONFLICT (session_id, agent) DO UPDATE SET left_at = NULL WHERE a.left_at IS NOT NULL
   RETURNING a.agent`,
);

/** False when the agent was a member already (SES-068). Who comes back keeps its place in the order. */
export async function insertMember(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string,
): Promise<boolean> {
  return (await tx.query(JOIN, [projectId, sessionId, agent])).length > 0;
}

const LEAVE = statement(
  'sessions.leave',
  `UPDATE session_agents SET left_at = now() WHERE project_id = $1 AND session_id = $2 AND agent = $3 AND left_at IS NULL
   RETURNING agent`,
);

/** False when the agent was no member (SES-069). */
export async function endMembership(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string,
): Promise<boolean> {
  return (await tx.query(LEAVE, [projectId, sessionId, agent])).length > 0;
}

const COUNT = statement(
  'sessions.count_members',
  'SELECT count(*)::int AS members FROM session_agents WHERE project_id = $1 AND session_id = $2 AND left_at IS NULL',
);

export async function countMembers(tx: Transaction, projectId: string, sessionId: string): Promise<number> {
  const [row] = await tx.query<{ members: number }>(COUNT, [projectId, sessionId]);
  return row?.members ?? 0;
}
