import type { Budgets } from '@signalbox/core';
import * as contract from '../contract/budgets.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function budgetRoutes(serve: Serve, budgets: Budgets): void {
  serve(contract.listBudgets, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => budgets.list(projectId, page, pageSize)),
  );
  serve(contract.createBudget, ({ body }, { projectId, actor }) => budgets.create(projectId, body, actor));
  serve(contract.getBudget, ({ params }, { projectId }) => budgets.get(projectId, params.budget));
  serve(contract.updateBudget, ({ params, body, version }, { projectId, actor }) =>
    budgets.update(projectId, params.budget, version, body, actor),
  );
  serve(contract.deleteBudget, ({ params, version }, { projectId, actor }) =>
    budgets.remove(projectId, params.budget, version, actor),
  );
}
