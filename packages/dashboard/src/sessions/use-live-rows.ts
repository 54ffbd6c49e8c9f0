import type { Session } from '@signalbox/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import type { Rows } from '../list/rows.ts';
import { useLiveEvents } from '../live/live-provider.tsx';

/** Changes are gathered this long before the changed rows are read. */
const GATHER_MS = 250;
const MOST_AT_ONCE = 100;

/**
 * Keeps the rows current without moving them under the reader: a changed session is written into its row where it
 * stands; the order and new sessions wait until the list is at its top, or until they are asked for.
 *
 * @returns how many new sessions wait to be shown.
 */
export function useLiveRows(rows: Rows<Session>, atTop: boolean): { waiting: number; show: () => void } {
  const { client } = useApi();
  const changed = useRef(new Set<string>());
  const created = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const newest = useRef({ rows, atTop });
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    newest.current = { rows, atTop };
  });

  const show = useCallback(() => {
    created.current.clear();
    setWaiting(0);
    void newest.current.rows.refresh();
  }, []);

  const settle = useCallback(async () => {
    timer.current = null;
    const ids = [...changed.current].slice(0, MOST_AT_ONCE);
    changed.current.clear();
    if (newest.current.atTop) return show();
    setWaiting(created.current.size);
    if (ids.length === 0) return;
    try {
      const page = await client.sessions.list({ 'id.in': ids.join(','), pageSize: MOST_AT_ONCE, includeDeleted: true });
      newest.current.rows.patch(page.items);
    } catch {
      // The rows stay as they were; the next change, or the next connection, reads them again.
      for (const id of ids) changed.current.add(id);
    }
  }, [client, show]);

  useLiveEvents((event) => {
    if (event.type !== 'feed' || event.topic !== 'session') return;
    const { sessionId, change } = event.payload;
    if (change === 'created') created.current.add(sessionId);
    else changed.current.add(sessionId);
    timer.current ??= setTimeout(() => void settle(), GATHER_MS);
  });

  // Back at the top, what waited is shown.
  useEffect(() => {
    if (atTop && created.current.size > 0) show();
  }, [atTop, show]);

  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return { waiting, show };
}
