import { z } from 'zod';

const time = z.iso.datetime().nullable();
const number = z.number().nullable();
/** 64-bit counters travel as strings, exact beyond 2^53 (ORC-063). */
const bigCount = z.string().regex(/^\d+$/).nullable();

/** Metrics of a session's current attempt (ORC-057…074). What was not measured is null, never 0 (SES-132). */
export const sessionMetricsSchema = z.object({
  sessionId: z.string(),
  startedAt: time,
  completedAt: time,
  failedAt: time,
  endedAt: time,
  queueDurationSeconds: number,
  executionDurationSeconds: number,
  totalDurationSeconds: number,
  pausedSeconds: z.number(),
  pausedAt: time,
  /** Average share of one core over the run, in percent. */
  cpuUsagePercent: number,
  cpuSeconds: number,
  /** Peak, in megabytes. */
  memoryUsageMb: number,
  diskUsageMb: number,
  networkBytesSent: bigCount,
  networkBytesReceived: bigCount,
  totalTokensUsed: bigCount,
  inputTokens: bigCount,
  outputTokens: bigCount,
  reasoningTokens: bigCount,
  cacheReadTokens: bigCount,
  cacheWriteTokens: bigCount,
  /** Millionths of a US dollar (ORC-068). */
  estimatedCostMicroUsd: bigCount,
  apiCallsCount: z.int(),
  apiErrorsCount: z.int(),
  toolCallsCount: z.int(),
  retryCount: z.int(),
  successRate: number,
  confidenceScore: number,
  codeQualityScore: number,
  result: z.json().nullable(),
  error: z.json().nullable(),
  warnings: z.array(z.json()),
  checkpointCount: z.int(),
  lastCheckpointAt: time,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** ORC-071: errors / calls, 0 without calls. */
  apiErrorRate: z.number(),
  /** ORC-072. */
  isHealthy: z.boolean(),
});
export type SessionMetrics = z.infer<typeof sessionMetricsSchema>;

/** ORC-072: above these a session counts as unhealthy; exactly at one it is still healthy. */
const UNHEALTHY_ABOVE = { apiErrorRate: 0.1, retries: 5, warnings: 10 } as const;

/** Fills in what is derived (ORC-071, ORC-072). @param fields all other fields, as stored. */
export function toMetrics(fields: Record<string, unknown>): SessionMetrics {
  const stored = sessionMetricsSchema.omit({ apiErrorRate: true, isHealthy: true }).parse(fields);
  const apiErrorRate = stored.apiCallsCount === 0 ? 0 : stored.apiErrorsCount / stored.apiCallsCount;
  const isHealthy =
    apiErrorRate <= UNHEALTHY_ABOVE.apiErrorRate &&
    stored.retryCount <= UNHEALTHY_ABOVE.retries &&
    stored.warnings.length <= UNHEALTHY_ABOVE.warnings;
  return { ...stored, apiErrorRate, isHealthy };
}

const count = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const small = z.int().nonnegative().max(1_000_000);

/** What a run adds to its session's metrics. Counts are added up; what is left out stays as it was, null included (SES-132). */
export const addUsageSchema = z.strictObject({
  apiCalls: small.default(0),
  apiErrors: small.default(0),
  toolCalls: small.default(0),
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  reasoningTokens: count.optional(),
  cacheReadTokens: count.optional(),
  cacheWriteTokens: count.optional(),
  /** Millionths of a US dollar. */
  costMicroUsd: count.optional(),
  networkBytesSent: count.optional(),
  networkBytesReceived: count.optional(),
  /** CPU seconds of the attempt so far; replaces what was known, and makes the average share of a core. */
  cpuSeconds: z.number().nonnegative().optional(),
  /** Peaks: the highest one told stays. */
  peakMemoryMb: z.number().nonnegative().optional(),
  diskUsageMb: z.number().nonnegative().optional(),
  codeQualityScore: z.number().min(0).max(1).optional(),
  warnings: z.array(z.json()).max(100).default([]),
});
export type AddUsage = z.input<typeof addUsageSchema>;
