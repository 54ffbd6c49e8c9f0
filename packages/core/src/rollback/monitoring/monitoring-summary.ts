import { z } from 'zod';
import { rollbackAlertSchema } from './rollback-alert.ts';
import { rollbackSampleSchema } from './rollback-sample.ts';

/** RB-223. */
export const HEALTH_STATUSES = ['healthy', 'warning', 'critical'] as const;
export const healthStatusSchema = z.enum(HEALTH_STATUSES);
export type HealthStatus = z.infer<typeof healthStatusSchema>;

/** How rollbacks stand (RB-222). */
export const monitoringSummarySchema = z.object({
  /** Milliseconds since this node began to watch. */
  uptime: z.number(),
  totalRollbackPoints: z.int(),
  successfulRollbacks: z.int(),
  failedRollbacks: z.int(),
  /** Those that succeeded or failed. */
  totalOperations: z.int(),
  /** Percent; 100 where there was none. */
  successRate: z.number(),
  /** Milliseconds. */
  averageOperationTime: z.number(),
  /** Bytes. */
  currentMemoryUsage: z.int(),
  activeOperations: z.int(),
  pendingOperations: z.int(),
  /** Open alerts. */
  activeAlerts: z.int(),
  /** Of the last hour, the latest 60, oldest first. */
  recentMetrics: z.array(rollbackSampleSchema),
  healthStatus: healthStatusSchema,
});
export type MonitoringSummary = z.infer<typeof monitoringSummarySchema>;

const at = z.iso.datetime();

/** RB-224. Oldest first. */
export const monitoringTrendsSchema = z.object({
  operationTimes: z.array(z.object({ timestamp: at, averageTime: z.number() })),
  memoryUsage: z.array(z.object({ timestamp: at, usage: z.int() })),
  successRates: z.array(z.object({ timestamp: at, rate: z.number() })),
});
export type MonitoringTrends = z.infer<typeof monitoringTrendsSchema>;

/** RB-226: the names are those that scrapers of it know. */
export const monitoringExportSchema = z.object({
  dashboard_summary: monitoringSummarySchema,
  recent_metrics: z.array(rollbackSampleSchema),
  active_alerts: z.array(rollbackAlertSchema),
});
export type MonitoringExport = z.infer<typeof monitoringExportSchema>;

/** Any critical alert makes it critical, any other a warning (RB-223). */
export function healthOf(open: readonly { severity: 'warning' | 'critical' }[]): HealthStatus {
  if (open.some(({ severity }) => severity === 'critical')) return 'critical';
  return open.length > 0 ? 'warning' : 'healthy';
}
