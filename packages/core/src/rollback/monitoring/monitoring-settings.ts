import { z } from 'zod';

const MINUTE = 60_000;
const MEBIBYTE = 1_048_576;

export const alertThresholdsSchema = z.strictObject({
  /** Percent of the rollbacks. */
  maxFailureRate: z.number().min(0).max(100).default(10),
  /** Milliseconds. */
  maxAverageTime: z.number().positive().default(5_000),
  /** Bytes. */
  maxMemoryUsage: z
    .number()
    .positive()
    .default(100 * MEBIBYTE),
  maxPendingOperations: z.number().min(0).default(50),
});
export type AlertThresholds = z.infer<typeof alertThresholdsSchema>;

/** RB-213. Whatever is left out keeps its default, each threshold for itself. */
export const monitoringSettingsSchema = z.strictObject({
  /** Milliseconds between samples. */
  metricsInterval: z.number().min(1_000).default(30_000),
  alertThresholds: alertThresholdsSchema.prefault({}),
  /** Milliseconds for which samples and resolved alerts are kept. */
  retentionPeriod: z
    .number()
    .min(MINUTE)
    .default(24 * 60 * MINUTE),
  enableAlerting: z.boolean().default(true),
});
export type MonitoringSettings = z.infer<typeof monitoringSettingsSchema>;
