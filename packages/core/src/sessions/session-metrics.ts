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
