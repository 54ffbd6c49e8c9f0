import type { Session, SessionMetrics } from '@signalbox/client';
import { TROUBLED_STATUSES } from '../ui/status.ts';

/** In one sentence why a session did not end well; null where it did, or where nobody said. */
export function failureReason(
  session: Pick<Session, 'status'>,
  metrics: Pick<SessionMetrics, 'error'> | undefined,
): string | null {
  const error = metrics?.error ?? null;
  if (error === null || !TROUBLED_STATUSES.includes(session.status)) return null;
  if (typeof error === 'string') return error;
  if (typeof error === 'object' && 'message' in error && typeof error.message === 'string') return error.message;
  return JSON.stringify(error);
}
