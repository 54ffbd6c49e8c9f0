import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type {
  ListQuery,
  MonitoringExport,
  MonitoringSummary,
  MonitoringTrends,
  Page,
  RollbackAlert,
  RollbackSample,
} from '../types.ts';

/** How rollbacks stand, how that developed, and what somebody should look at. */
export function rollbackMonitoringMethods({ http }: Transport) {
  return {
    summary: (options: CallOptions = {}): Promise<MonitoringSummary> =>
      answerOf(http.GET('/api/v1/rollback/monitoring', { ...options })),
    samples: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<RollbackSample>> =>
      answerOf(http.GET('/api/v1/rollback/monitoring/samples', { params: { query }, ...options })),
    /** Over the last hours, 24 by default. */
    trends: (hours?: number, options: CallOptions = {}): Promise<MonitoringTrends> =>
      answerOf(http.GET('/api/v1/rollback/monitoring/trends', { params: { query: { hours } }, ...options })),
    alerts: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<RollbackAlert>> =>
      answerOf(http.GET('/api/v1/rollback/monitoring/alerts', { params: { query }, ...options })),
    /** Says that it is dealt with; one that was resolved before stays as it is. */
    resolveAlert: (id: string, options: CallOptions = {}): Promise<RollbackAlert> =>
      answerOf(http.POST('/api/v1/rollback/monitoring/alerts/{id}/resolve', { params: { path: { id } }, ...options })),
    export: (options: CallOptions = {}): Promise<MonitoringExport> =>
      answerOf(http.GET('/api/v1/rollback/monitoring/export', { ...options })) as Promise<MonitoringExport>,
    /** The same figures in the text format of Prometheus. */
    exportPrometheus: (options: CallOptions = {}): Promise<string> =>
      answerOf(
        http.GET('/api/v1/rollback/monitoring/export', {
          params: { query: { format: 'prometheus' } },
          parseAs: 'text',
          ...options,
        }),
      ),
  };
}
