import type { Session, SessionMetrics } from '@signalbox/client';
import { errorText } from '../ui/error-text.ts';
import { TROUBLED_STATUSES } from '../ui/status.ts';

/** In one sentence why a session did not end well; null where it did, or where nobody said. */
export function failureReason(
  session: Pick<Session, 'status'>,
  metrics: Pick<SessionMetrics, 'error'> | undefined,
): string | null {
  return TROUBLED_STATUSES.includes(session.status) ? errorText(metrics?.error) : null;
}
