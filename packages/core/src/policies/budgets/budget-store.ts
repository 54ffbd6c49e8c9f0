import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type Budget, budgetSchema } from './budget.ts';
import { SUMS, treeBelow } from './spending-store.ts';

const SINCE = `CASE b.period WHEN 'total' THEN '-infinity'::date ELSE date_trunc(b.period, now() AT TIME ZONE 'UTC')::date END`;
const SPENT = `LATERAL (
    SELECT ${SUMS} FROM (
      SELECT a.tokens, a.cost_micro_usd, a.seconds, a.tool_calls FROM agent_spending a
      WHERE b.scope <> 'session' AND a.project_id = b.project_id AND a.day >= ${SINCE}
        AND (b.scope = 'project' OR a.agent = b.agent)
      UNION ALL
      SELECT o.tokens, o.cost_micro_usd, o.seconds, o.tool_calls FROM session_spending o
      WHERE b.scope = 'session' AND o.project_id = b.project_id AND o.day >= ${SINCE}
        AND o.session_id IN (${treeBelow('b.project_id', 'b.session_id')})
    ) u) spent`;
const COLUMNS = `b.id, b.project_id, b.name, b.scope, b.session_id, b.agent, b.limits, b.period, b.warning_share, b.created_by, b.version,
  b.created_at, b.updated_at, spent.tokens, spent.cost_usd, spent.seconds, spent.tool_calls`;

const OF_SESSION = statement(
  'budgets.of_session',
  `WITH RECURSIVE above (id, parent_id) AS (
     SELECT s.id, s.parent_id FROM sessions s WHERE s.project_id = $1 AND s.id = $2
     UNION SELECT s.id, s.parent_id FROM sessions s JOIN above a ON s.id = a.parent_id WHERE s.project_id = $1)
   SELECT ${COLUMNS} FROM budgets b, ${SPENT}
   WHERE b.project_id = $1 AND (b.scope = 'project' OR b.agent = $3 OR b.session_id IN (SELECT id FROM above))
   ORDER BY b.name`,
);

/** Budgets that a session's spending counts against while this agent runs it. */
export async function budgetsOfSession(
  db: Executor,
  projectId: string,
  sessionId: string,
  agent: string | null,
): Promise<Budget[]> {
  return (await db.query<CamelRow>(OF_SESSION, [projectId, sessionId, agent])).map(toBudget);
}

const GET = statement(
  'budgets.get',
  `SELECT ${COLUMNS} FROM budgets b, ${SPENT} WHERE b.project_id = $1 AND (b.id::text = $2 OR b.name = $2)`,
);

/** @param reference id or name. */
export async function getBudget(db: Executor, projectId: string, reference: string): Promise<Budget | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, reference]);
  return row ? toBudget(row) : null;
}

const LIST = statement(
  'budgets.list',
  `SELECT ${COLUMNS} FROM budgets b, ${SPENT} WHERE b.project_id = $1 ORDER BY b.name LIMIT $2 OFFSET $3`,
);
const COUNT = statement('budgets.count', 'SELECT count(*)::integer AS total FROM budgets WHERE project_id = $1');

/** By name. */
export async function listBudgets(
  db: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: Budget[]; total: number }> {
  const rows = await db.query<CamelRow>(LIST, [projectId, limit, offset]);
  const [counted] = await db.query<{ total: number }>(COUNT, [projectId]);
  return { items: rows.map(toBudget), total: counted?.total ?? 0 };
}

const INSERT = statement(
  'budgets.insert',
  `INSERT INTO budgets (project_id, id, name, scope, session_id, agent, limits, period, warning_share, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
);

/** False when the name is taken. */
export async function insertBudget(
  tx: Transaction,
  projectId: string,
  budget: Pick<Budget, 'id' | 'name' | 'owner' | 'limits' | 'period' | 'warningShare' | 'createdBy'>,
): Promise<boolean> {
  const { id, name, owner, limits, period, warningShare, createdBy } = budget;
  const whose = [owner.scope, 'sessionId' in owner ? owner.sessionId : null, 'agent' in owner ? owner.agent : null];
  const values = [projectId, id, name, ...whose, JSON.stringify(limits), period, warningShare, createdBy];
  return (await tx.query(INSERT, values)).length > 0;
}

const UPDATE = statement(
  'budgets.update',
  `UPDATE budgets SET limits = $4, period = $5, warning_share = $6, version = version + 1, updated_at = now()
   WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id`,
);

/** False when the version is not the present one. */
export async function writeBudget(tx: Transaction, projectId: string, budget: Budget): Promise<boolean> {
  const { id, version, limits, period, warningShare } = budget;
  const values = [projectId, id, version, JSON.stringify(limits), period, warningShare];
  return (await tx.query(UPDATE, values)).length > 0;
}

const REMOVE = statement(
  'budgets.remove',
  'DELETE FROM budgets WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id',
);

/** False when the version is not the present one. */
export async function removeBudget(tx: Transaction, projectId: string, id: string, version: number): Promise<boolean> {
  return (await tx.query(REMOVE, [projectId, id, version])).length > 0;
}

const NOTE = statement(
  'budgets.note',
  `INSERT INTO budget_notes (budget_id, version, since, kind) SELECT b.id, b.version, ${SINCE}, $3
   FROM budgets b WHERE b.project_id = $1 AND b.id = $2 ON CONFLICT DO NOTHING RETURNING kind`,
);

/** True the first time in a period, and again once the budget has been changed. */
export async function noteOnce(
  tx: Transaction,
  projectId: string,
  budgetId: string,
  kind: 'warning' | 'reached',
): Promise<boolean> {
  return (await tx.query(NOTE, [projectId, budgetId, kind])).length > 0;
}

function toBudget(row: CamelRow): Budget {
  const { scope, sessionId, agent, tokens, costUsd, seconds, toolCalls, ...rest } = camelRow(row);
  const owner = scope === 'project' ? { scope } : scope === 'session' ? { scope, sessionId } : { scope, agent };
  return budgetSchema.parse({ ...rest, owner, spent: { tokens, costUsd, seconds, toolCalls } });
}
