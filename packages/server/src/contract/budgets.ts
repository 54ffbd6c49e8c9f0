import { budgetSchema, createBudgetSchema, updateBudgetSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'budgets';
const params = z.strictObject({ budget: z.string().min(1).max(63).describe('Name or id of the budget.') });

export const budgetPageSchema = pageOf(budgetSchema);

export const listBudgets = operation({
  id: 'listBudgets',
  method: 'GET',
  path: '/budgets',
  tag,
  summary: 'List budgets with what is spent of them',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of budgets, by name.', schema: budgetPageSchema },
});

export const createBudget = operation({
  id: 'createBudget',
  method: 'POST',
  path: '/budgets',
  tag,
  summary: 'Limit what a session, an agent or the project may spend',
  description:
    'What a session spends counts against its own budgets, those of all sessions above it, of the agent that runs it and of its project. From `warningShare` of a limit on it is warned of, once a period; where a limit is used up, sessions that it counts for are paused until the budget suffices again.',
  role: 'operator',
  body: createBudgetSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The budget.', schema: budgetSchema },
  example: { name: 'daily', owner: { scope: 'project' }, limits: { costUsd: 25 }, period: 'day' },
});

export const getBudget = operation({
  id: 'getBudget',
  method: 'GET',
  path: '/budgets/{budget}',
  tag,
  summary: 'One budget with what is spent of it',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The budget.', schema: budgetSchema },
});

export const updateBudget = operation({
  id: 'updateBudget',
  method: 'PATCH',
  path: '/budgets/{budget}',
  tag,
  summary: 'Raise or lower a budget',
  description: 'Sessions that stand still for it go on where it suffices now. `limits` replaces all limits.',
  role: 'operator',
  params,
  body: updateBudgetSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The budget as it is now.', schema: budgetSchema },
  example: { limits: { costUsd: 50 } },
});

export const deleteBudget = operation({
  id: 'deleteBudget',
  method: 'DELETE',
  path: '/budgets/{budget}',
  tag,
  summary: 'Remove a budget',
  description: 'Sessions that stand still for it go on.',
  role: 'operator',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is removed.' },
});
