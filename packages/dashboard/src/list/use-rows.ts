import type { Page } from '@signalbox/client';
import { keepPreviousData, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import type { Item, Rows } from './rows.ts';

export const PAGE_SIZE = 100;

interface Options<Each> {
  /** Under which all pages of all questions about this kind of thing are kept. */
  listKey: readonly unknown[];
  /** Under which one page of this question is kept; begins with `listKey`. */
  pageKey: (page: number) => readonly unknown[];
  read: (page: number, signal: AbortSignal) => Promise<Page<Each>>;
}

/** A list, a hundred at a time and only those looked at: ten thousand rows cost what fits the screen. */
export function useRows<Each extends Item>({ listKey, pageKey, read }: Options<Each>): Rows<Each> {
  const queries = useQueryClient();
  const [range, setRange] = useState({ first: 1, last: 1 });
  const seen = useRef({ first: 0, last: 0 });

  // The first page is always kept: it knows how many rows there are while others are still being read.
  const inRange = Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
  const numbers = inRange.includes(1) ? inRange : [1, ...inRange];
  const pages = useQueries({
    queries: numbers.map((page) => ({
      queryKey: pageKey(page),
      queryFn: ({ signal }: { signal: AbortSignal }) => read(page, signal),
      placeholderData: page === 1 ? keepPreviousData : undefined,
      staleTime: 5_000,
    })),
  });

  const first = pages[numbers.indexOf(1)];

  const row = (index: number): Each | undefined => {
    const number = Math.floor(index / PAGE_SIZE) + 1;
    const page = pages[numbers.indexOf(number)]?.data ?? queries.getQueryData<Page<Each>>(pageKey(number));
    return page?.items[index % PAGE_SIZE];
  };

  const view = useCallback((first: number, last: number) => {
    seen.current = { first, last };
    const firstPage = Math.floor(first / PAGE_SIZE) + 1;
    const lastPage = Math.floor(Math.max(first, last) / PAGE_SIZE) + 1;
    setRange((before) =>
      before.first === firstPage && before.last === lastPage ? before : { first: firstPage, last: lastPage },
    );
  }, []);

  const inView = (): Each[] => {
    const { first: from, last: to } = seen.current;
    return Array.from({ length: to - from + 1 }, (_, index) => row(from + index)).filter((each) => each !== undefined);
  };

  const patch = (items: readonly Each[]) => {
    const newer = new Map(items.map((item) => [item.id, item]));
    queries.setQueriesData<Page<Each>>({ queryKey: listKey }, (page) => {
      if (page === undefined || !page.items.some((item) => newer.has(item.id))) return page;
      return { ...page, items: page.items.map((item) => newer.get(item.id) ?? item) };
    });
  };

  return {
    total: first?.data?.total ?? 0,
    pending: first?.isPending ?? true,
    stale: pages.some((page) => page.isPlaceholderData),
    error: pages.find((page) => page.error !== null)?.error ?? null,
    row,
    inView,
    view,
    patch,
    refresh: () => queries.invalidateQueries({ queryKey: listKey }),
    retry: () => {
      for (const page of pages) if (page.isError) void page.refetch();
    },
  };
}
