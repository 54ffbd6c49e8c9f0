import { camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { type AttemptRecord, attemptRecordSchema } from './session-attempt.ts';
import { type SessionMetrics, toMetrics } from './session-metrics.ts';
import type { SessionStatus } from './session-status.ts';

const COLUMNS = `m.session_id, m.started_at, m.completed_at, m.failed_at, m.ended_at, m.queue_duration_seconds,
  m.execution_duration_seconds, m.total_duration_seconds, m.paused_seconds, m.paused_at, m.cpu_usage_percent, m.cpu_seconds,
  m.memory_usage_mb, m.disk_usage_mb, m.network_bytes_sent, m.network_bytes_received, m.total_tokens_used, m.input_tokens,
  m.output_tokens, m.reasoning_tokens, m.cache_read_tokens, m.cache_write_tokens, m.estimated_cost_micro_usd,
  m.api_calls_count, m.api_errors_count, m.tool_calls_count, m.retry_count, m.success_rate, m.confidence_score,
  m.code_quality_score, m.result, m.error, m.warnings, m.checkpoint_count, m.last_checkpoint_at, m.created_at, m.updated_at`;

const GET = statement(
  'sessions.metrics',
  `SELECT ${COLUMNS} FROM session_metrics m WHERE m.project_id IS NOT DISTINCT FROM $1 AND m.session_id = ANY($2::uuid[])`,
);

/** Metrics by session. */
export async function getMetrics(
  db: Executor,
  projectId: string,
  sessionIds: readonly string[],
): Promise<Map<string, SessionMetrics>> {
  const rows = await db.query<Record<string, unknown>>(GET, [projectId, sessionIds]);
  const metrics = rows.map((row) => toMetrics(camelRow(row)));
  return new Map(metrics.map((one) => [one.sessionId, one]));
}

/** What a change of status leaves in the metrics. */
export interface StatusRecord {
  sessionId: string;
  to: SessionStatus;
  /** Whether the attempt ends with it. */
  ends: boolean;
  result: unknown;
  error: unknown;
  successRate: number | null;
  confidenceScore: number | null;
}

// Paused time is taken out of the time of execution (ORC-061, ORC-074); the first start of an attempt counts (ORC-086).
const RECORD = statement(
  'sessions.record_status',
  `UPDATE session_metrics m SET
     started_at = CASE WHEN x.to = 'running' THEN coalesce(m.started_at, x.at) ELSE m.started_at END,
     queue_duration_seconds = CASE WHEN x.to = 'running' AND m.started_at IS NULL THEN x.since_queued
       ELSE m.queue_duration_seconds END,
     paused_at = CASE WHEN x.to = 'paused' THEN x.at END,
     paused_seconds = x.paused,
     ended_at = CASE WHEN x.ends THEN x.at ELSE m.ended_at END,
     completed_at = CASE WHEN x.to = 'completed' THEN coalesce(m.completed_at, x.at) ELSE m.completed_at END,
     failed_at = CASE WHEN x.to = 'failed' THEN coalesce(m.failed_at, x.at) ELSE m.failed_at END,
     execution_duration_seconds = CASE WHEN x.ends THEN x.since_started - x.paused ELSE m.execution_duration_seconds END,
     total_duration_seconds = CASE WHEN x.ends THEN x.since_created ELSE m.total_duration_seconds END,
     result = coalesce(x.result, m.result), error = coalesce(x.error, m.error),
     success_rate = coalesce(x."successRate", m.success_rate),
     confidence_score = coalesce(x."confidenceScore", m.confidence_score), updated_at = now()
   FROM (
     SELECT x.*, s.status_updated_at AS at,
       greatest(0, extract(epoch FROM s.status_updated_at - o.queued_at))::double precision AS since_queued,
       greatest(0, extract(epoch FROM s.status_updated_at - o.started_at))::double precision AS since_started,
       greatest(0, extract(epoch FROM s.status_updated_at - o.created_at))::double precision AS since_created,
       o.paused_seconds + coalesce(greatest(0, extract(epoch FROM s.status_updated_at - o.paused_at)), 0)::double precision AS paused
     FROM jsonb_to_recordset($2::jsonb) AS x ("sessionId" uuid, "to" text, ends boolean, result jsonb, error jsonb,
       "successRate" double precision, "confidenceScore" double precision)
     JOIN sessions s ON s.id = x."sessionId" JOIN session_metrics o ON o.session_id = x."sessionId"
   ) x
   WHERE m.project_id = $1 AND m.session_id = x."sessionId"
   RETURNING m.session_id, m.execution_duration_seconds`,
);

/**
 * Writes times, durations and outcome of status changes already made in this transaction (ORC-074, ORC-086, ORC-144).
 * Answers the seconds of execution by session; null while an attempt goes on or when it never started.
 */
export async function recordStatuses(
  tx: Transaction,
  projectId: string,
  records: readonly StatusRecord[],
): Promise<Map<string, number | null>> {
  const rows = await tx.query<{ session_id: string; execution_duration_seconds: number | null }>(RECORD, [
    projectId,
    JSON.stringify(records),
  ]);
  return new Map(rows.map((row) => [row.session_id, row.execution_duration_seconds]));
}

const ARCHIVE = statement(
  'sessions.archive_attempt',
  `WITH archived AS (
     INSERT INTO session_attempts (session_id, project_id, attempt, status, started_at, ended_at, result, error)
     SELECT m.session_id, m.project_id, x.attempt, x.status, m.started_at, m.ended_at, m.result, m.error
     FROM session_metrics m JOIN jsonb_to_recordset($2::jsonb) AS x (id uuid, attempt integer, status text) ON x.id = m.session_id
     WHERE m.project_id = $1)
   UPDATE session_metrics m SET queued_at = s.status_updated_at, started_at = NULL, completed_at = NULL, failed_at = NULL,
     ended_at = NULL, queue_duration_seconds = NULL, execution_duration_seconds = NULL, total_duration_seconds = NULL,
     paused_seconds = 0, paused_at = NULL, result = NULL, error = NULL, success_rate = NULL, confidence_score = NULL,
     code_quality_score = NULL, retry_count = m.retry_count + 1, updated_at = now()
   FROM jsonb_to_recordset($2::jsonb) AS x (id uuid) JOIN sessions s ON s.id = x.id
   WHERE m.project_id = $1 AND m.session_id = x.id`,
);

/** Puts the outcome of finished attempts behind, clears it for the next ones and counts the retries (ORC-200, ORC-202). */
export async function archiveAttempts(
  tx: Transaction,
  projectId: string,
  attempts: readonly { id: string; attempt: number; status: SessionStatus }[],
): Promise<void> {
  await tx.query(ARCHIVE, [projectId, JSON.stringify(attempts)]);
}

const ATTEMPTS = statement(
  'sessions.attempts',
  `SELECT session_id, attempt, status, started_at, ended_at, result, error FROM session_attempts
   WHERE project_id = $1 AND session_id = $2 ORDER BY attempt`,
);

/** Attempts that a retry has put behind, oldest first. */
export async function listAttempts(db: Executor, projectId: string, sessionId: string): Promise<AttemptRecord[]> {
  const rows = await db.query<Record<string, unknown>>(ATTEMPTS, [projectId, sessionId]);
  return rows.map((row) => attemptRecordSchema.parse(camelRow(row)));
}

const ADD_USAGE = statement(
  'sessions.add_usage',
  `UPDATE session_metrics m SET
     api_calls_count = m.api_calls_count + x."apiCalls", api_errors_count = m.api_errors_count + x."apiErrors",
     tool_calls_count = m.tool_calls_count + x."toolCalls",
     input_tokens = CASE WHEN x."inputTokens" IS NULL THEN m.input_tokens ELSE coalesce(m.input_tokens, 0) + x."inputTokens" END,
     output_tokens = CASE WHEN x."outputTokens" IS NULL THEN m.output_tokens ELSE coalesce(m.output_tokens, 0) + x."outputTokens" END,
     reasoning_tokens = CASE WHEN x."reasoningTokens" IS NULL THEN m.reasoning_tokens
       ELSE coalesce(m.reasoning_tokens, 0) + x."reasoningTokens" END,
     cache_read_tokens = CASE WHEN x."cacheReadTokens" IS NULL THEN m.cache_read_tokens
       ELSE coalesce(m.cache_read_tokens, 0) + x."cacheReadTokens" END,
     cache_write_tokens = CASE WHEN x."cacheWriteTokens" IS NULL THEN m.cache_write_tokens
       ELSE coalesce(m.cache_write_tokens, 0) + x."cacheWriteTokens" END,
     total_tokens_used = CASE WHEN x.tokens IS NULL THEN m.total_tokens_used ELSE coalesce(m.total_tokens_used, 0) + x.tokens END,
     estimated_cost_micro_usd = CASE WHEN x."costMicroUsd" IS NULL THEN m.estimated_cost_micro_usd
       ELSE coalesce(m.estimated_cost_micro_usd, 0) + x."costMicroUsd" END,
     network_bytes_sent = CASE WHEN x."networkBytesSent" IS NULL THEN m.network_bytes_sent
       ELSE coalesce(m.network_bytes_sent, 0) + x."networkBytesSent" END,
     network_bytes_received = CASE WHEN x."networkBytesReceived" IS NULL THEN m.network_bytes_received
       ELSE coalesce(m.network_bytes_received, 0) + x."networkBytesReceived" END,
     cpu_seconds = coalesce(x."cpuSeconds", m.cpu_seconds),
     cpu_usage_percent = CASE WHEN x."cpuSeconds" IS NULL OR m.started_at IS NULL THEN m.cpu_usage_percent
       ELSE 100 * x."cpuSeconds" / greatest(0.001, extract(epoch FROM coalesce(m.ended_at, now()) - m.started_at)
         - m.paused_seconds) END,
     memory_usage_mb = greatest(m.memory_usage_mb, x."peakMemoryMb"),
     disk_usage_mb = greatest(m.disk_usage_mb, x."diskUsageMb"),
     code_quality_score = coalesce(x."codeQualityScore", m.code_quality_score),
     warnings = m.warnings || x.warnings, updated_at = now()
   FROM (
     SELECT x.*, CASE WHEN num_nonnulls(x."inputTokens", x."outputTokens", x."reasoningTokens", x."cacheReadTokens",
         x."cacheWriteTokens") > 0
       THEN coalesce(x."inputTokens", 0) + coalesce(x."outputTokens", 0) + coalesce(x."reasoningTokens", 0)
         + coalesce(x."cacheReadTokens", 0) + coalesce(x."cacheWriteTokens", 0) END AS tokens
     FROM jsonb_to_record($3::jsonb) AS x ("apiCalls" integer, "apiErrors" integer, "toolCalls" integer,
       "inputTokens" bigint, "outputTokens" bigint, "reasoningTokens" bigint, "cacheReadTokens" bigint,
       "cacheWriteTokens" bigint, "costMicroUsd" bigint, "networkBytesSent" bigint, "networkBytesReceived" bigint,
       "cpuSeconds" double precision, "peakMemoryMb" double precision, "diskUsageMb" double precision,
       "codeQualityScore" double precision, warnings jsonb)
   ) x
   WHERE m.project_id = $1 AND m.session_id = $2
   RETURNING m.session_id`,
);

/** Adds counts to a session's metrics in one statement; false when there is no such session. */
export async function addUsage(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  usage: Record<string, unknown>,
): Promise<boolean> {
  return (await tx.query(ADD_USAGE, [projectId, sessionId, JSON.stringify(usage)])).length > 0;
}
