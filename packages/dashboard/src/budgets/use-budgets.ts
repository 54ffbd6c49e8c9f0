import type { Budget } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';

const PAGE_SIZE = 100;
/** The feed tells of warnings and of what is used up; what is spent between is looked at. */
const LOOK_MS = 5_000;

/** The budgets of the project, with what is spent of them. */
export function useBudgets(): Pages<Budget> {
  const { client, project } = useApi();
  return usePages({
    queryKey: keys.budgets(project),
    read: (page, signal) => client.budgets.list({ page, pageSize: PAGE_SIZE }, { signal }),
    everyMs: LOOK_MS,
  });
}

export function useBudgetsChanged(): () => void {
  const { project } = useApi();
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: keys.budgets(project) });
}
