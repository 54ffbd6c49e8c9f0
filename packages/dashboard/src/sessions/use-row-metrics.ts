import type { Session, SessionMetrics } from '@signalbox/client';
import { isActive } from '@signalbox/client';
import { useQueries } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

const ACTIVE_REFRESH_MS = 5_000;

/**
 * Metrics of the rows in view. They are not part of the list's answer, so that only what is looked at is asked for, and
 * what has ended is asked for once. Give no sessions while the list is being scrolled.
 */
export function useRowMetrics(sessions: readonly Session[]): ReadonlyMap<string, SessionMetrics> {
  const { client, project } = useApi();
  const started = sessions.filter(({ status }) => status !== 'pending' && status !== 'queued');
  return useQueries({
    queries: started.map(({ id, version, status }) => ({
      queryKey: [...keys.metrics(project, id), version],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.sessions.metrics(id, { signal }),
      staleTime: isActive(status) ? ACTIVE_REFRESH_MS : Number.POSITIVE_INFINITY,
      refetchInterval: status === 'running' || status === 'degraded' ? ACTIVE_REFRESH_MS : (false as const),
    })),
    combine: (answers) =>
      new Map(answers.flatMap(({ data }) => (data === undefined ? [] : [[data.sessionId, data] as const]))),
  });
}
