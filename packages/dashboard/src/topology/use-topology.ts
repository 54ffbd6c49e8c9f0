import type { ConflictReach } from '@signalbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { notifyProblem } from '../ui/notify.tsx';

/** How many alerts are shown at once. */
const MOST_ALERTS = 100;
const REACH_MS = 10_000;
/** As many as one request takes. */
const CONFLICTS_AT_ONCE = 100;

/** The whole map, kept current. */
export function useServiceMap(environment: string | undefined) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.topology(project), 'map', environment ?? null],
    queryFn: ({ signal }) => client.topology.map(environment === undefined ? {} : { environment }, { signal }),
  });
}

/** Alerts of cycles that nobody has resolved. */
export function useCycleAlerts() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.topology(project), 'cycles'],
    queryFn: ({ signal }) =>
      client.topology.cycles({ status: ['open', 'acknowledged'], pageSize: MOST_ALERTS }, { signal }),
  });
}

export function useCycleVerb() {
  const { client, project } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb }: { id: string; verb: 'acknowledge' | 'resolve' }) =>
      verb === 'acknowledge' ? client.topology.acknowledgeCycle(id) : client.topology.resolveCycle(id),
    onError: (error) => notifyProblem(error, 'The alert stays as it was'),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.topology(project) }),
  });
}

/** What two sessions work on can break, of each conflict of a list: asked for all of them together, and not whenever the code changes. */
export function useConflictReaches(ids: readonly string[]): ReadonlyMap<string, ConflictReach> {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: keys.conflictReaches(project, ids),
    queryFn: async ({ signal }) => {
      const found: ConflictReach[] = [];
      for (let from = 0; from < ids.length; from += CONFLICTS_AT_ONCE) {
        const some = ids.slice(from, from + CONFLICTS_AT_ONCE);
        found.push(...(await client.topology.conflictReaches(some, { signal })).items);
      }
      return found;
    },
    enabled: ids.length > 0,
    refetchInterval: REACH_MS,
    placeholderData: (before) => before,
  });
  return new Map(data?.map((one) => [one.conflictId, one]));
}

/** What the changes of a session, or the call that an approval is about, can break. */
export function useReach(of: 'session' | 'approval', id: string) {
  const { client, project } = useApi();
  const { sessionReach, approvalReach } = client.topology;
  const ask = { session: sessionReach, approval: approvalReach }[of];
  return useQuery({
    queryKey: keys.reach(project, of, id),
    queryFn: ({ signal }) => ask(id, { signal }),
    // What a session changes is told of too often to be looked at each time.
    refetchInterval: of === 'session' ? REACH_MS : false,
  });
}
