import { recordAudit } from '../../audit/index.ts';
import type { Executor, Transaction } from '../../platform/database/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { type Budget, type Measure, standingOf } from './budget.ts';
import { budgetsOfSession, noteOnce } from './budget-store.ts';
import { bookSpending, type Charge } from './spending-store.ts';

/**
 * Books what a session used, in the transaction that adds it to its metrics (and so holds their row): against its own
 * budgets, those of all sessions above it, of the agent that runs it, and of its project. Warnings and limits are told
 * once a period. Answers a budget that is used up, for which the session has to stand still.
 */
export async function chargeBudgets(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string | null,
  charge: Charge,
): Promise<Budget | null> {
  await bookSpending(tx, projectId, sessionId, agent, charge);
  let first: Budget | null = null;
  for (const budget of await budgetsOfSession(tx, projectId, sessionId, agent)) {
    const { usedUp, near } = standingOf(budget);
    if (near.length > 0) await tell(tx, budget, 'warning', near, sessionId);
    if (usedUp.length === 0) continue;
    await tell(tx, budget, 'reached', usedUp, sessionId);
    first ??= budget;
  }
  return first;
}

/** The first budget, by name, that is used up for a session. */
export async function usedUpBudget(
  db: Executor,
  projectId: string,
  sessionId: string,
  agent: string | null,
): Promise<Budget | null> {
  const budgets = await budgetsOfSession(db, projectId, sessionId, agent);
  return budgets.find((budget) => standingOf(budget).usedUp.length > 0) ?? null;
}

async function tell(
  tx: Transaction,
  { id, projectId, name, limits, spent }: Budget,
  change: 'warning' | 'reached',
  measures: readonly Measure[],
  sessionId: string,
): Promise<void> {
  if (!(await noteOnce(tx, projectId, id, change))) return;
  await recordAudit(tx, projectId, {
    actor: `budget:${name}`,
    action: `budget.${change}`,
    subjectType: 'budget',
    subjectId: id,
    details: { sessionId, measures: [...measures], limits, spent },
  });
  await recordFeed(tx, projectId, 'budget', { budgetId: id, name, change, sessionId });
}
