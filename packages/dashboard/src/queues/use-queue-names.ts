import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

const NONE: readonly string[] = [];

/** Names of the queues in which there is or was something; a hundred of them at most. */
export function useQueueNames(): readonly string[] {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: keys.queueNames(project),
    queryFn: ({ signal }) => client.queues.list({ pageSize: 100 }, { signal }),
    staleTime: 30_000,
    select: ({ items }) => items.map(({ name }) => name),
  });
  return data ?? NONE;
}
