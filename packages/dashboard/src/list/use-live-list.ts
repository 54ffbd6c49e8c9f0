import type { FeedTopic, ListQuery, Page } from '@signalbox/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLiveEvents } from '../live/live-provider.tsx';
import { RefreshRate } from '../live/refresh-rate.ts';
import type { Item, Rows } from './rows.ts';

/** Some kinds of things change thousands of times a second: the list is read at most this often. */
const REFRESH_MS = 500;
const MOST_AT_ONCE = 100;

interface Options<Each extends Item> {
  rows: Rows<Each>;
  /** What the list asks for. */
  query: ListQuery;
  /** Whether its first row is in view. */
  atTop: boolean;
  /** The topic of the feed that tells of its changes. */
  topic: FeedTopic;
  /** Reads a page; stays the same from one drawing to the next. */
  read: (query: ListQuery) => Promise<Page<Each>>;
}

interface LiveList {
  /** How many more there are than the list shows. */
  waiting: number;
  /** Changes that could not be read; null when all were. */
  error: unknown;
  show: () => void;
}

/**
 * Keeps the rows current without moving them under the reader. At the top of the list it is read again as it is;
 * elsewhere the rows in view are written where they stand, and how many came meanwhile is told.
 */
export function useLiveList<Each extends Item>({ rows, query, atTop, topic, read }: Options<Each>): LiveList {
  const newest = useRef({ rows, query, atTop });
  const [waiting, setWaiting] = useState(0);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    newest.current = { rows, query, atTop };
  });

  const settle = useCallback(async () => {
    const { rows: list, query: asked, atTop: mayMove } = newest.current;
    if (mayMove) {
      setWaiting(0);
      return list.refresh();
    }
    const ids = list.inView().map(({ id }) => id);
    try {
      const [changed, { total }] = await Promise.all([
        read({ 'id.in': ids.slice(0, MOST_AT_ONCE).join(','), pageSize: MOST_AT_ONCE }),
        read({ ...asked, pageSize: 1 }),
      ]);
      list.patch(changed.items);
      setWaiting(Math.max(0, total - newest.current.rows.total));
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  }, [read]);

  const rate = useRef<RefreshRate | null>(null);
  useEffect(() => {
    const made = new RefreshRate(REFRESH_MS, settle);
    rate.current = made;
    return () => made.stop();
  }, [settle]);
  useLiveEvents((event) => {
    if (event.type === 'feed' && event.topic === topic) rate.current?.changed(topic);
  });

  const show = useCallback(() => {
    setWaiting(0);
    void newest.current.rows.refresh();
  }, []);
  // Back at the top, what waited is shown.
  useEffect(() => {
    if (atTop && waiting > 0) show();
  }, [atTop, waiting, show]);
  return { waiting, error, show };
}
