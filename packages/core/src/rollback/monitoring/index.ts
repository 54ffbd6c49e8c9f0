export { exportPrometheus } from './export-prometheus.ts';
export type { MonitoringEvent } from './monitoring-events.ts';
export { type MonitoringSettings, monitoringSettingsSchema } from './monitoring-settings.ts';
export {
  type HealthStatus,
  type MonitoringExport,
  type MonitoringSummary,
  type MonitoringTrends,
  monitoringExportSchema,
  monitoringSummarySchema,
  monitoringTrendsSchema,
} from './monitoring-summary.ts';
export { type RollbackAlert, rollbackAlertSchema } from './rollback-alert.ts';
export { ALERT_FIELDS } from './rollback-alert-store.ts';
export type { EndedOperation, RollbackFigures } from './rollback-figures.ts';
export { RollbackMonitor, type RollbackMonitorParts } from './rollback-monitor.ts';
export {
  type RollbackMetrics,
  type RollbackSample,
  rollbackMetricsSchema,
  rollbackSampleSchema,
} from './rollback-sample.ts';
export { SAMPLE_FIELDS } from './rollback-sample-store.ts';
export { StoredFigures } from './stored-figures.ts';
