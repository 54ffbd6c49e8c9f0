import { z } from 'zod';

/** RB-013. */
export const rollbackMetricsSchema = z.object({
  totalRollbackPoints: z.int().min(0),
  successfulRollbacks: z.int().min(0),
  failedRollbacks: z.int().min(0),
  /** Milliseconds of a successful rollback, on average; 0 where there was none. */
  averageRollbackTime: z.number().min(0),
  /** Bytes. */
  memoryUsage: z.int().min(0),
  lastCleanup: z.iso.datetime().nullable(),
});
export type RollbackMetrics = z.infer<typeof rollbackMetricsSchema>;

/** What a sample was taken for: the interval, or something that happened (RB-215). */
export const SAMPLE_CAUSES = [
  'interval',
  'point_created',
  'rollback_completed',
  'rollback_failed',
  'cleanup_completed',
] as const;
export const sampleCauseSchema = z.enum(SAMPLE_CAUSES);
export type SampleCause = z.infer<typeof sampleCauseSchema>;

/** The figures of one moment (RB-215). */
export const rollbackSampleSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  timestamp: z.iso.datetime(),
  cause: sampleCauseSchema,
  metrics: rollbackMetricsSchema,
  activeOperations: z.int(),
  pendingOperations: z.int(),
  /** Operations that failed within the hour before. */
  recentFailures: z.int(),
  /** Percent of what may be used. */
  memoryPressure: z.number().min(0).max(100),
});
export type RollbackSample = z.infer<typeof rollbackSampleSchema>;

/** Percent of the rollbacks that succeeded; 100 where there was none (RB-222). */
export function successRate({
  successfulRollbacks,
  failedRollbacks,
}: Pick<RollbackMetrics, 'successfulRollbacks' | 'failedRollbacks'>): number {
  const total = successfulRollbacks + failedRollbacks;
  return total === 0 ? 100 : (successfulRollbacks / total) * 100;
}
