import type { ListQuery, RollbackAlert, RollbackOperation, RollbackPoint, StartRollback } from '@signalbox/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';
import { isOver } from './rollback-looks.ts';

const PAGE_SIZE = 50;
/** Progress is told of as events; this is for what happens between two of them. */
const PROGRESS_MS = 1_000;
/** Samples are taken each half minute, and no event tells of one. */
const FIGURES_MS = 15_000;
/** A preview is made of how everything is at the time: it is not kept for long. */
const KEPT_MS = 30_000;

/** Points of the project that have not expired, the newest first. */
export function usePoints(): Pages<RollbackPoint> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.rollback(project), 'points'],
    read: (page, signal) => client.rollback.points({ page, pageSize: PAGE_SIZE }, { signal }),
  });
}

export function usePoint(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.rollback(project), 'point', id],
    queryFn: ({ signal }) => client.rollback.point(id, { signal }),
  });
}

/** What a rollback would do now; while another request is looked into, the answer to the one before. */
export function useRollbackPreview(pointId: string, request: StartRollback | null) {
  const { client, project } = useApi();
  return useQuery({
    // Not below what events make old: while others work, nobody's preview is to change under them.
    queryKey: keys.rollbackPreview(project, pointId, request),
    queryFn: ({ signal }) => client.rollback.preview(pointId, request ?? {}, { signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    gcTime: KEPT_MS,
    refetchOnWindowFocus: false,
  });
}

/** Rollbacks of the project, the newest first. */
export function useOperations(filters: ListQuery): Pages<RollbackOperation> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.rollback(project), 'operations', filters],
    read: (page, signal) => client.rollback.operations({ ...filters, page, pageSize: PAGE_SIZE }, { signal }),
  });
}

export function useOperation(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.rollback(project), 'operation', id],
    queryFn: ({ signal }) => client.rollback.operation(id, { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && !isOver(state.data) ? PROGRESS_MS : false),
  });
}

/** How rollbacks stand. */
export function useMonitoring() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.rollback(project), 'monitoring'],
    queryFn: ({ signal }) => client.rollbackMonitoring.summary({ signal }),
    refetchInterval: FIGURES_MS,
  });
}

export function useRollbackMetrics() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.rollback(project), 'metrics'],
    queryFn: ({ signal }) => client.rollback.metrics({ signal }),
    refetchInterval: FIGURES_MS,
  });
}

/** How figures developed over the last hours. */
export function useTrends(hours: number) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.rollback(project), 'trends', hours],
    queryFn: ({ signal }) => client.rollbackMonitoring.trends(hours, { signal }),
    refetchInterval: FIGURES_MS,
    placeholderData: keepPreviousData,
  });
}

/** Alerts, the last seen first. */
export function useAlerts(openOnly: boolean): Pages<RollbackAlert> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.rollback(project), 'alerts', openOnly],
    read: (page, signal) =>
      client.rollbackMonitoring.alerts(
        { ...(openOnly ? { resolved: false } : {}), page, pageSize: PAGE_SIZE },
        { signal },
      ),
    everyMs: FIGURES_MS,
  });
}
