import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type { Budget, CreateBudget, ListQuery, Page, UpdateBudget } from '../types.ts';

/** What sessions, agents and the project may spend. A budget goes by its name or its id. */
export function budgetMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Budget>> =>
      answerOf(http.GET('/api/v1/budgets', { params: { query }, ...options })),
    get: (budget: string, options: CallOptions = {}): Promise<Budget> =>
      answerOf(http.GET('/api/v1/budgets/{budget}', { params: { path: { budget } }, ...options })),
    create: (budget: CreateBudget, options?: CreateOptions): Promise<Budget> =>
      answerOf(http.POST('/api/v1/budgets', { body: budget, ...creating(options) })),
    update: (budget: string, version: number, change: UpdateBudget, options: CallOptions = {}): Promise<Budget> =>
      answerOf(
        http.PATCH('/api/v1/budgets/{budget}', {
          params: { path: { budget }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    delete: (budget: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/budgets/{budget}', {
          params: { path: { budget }, header: ifMatch(version) },
          ...options,
        }),
      ),
  };
}
