import { recordAudit } from '../../audit/index.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { isSessionThere } from '../policy-store.ts';
import {
  type Budget,
  type CreateBudget,
  createBudgetSchema,
  type Spending,
  type UpdateBudget,
  updateBudgetSchema,
} from './budget.ts';
import { getBudget, insertBudget, listBudgets, removeBudget, writeBudget } from './budget-store.ts';
import { usedUpBudget } from './charge-budgets.ts';
import { spendingOfSession } from './spending-store.ts';

/**
 * What sessions, agents and projects may spend. A session whose budget is used up stands still, it is not ended: that can
 * be taken back once the budget is raised, with the process and its conversation still there.
 */
export class Budgets {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(parts: { database: Database; ids: Ids }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
  }

  /** A budget that is used up for a session while this agent runs it; null: it may go on. */
  usedUp(projectId: string, sessionId: string, agent: string | null): Promise<Budget | null> {
    return usedUpBudget(this.#database, projectId, sessionId, agent);
  }

  /** What a session and those below it have spent, as a budget of the session counts it. */
  spentBy(projectId: string, sessionId: string): Promise<Spending> {
    return spendingOfSession(this.#database, projectId, sessionId);
  }

  /** @throws VALIDATION_FAILED, UNKNOWN_FIELD, BUDGET_EXISTS, SESSION_NOT_FOUND */
  async create(projectId: string, input: CreateBudget, actor: string): Promise<Budget> {
    const wanted = parseInput(createBudgetSchema, input);
    const { owner, name } = wanted;
    return this.#database.transaction(async (tx) => {
      if (owner.scope === 'session' && !(await isSessionThere(tx, projectId, owner.sessionId))) {
        throw new SignalboxError('SESSION_NOT_FOUND', { id: owner.sessionId });
      }
      const id = this.#ids.uuid();
      const isNew = await insertBudget(tx, projectId, { ...wanted, id, createdBy: actor });
      if (!isNew) throw new SignalboxError('BUDGET_EXISTS', { name });
      const made = found(id, await getBudget(tx, projectId, id));
      await record(tx, 'create', made, actor, null);
      return made;
    });
  }

  /** @param reference id or name. @throws BUDGET_NOT_FOUND */
  async get(projectId: string, reference: string): Promise<Budget> {
    return found(reference, await getBudget(this.#database, projectId, reference));
  }

  /** By name. */
  list(projectId: string, page: number, pageSize: number): Promise<{ items: Budget[]; total: number }> {
    return listBudgets(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /**
   * Sessions that stand still for it go on where it suffices now.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, BUDGET_NOT_FOUND, OPTIMISTIC_LOCK
   */
  async update(
    projectId: string,
    reference: string,
    version: number,
    input: UpdateBudget,
    actor: string,
  ): Promise<Budget> {
    const changes = parseInput(updateBudgetSchema, input) as Partial<Budget>;
    return this.#database.transaction(async (tx) => {
      const before = found(reference, await getBudget(tx, projectId, reference));
      if (!(await writeBudget(tx, projectId, { ...before, ...changes, version }))) throw stale(before, version);
      const after = found(reference, await getBudget(tx, projectId, reference));
      await record(tx, 'update', after, actor, version);
      return after;
    });
  }

  /** Sessions that stand still for it go on. @throws BUDGET_NOT_FOUND, OPTIMISTIC_LOCK */
  async remove(projectId: string, reference: string, version: number, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const budget = found(reference, await getBudget(tx, projectId, reference));
      if (!(await removeBudget(tx, projectId, budget.id, version))) throw stale(budget, version);
      await record(tx, 'delete', budget, actor, version);
    });
  }
}

function found(budget: string, there: Budget | null): Budget {
  if (!there) throw new SignalboxError('BUDGET_NOT_FOUND', { budget });
  return there;
}

function stale({ id, version }: Budget, received: number): SignalboxError {
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'budget', id, expected: version, received });
}

async function record(
  tx: Transaction,
  verb: 'create' | 'update' | 'delete',
  { id, projectId, name, owner, limits, period, warningShare, version }: Budget,
  actor: string,
  before: number | null,
): Promise<void> {
  const versionAfter = verb === 'delete' ? null : version;
  await recordAudit(tx, projectId, {
    actor,
    action: `budget.${verb}`,
    subjectType: 'budget',
    subjectId: id,
    versionBefore: before,
    versionAfter,
    details: { name, owner, limits, period, warningShare },
  });
  await recordFeed(tx, projectId, 'budget', { budgetId: id, name, change: `${verb}d`, version: versionAfter });
}
