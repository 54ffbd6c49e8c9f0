import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { Spending } from './budget.ts';

/** What is booked at once. Time is not among it: it is what the attempt ran since it was last booked. */
export interface Charge {
  tokens: number;
  costMicroUsd: number;
  toolCalls: number;
}

// The caller holds the row of the metrics, so nobody else books the same time.
const BOOK = statement(
  'spending.book',
  `WITH booked AS (
     SELECT s.attempt, (now() AT TIME ZONE 'UTC')::date AS day, greatest(0,
       coalesce(extract(epoch FROM coalesce(m.ended_at, m.paused_at, now()) - m.started_at)::double precision - m.paused_seconds, 0)
       - (SELECT coalesce(sum(o.seconds), 0) FROM session_spending o WHERE o.session_id = s.id AND o.attempt = s.attempt)) AS seconds
     FROM sessions s JOIN session_metrics m ON m.session_id = s.id WHERE s.project_id = $1 AND s.id = $2),
   of_agent AS (
     INSERT INTO agent_spending AS a (project_id, agent, day, tokens, cost_micro_usd, tool_calls, seconds)
     SELECT $1, $6, day, $3, $4, $5, seconds FROM booked
     ON CONFLICT (project_id, agent, day) DO UPDATE SET tokens = a.tokens + excluded.tokens,
       cost_micro_usd = a.cost_micro_usd + excluded.cost_micro_usd, tool_calls = a.tool_calls + excluded.tool_calls,
       seconds = a.seconds + excluded.seconds)
   INSERT INTO session_spending AS u (project_id, session_id, attempt, day, tokens, cost_micro_usd, tool_calls, seconds)
   SELECT $1, $2, attempt, day, $3, $4, $5, seconds FROM booked
   ON CONFLICT (session_id, attempt, day) DO UPDATE SET tokens = u.tokens + excluded.tokens,
     cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, tool_calls = u.tool_calls + excluded.tool_calls,
     seconds = u.seconds + excluded.seconds`,
);

/** Books what a session used, on today and on who runs it; the caller holds the row of its metrics. */
export async function bookSpending(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string | null,
  { tokens, costMicroUsd, toolCalls }: Charge,
): Promise<void> {
  await tx.query(BOOK, [projectId, sessionId, tokens, costMicroUsd, toolCalls, agent ?? '']);
}

/** Sums of spending rows `u`, as they are told. */
export const SUMS = `coalesce(sum(u.tokens), 0)::double precision AS tokens,
    coalesce(sum(u.cost_micro_usd), 0)::double precision / 1e6 AS cost_usd,
    coalesce(sum(u.seconds), 0)::double precision AS seconds, coalesce(sum(u.tool_calls), 0)::double precision AS tool_calls`;

/** Ids of the session `root` and of all below it in its project; both are SQL. */
export function treeBelow(project: string, root: string): string {
  return `WITH RECURSIVE below (id) AS (SELECT ${root}
      UNION SELECT s.id FROM sessions s JOIN below o ON s.parent_id = o.id WHERE s.project_id = ${project})
    SELECT id FROM below`;
}

const SPENT = statement(
  'spending.of_session',
  `SELECT ${SUMS} FROM session_spending u WHERE u.project_id = $1 AND u.session_id IN (${treeBelow('$1', '$2::uuid')})`,
);

/** What a session and those below it have spent in all their attempts. */
export async function spendingOfSession(db: Executor, projectId: string, sessionId: string): Promise<Spending> {
  const [row] = await db.query<CamelRow>(SPENT, [projectId, sessionId]);
  return camelRow(row as CamelRow) as unknown as Spending;
}
