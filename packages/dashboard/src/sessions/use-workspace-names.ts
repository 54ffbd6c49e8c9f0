import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

/** The workspaces of the project, the hundred first by name. */
export function useWorkspaces() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.workspaces(project),
    queryFn: ({ signal }) => client.workspaces.list({ pageSize: 100, sortBy: 'name' }, { signal }),
    staleTime: 60_000,
  });
}

/** Names of workspaces by their ids. */
export function useWorkspaceNames(): ReadonlyMap<string, string> {
  const { data } = useWorkspaces();
  return useMemo(() => new Map((data?.items ?? []).map(({ id, name }) => [id, name])), [data]);
}
