import type { Session } from './session.ts';
import type { SessionMetrics } from './session-metrics.ts';
import { canTransition } from './session-status.ts';

/** Seconds left of the limit below which a session is at risk (ORC-208). */
export const AT_RISK_BELOW_SECONDS = 300;

/** Seconds the attempt has executed so far: since its start or until its end, pauses left out; null before the start. */
export function elapsedSeconds(
  metrics: Pick<SessionMetrics, 'startedAt' | 'endedAt' | 'pausedAt' | 'pausedSeconds'>,
  now: Date,
): number | null {
  if (metrics.startedAt === null) return null;
  const until = metrics.pausedAt ?? metrics.endedAt ?? now.toISOString();
  return Math.max(0, (Date.parse(until) - Date.parse(metrics.startedAt)) / 1000 - metrics.pausedSeconds);
}

/**
 * A number from 1 (all is well) to 0 (ORC-017). Each of four troubles takes its share, in proportion up to the point
 * from which it counts in full:
 *
 * | trouble | takes at most | in full from |
 * |---|---|---|
 * | share of failed API calls | 0.4 | 50 % |
 * | retries | 0.2 | 5 |
 * | warnings | 0.1 | 10 |
 * | share of the time limit used | 0.3 | 100 % |
 */
export function healthScore(
  session: Pick<Session, 'limits'>,
  metrics: Pick<
    SessionMetrics,
    'apiErrorRate' | 'retryCount' | 'warnings' | 'startedAt' | 'endedAt' | 'pausedAt' | 'pausedSeconds'
  >,
  now: Date,
): number {
  const used = (elapsedSeconds(metrics, now) ?? 0) / session.limits.maxDurationSeconds;
  const trouble =
    0.4 * upToOne(metrics.apiErrorRate / 0.5) +
    0.2 * upToOne(metrics.retryCount / 5) +
    0.1 * upToOne(metrics.warnings.length / 10) +
    0.3 * upToOne(used);
  return Math.round((1 - trouble) * 1000) / 1000;
}

function upToOne(share: number): number {
  return Math.min(1, share);
}

/** Why a session cannot be retried, or null when it can (ORC-016, ORC-202). */
export function whyNotRecoverable(
  session: Pick<Session, 'status' | 'retryable' | 'attempt' | 'maxRetries'>,
): string | null {
  if (!canTransition(session.status, 'pending', true)) return `a ${session.status} session has no way back`;
  if (session.retryable === false) return 'its failure is marked as not retryable';
  if (session.attempt > session.maxRetries) return `all of its ${session.maxRetries} retries are used up`;
  return null;
}
