import type { ListQuery } from '@signalbox/client';
import type { Sort } from '../list/rows.ts';

/** What the list of sessions can be narrowed and ordered by, as it stands in the address. */
export const SESSION_FILTER_NAMES = [
  'q',
  'status',
  'type',
  'priority',
  'runtime',
  'creator',
  'tag',
  'workspace',
  'since',
  'sort',
] as const;
export type SessionFilterName = (typeof SESSION_FILTER_NAMES)[number];
export type SessionFilters = { [Name in SessionFilterName]?: string | undefined };

/** Columns the server can order by. */
export const SORTABLE = ['title', 'status', 'priority', 'runtime', 'createdAt', 'lastEventAt'] as const;
export type SortKey = (typeof SORTABLE)[number];

export const DEFAULT_SORT: Sort<SortKey> = { key: 'createdAt', order: 'desc' };

/** How far back `since` may reach, in hours. */
export const SINCE_HOURS: Readonly<Record<string, { label: string; hours: number }>> = {
  '1h': { label: 'Last hour', hours: 1 },
  '24h': { label: 'Last 24 hours', hours: 24 },
  '7d': { label: 'Last 7 days', hours: 168 },
  '30d': { label: 'Last 30 days', hours: 720 },
};

/** `-createdAt` means newest first. What is not a column falls back to the default. */
export function sortOf(filters: SessionFilters): Sort<SortKey> {
  const text = filters.sort ?? '';
  const key = SORTABLE.find((each) => each === text.replace(/^-/, ''));
  return key === undefined ? DEFAULT_SORT : { key, order: text.startsWith('-') ? 'desc' : 'asc' };
}

export function sortText({ key, order }: Sort<SortKey>): string | undefined {
  if (key === DEFAULT_SORT.key && order === DEFAULT_SORT.order) return undefined;
  return order === 'desc' ? `-${key}` : key;
}

/** The server's query for what stands in the address, without the page and the words searched for. */
export function listQueryOf(filters: SessionFilters, now: Date): ListQuery {
  const { key, order } = sortOf(filters);
  const several = (name: string, values: string | undefined) =>
    values === undefined || values === '' ? {} : values.includes(',') ? { [`${name}.in`]: values } : { [name]: values };
  const since = filters.since === undefined ? undefined : SINCE_HOURS[filters.since];
  return {
    sortBy: key,
    sortOrder: order,
    ...several('status', filters.status),
    ...several('sessionType', filters.type),
    ...several('priority', filters.priority),
    ...several('runtime', filters.runtime),
    ...several('createdBy', filters.creator),
    ...several('workspaceId', filters.workspace),
    ...(filters.tag === undefined ? {} : { 'tags.json_contains': JSON.stringify([filters.tag]) }),
    ...(since === undefined ? {} : { 'createdAt.gte': hourBefore(now, since.hours) }),
  };
}

/** Rounded down to the minute, so that the same choice asks the same question again. */
function hourBefore(now: Date, hours: number): string {
  const minute = 60_000;
  return new Date(Math.floor(now.getTime() / minute) * minute - hours * 3_600_000).toISOString();
}

/** Whether anything narrows the list. */
export function isNarrowed(filters: SessionFilters): boolean {
  return SESSION_FILTER_NAMES.some((name) => name !== 'sort' && filters[name] !== undefined);
}
