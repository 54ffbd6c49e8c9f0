import type { ListQuery } from '@signalbox/client';
import type { Sort } from '../list/rows.ts';

/** What the list of tasks can be narrowed and ordered by, as it stands in the address. */
export const TASK_FILTER_NAMES = ['status', 'queue', 'type', 'session', 'agent', 'trace', 'sort'] as const;
export type TaskFilterName = (typeof TASK_FILTER_NAMES)[number];
export type TaskFilters = { [Name in TaskFilterName]?: string | undefined };

/** Columns the server can order by. */
const SORTABLE = ['type', 'status', 'queue', 'priority', 'failures', 'createdAt', 'finishedAt'] as const;
export type TaskSortKey = (typeof SORTABLE)[number];

const DEFAULT_SORT: Sort<TaskSortKey> = { key: 'createdAt', order: 'desc' };

/** `-createdAt` means newest first. What is not a column falls back to that. */
export function taskSortOf({ sort = '' }: TaskFilters): Sort<TaskSortKey> {
  const key = SORTABLE.find((each) => each === sort.replace(/^-/, ''));
  return key === undefined ? DEFAULT_SORT : { key, order: sort.startsWith('-') ? 'desc' : 'asc' };
}

export function taskSortText({ key, order }: Sort<TaskSortKey>): string | undefined {
  if (key === DEFAULT_SORT.key && order === DEFAULT_SORT.order) return undefined;
  return order === 'desc' ? `-${key}` : key;
}

/** The server's query for what stands in the address, without the page. */
export function taskQueryOf(filters: TaskFilters): ListQuery {
  const { key, order } = taskSortOf(filters);
  const { status, queue, type, session, agent, trace } = filters;
  return {
    sortBy: key,
    sortOrder: order,
    ...(status === undefined ? {} : status.includes(',') ? { 'status.in': status } : { status }),
    ...(queue === undefined ? {} : { queue }),
    ...(type === undefined ? {} : { type }),
    ...(session === undefined ? {} : { sessionId: session }),
    ...(agent === undefined ? {} : { claimedBy: agent }),
    ...(trace === undefined ? {} : { traceId: trace }),
  };
}

/** Whether anything narrows the list. */
export function isTaskListNarrowed(filters: TaskFilters): boolean {
  return TASK_FILTER_NAMES.some((name) => name !== 'sort' && filters[name] !== undefined);
}

/** The filters among what an address holds. */
export function taskFiltersOf(search: Record<string, unknown>): TaskFilters {
  return Object.fromEntries(
    TASK_FILTER_NAMES.flatMap((name) => (typeof search[name] === 'string' ? [[name, search[name]]] : [])),
  );
}
