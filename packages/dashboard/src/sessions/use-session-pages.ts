import type { ListQuery, Session } from '@signalbox/client';
import { useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import type { Rows } from '../list/rows.ts';
import { PAGE_SIZE, useRows } from '../list/use-rows.ts';
import { currentTime } from '../ui/clock.ts';
import { listQueryOf, type SessionFilters } from './session-filters.ts';

/** The sessions that the filters let through, in their order. */
export function useSessionPages(filters: SessionFilters): Rows<Session> {
  const { client, project } = useApi();
  // The question changes with what stands in the address and not with the passing of time.
  const filterText = JSON.stringify(filters);
  const { query, q } = useMemo(() => {
    const { q: words, ...rest } = JSON.parse(filterText) as SessionFilters;
    return { query: listQueryOf(rest, currentTime()), q: words };
  }, [filterText]);
  const question = useMemo(() => ({ ...query, q }), [query, q]);
  return useRows<Session>({
    listKey: keys.sessionList(project),
    pageKey: (page) => keys.sessionPage(project, question, page),
    read: (page, signal) => {
      const paged: ListQuery = { ...query, page, pageSize: PAGE_SIZE };
      return q === undefined ? client.sessions.list(paged, { signal }) : client.sessions.search(q, paged, { signal });
    },
  });
}
