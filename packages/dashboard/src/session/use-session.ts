import { isActive } from '@signalbox/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useLiveEvents } from '../live/live-provider.tsx';

/** Metrics are not told of as events. */
const METRICS_REFRESH_MS = 2_000;
const TREE_REFRESH_MS = 5_000;

/** The session, read again as soon as the stream tells of a change. */
export function useSession(id: string) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  useLiveEvents((event) => {
    if (event.type !== 'feed') return;
    if (event.topic === 'session' && event.payload.sessionId === id) {
      void queries.invalidateQueries({ queryKey: keys.session(project, id) });
    }
    if (event.topic === 'checkpoint' && event.payload.sessionId === id) {
      void queries.invalidateQueries({ queryKey: keys.sessionPart(project, id, 'checkpoints') });
    }
  });
  return useQuery({
    queryKey: keys.sessionPart(project, id, 'itself'),
    queryFn: ({ signal }) => client.sessions.get(id, [], { signal }),
  });
}

export function useSessionMetrics(id: string, active: boolean) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.sessionPart(project, id, 'metrics'),
    queryFn: ({ signal }) => client.sessions.metrics(id, { signal }),
    refetchInterval: active ? METRICS_REFRESH_MS : false,
  });
}

/** The session with those below it. */
export function useSessionTree(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.sessionPart(project, id, 'tree'),
    queryFn: ({ signal }) => client.sessions.tree(id, undefined, { signal }),
    // The stream of this page is of this session; its children are looked after now and then while any is at work.
    refetchInterval: ({ state }) =>
      state.data?.children.some(({ status }) => isActive(status)) ? TREE_REFRESH_MS : false,
  });
}
