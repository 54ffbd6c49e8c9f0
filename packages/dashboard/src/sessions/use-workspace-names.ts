import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

/** The workspaces of the project, by name; a hundred of them at most. */
export function useWorkspaces() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.workspaces(project),
    queryFn: async ({ signal }) => {
      const page = await client.workspaces.list({ pageSize: 100 }, { signal });
      return { ...page, items: page.items.toSorted((a, b) => a.name.localeCompare(b.name)) };
    },
    staleTime: 60_000,
  });
}

/** Names of workspaces by their ids. */
export function useWorkspaceNames(): ReadonlyMap<string, string> {
  const { data } = useWorkspaces();
  return useMemo(() => new Map((data?.items ?? []).map(({ id, name }) => [id, name])), [data]);
}
