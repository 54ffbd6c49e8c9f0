import type { Policy, PolicyVersion } from '@signalbox/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';

const PAGE_SIZE = 100;

/** All policies, in the order in which they are asked. */
export function usePolicies(): Pages<Policy> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.policies(project), 'list'],
    read: (page, signal) => client.policies.list({ page, pageSize: PAGE_SIZE }, { signal }),
  });
}

/** @param reference name or id. */
export function usePolicy(reference: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.policies(project), 'one', reference],
    queryFn: ({ signal }) => client.policies.get(reference, { signal }),
  });
}

/** What it was before, the newest first. */
export function usePolicyVersions(id: string): Pages<PolicyVersion & { id: string }> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.policies(project), 'versions', id],
    read: async (page, signal) => {
      const read = await client.policies.versions(id, { page, pageSize: 20 }, { signal });
      return { ...read, items: read.items.map((version) => ({ ...version, id: String(version.version) })) };
    },
  });
}

/** Has everything that tells of policies read again. */
export function usePoliciesChanged(): () => void {
  const { project } = useApi();
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: keys.policies(project) });
}
