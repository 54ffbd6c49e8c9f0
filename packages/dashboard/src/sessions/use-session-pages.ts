import type { ListQuery, Page, Session } from '@signalbox/client';
import { keepPreviousData, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { currentTime } from '../ui/clock.ts';
import { listQueryOf, type SessionFilters } from './session-filters.ts';

export const PAGE_SIZE = 100;

/** The list as far as it is loaded. Rows not loaded yet are undefined; their places are known. */
export interface SessionRows {
  total: number;
  /** Nothing has been answered yet. */
  pending: boolean;
  /** What the list shows belongs to the filters before these. */
  stale: boolean;
  error: unknown;
  row(index: number): Session | undefined;
  /** Says which rows are in view, so that their pages are loaded. */
  view(first: number, last: number): void;
  /** Puts newer versions into the rows that are loaded, without changing their order. */
  patch(sessions: readonly Session[]): void;
  /** Reads the pages in view again, with their present order. */
  refresh(): void;
  retry(): void;
}

/**
 * The list of sessions, a hundred at a time and only those looked at: ten thousand rows cost what fits the screen.
 */
export function useSessionPages(filters: SessionFilters): SessionRows {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const [range, setRange] = useState({ first: 1, last: 1 });
  // The question changes with what stands in the address and not with the passing of time.
  const filterText = JSON.stringify(filters);
  const { query, q } = useMemo(() => {
    const { q: words, ...rest } = JSON.parse(filterText) as SessionFilters;
    return { query: listQueryOf(rest, currentTime()), q: words };
  }, [filterText]);
  const question = useMemo(() => ({ ...query, q }), [query, q]);

  // The first page is always kept: it knows how many rows there are while others are still being read.
  const inView = Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
  const numbers = inView.includes(1) ? inView : [1, ...inView];
  const pages = useQueries({
    queries: numbers.map((page) => ({
      queryKey: keys.sessionPage(project, question, page),
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<Page<Session>> => {
        const paged: ListQuery = { ...query, page, pageSize: PAGE_SIZE };
        return q === undefined ? client.sessions.list(paged, { signal }) : client.sessions.search(q, paged, { signal });
      },
      placeholderData: page === 1 ? keepPreviousData : undefined,
      staleTime: 5_000,
    })),
  });

  const first = pages[numbers.indexOf(1)];

  const row = (index: number): Session | undefined => {
    const number = Math.floor(index / PAGE_SIZE) + 1;
    const page =
      pages[numbers.indexOf(number)]?.data ??
      queries.getQueryData<Page<Session>>(keys.sessionPage(project, question, number));
    return page?.items[index % PAGE_SIZE];
  };

  const view = useCallback((first: number, last: number) => {
    const firstPage = Math.floor(first / PAGE_SIZE) + 1;
    const lastPage = Math.floor(Math.max(first, last) / PAGE_SIZE) + 1;
    setRange((before) =>
      before.first === firstPage && before.last === lastPage ? before : { first: firstPage, last: lastPage },
    );
  }, []);

  const patch = useCallback(
    (sessions: readonly Session[]) => {
      const newer = new Map(sessions.map((session) => [session.id, session]));
      queries.setQueriesData<Page<Session>>({ queryKey: keys.sessionList(project) }, (page) => {
        if (page === undefined || !page.items.some((item) => newer.has(item.id))) return page;
        return { ...page, items: page.items.map((item) => newer.get(item.id) ?? item) };
      });
    },
    [project, queries],
  );

  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: keys.sessionList(project) });
  }, [project, queries]);

  return {
    total: first?.data?.total ?? 0,
    pending: first?.isPending ?? true,
    stale: pages.some((page) => page.isPlaceholderData),
    error: pages.find((page) => page.error !== null)?.error ?? null,
    row,
    view,
    patch,
    refresh,
    retry: () => {
      for (const page of pages) if (page.isError) void page.refetch();
    },
  };
}
