import type { Page } from '@signalbox/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

/** A list as far as somebody has asked to see it. */
export interface Pages<Item> {
  items: readonly Item[];
  /** How many there are; undefined until that is known. */
  total: number | undefined;
  pending: boolean;
  error: Error | null;
  /** Asks for the following page; null where there is none. */
  more: (() => void) | null;
  loadingMore: boolean;
  retry: () => void;
}

interface Options<Item> {
  queryKey: readonly unknown[];
  read: (page: number, signal: AbortSignal) => Promise<Page<Item>>;
  /** How often to look again by itself, for what no event tells of, in milliseconds. */
  everyMs?: number;
}

/** Reads a list page by page. What moves from one page to another between two readings is shown once. */
export function usePages<Item extends { id: string }>({ queryKey, read, everyMs }: Options<Item>): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (last) => (last.page * last.pageSize < last.total ? last.page + 1 : undefined),
    placeholderData: keepPreviousData,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
  const items = new Map((query.data?.pages ?? []).flatMap((page) => page.items).map((item) => [item.id, item]));
  return {
    items: [...items.values()],
    total: query.data?.pages.at(-1)?.total,
    pending: query.isPending,
    error: query.error,
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingMore: query.isFetchingNextPage,
    retry: () => void query.refetch(),
  };
}
