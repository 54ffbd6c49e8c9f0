import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

/** What one page of the list holds at most; of more than that the ids stay. */
const MOST = 100;
const FRESH_MS = 60_000;

/** Titles of sessions by their ids, deleted ones included. */
export function useSessionTitles(ids: readonly string[]): ReadonlyMap<string, string> {
  const { client, project } = useApi();
  const wanted = [...new Set(ids)].sort().slice(0, MOST);
  const { data } = useQuery({
    queryKey: keys.sessionTitles(project, wanted),
    queryFn: ({ signal }) =>
      client.sessions.list({ 'id.in': wanted.join(','), pageSize: MOST, includeDeleted: true }, { signal }),
    enabled: wanted.length > 0,
    staleTime: FRESH_MS,
    placeholderData: (before) => before,
  });
  return useMemo(() => new Map((data?.items ?? []).map(({ id, title }) => [id, title])), [data]);
}
