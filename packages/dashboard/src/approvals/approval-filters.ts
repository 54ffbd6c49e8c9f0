import type { ListQuery } from '@signalbox/client';
import type { Sort } from '../list/rows.ts';
import { DECIDED_STATUSES } from './approval-looks.ts';

/** What the inbox can be narrowed and ordered by, as it stands in the address. `show=decided` is the history. */
export const APPROVAL_FILTER_NAMES = ['show', 'status', 'tool', 'session', 'asker', 'decider', 'sort'] as const;
export type ApprovalFilterName = (typeof APPROVAL_FILTER_NAMES)[number];
export type ApprovalFilters = { [Name in ApprovalFilterName]?: string | undefined };

/** Columns the server can order by. */
const SORTABLE = ['tool', 'status', 'requestedBy', 'requestedAt', 'expiresAt', 'decidedBy', 'decidedAt'] as const;
export type ApprovalSortKey = (typeof SORTABLE)[number];

/** What waits is shown by how soon its time is over, what is decided by when it was. */
const DEFAULT_SORTS: Readonly<Record<'waiting' | 'decided', Sort<ApprovalSortKey>>> = {
  waiting: { key: 'expiresAt', order: 'asc' },
  decided: { key: 'decidedAt', order: 'desc' },
};

export function isHistory({ show }: ApprovalFilters): boolean {
  return show === 'decided';
}

function defaultSort(filters: ApprovalFilters): Sort<ApprovalSortKey> {
  return DEFAULT_SORTS[isHistory(filters) ? 'decided' : 'waiting'];
}

/** `-decidedAt` means the last decided first. What is not a column falls back to the order of the view. */
export function approvalSortOf(filters: ApprovalFilters): Sort<ApprovalSortKey> {
  const text = filters.sort ?? '';
  const key = SORTABLE.find((each) => each === text.replace(/^-/, ''));
  return key === undefined ? defaultSort(filters) : { key, order: text.startsWith('-') ? 'desc' : 'asc' };
}

export function approvalSortText(filters: ApprovalFilters, { key, order }: Sort<ApprovalSortKey>): string | undefined {
  const usual = defaultSort(filters);
  if (key === usual.key && order === usual.order) return undefined;
  return order === 'desc' ? `-${key}` : key;
}

/** The server's query for what stands in the address, without the page. */
export function approvalQueryOf(filters: ApprovalFilters): ListQuery {
  const { key, order } = approvalSortOf(filters);
  const { tool, session, asker, decider } = filters;
  return {
    sortBy: key,
    sortOrder: order,
    ...(isHistory(filters) ? { 'status.in': decidedStatuses(filters) } : { status: 'pending' }),
    ...(tool === undefined ? {} : { tool }),
    ...(session === undefined ? {} : { sessionId: session }),
    ...(asker === undefined ? {} : { requestedBy: asker }),
    ...(decider === undefined || !isHistory(filters) ? {} : { decidedBy: decider }),
  };
}

/** What is pending is never among what was decided, whatever an address says. */
function decidedStatuses({ status = '' }: ApprovalFilters): string {
  const wanted = status.split(',').filter((each) => DECIDED_STATUSES.some((decided) => decided === each));
  return (wanted.length > 0 ? wanted : DECIDED_STATUSES).join(',');
}

/** Whether anything narrows the list. */
export function isInboxNarrowed(filters: ApprovalFilters): boolean {
  return APPROVAL_FILTER_NAMES.some((name) => !['show', 'sort'].includes(name) && filters[name] !== undefined);
}

/** The filters among what an address holds. */
export function approvalFiltersOf(search: Record<string, unknown>): ApprovalFilters {
  return Object.fromEntries(
    APPROVAL_FILTER_NAMES.flatMap((name) => (typeof search[name] === 'string' ? [[name, search[name]]] : [])),
  );
}
