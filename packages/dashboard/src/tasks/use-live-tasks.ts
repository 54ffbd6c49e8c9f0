import type { ListQuery, Task } from '@signalbox/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import type { Rows } from '../list/rows.ts';
import { useLiveEvents } from '../live/live-provider.tsx';
import { RefreshRate } from '../live/refresh-rate.ts';

/** Tasks may change thousands of times a second: the list is read at most this often. */
const REFRESH_MS = 500;
const MOST_AT_ONCE = 100;

interface LiveTasks {
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
export function useLiveTasks(rows: Rows<Task>, query: ListQuery, atTop: boolean): LiveTasks {
  const { client } = useApi();
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
        client.tasks.list({ 'id.in': ids.slice(0, MOST_AT_ONCE).join(','), pageSize: MOST_AT_ONCE }),
        client.tasks.list({ ...asked, pageSize: 1 }),
      ]);
      list.patch(changed.items);
      setWaiting(Math.max(0, total - newest.current.rows.total));
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  }, [client]);

  const rate = useRef<RefreshRate | null>(null);
  useEffect(() => {
    const made = new RefreshRate(REFRESH_MS, settle);
    rate.current = made;
    return () => made.stop();
  }, [settle]);
  useLiveEvents((event) => {
    if (event.type === 'feed' && event.topic === 'task') rate.current?.changed('tasks');
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
