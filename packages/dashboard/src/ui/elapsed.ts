import { isActive, type Session, type SessionMetrics } from '@signalbox/client';

/**
 * Seconds an attempt has been at work, pauses left out; it counts on while the session runs. Null before the start.
 *
 * @param now milliseconds since 1970.
 */
export function elapsedSeconds(
  session: Pick<Session, 'status'>,
  metrics: Pick<
    SessionMetrics,
    'startedAt' | 'pausedAt' | 'pausedSeconds' | 'executionDurationSeconds' | 'totalDurationSeconds'
  >,
  now: number,
): number | null {
  if (metrics.startedAt === null) return null;
  if (!isActive(session.status)) return metrics.executionDurationSeconds ?? metrics.totalDurationSeconds;
  const until = session.status === 'paused' && metrics.pausedAt !== null ? Date.parse(metrics.pausedAt) : now;
  return Math.max(0, (until - Date.parse(metrics.startedAt)) / 1000 - metrics.pausedSeconds);
}
