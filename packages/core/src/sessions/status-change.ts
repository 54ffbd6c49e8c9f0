import { SignalboxError } from '../platform/errors/index.ts';
import type { Json, JsonObject, Session } from './session.ts';
import { canTransition, isActive, type SessionStatus } from './session-status.ts';

/** What a change of status brings along. */
export interface StatusChange {
  to: SessionStatus;
  /** Statuses from which this verb may go there; default all that the table allows. */
  from?: readonly SessionStatus[];
  /** True for a retry: the attempt is raised by one. */
  retry?: boolean;
  /** True where the claim of the session's run makes the change; nobody else starts a run. */
  claimed?: boolean;
  /** Kept in the metrics (ORC-144); what is left out stays as it was. */
  result?: Json;
  error?: { type: string; message: string; context?: JsonObject };
  retryable?: boolean;
  successRate?: number;
  confidenceScore?: number;
  /** For the journal. */
  detail?: JsonObject;
  /** For the run that is enqueued. */
  run?: { delaySeconds?: number; payload?: JsonObject };
}

/** Whether Signalbox itself runs the session; else its caller drives it (design.md §4). */
export function hasRuntime(session: Pick<Session, 'runtime'>): boolean {
  return session.runtime !== null;
}

/**
 * Checks a change against the transition table and the verb's own rules (ORC-013); same-status changes are refused.
 * @throws INVALID_TRANSITION, SESSION_NOT_EXECUTABLE
 */
export function checkStatusChange(session: Session, change: StatusChange): void {
  const refusal = refusalOf(session, change);
  if (refusal) throw refusal;
}

/** The error that refuses the change, or null where it may be made. */
export function refusalOf(session: Session, change: StatusChange): SignalboxError | null {
  const { id, status: from } = session;
  const legal = canTransition(from, change.to, change.retry ?? false) && (change.from?.includes(from) ?? true);
  if (!legal) return new SignalboxError('INVALID_TRANSITION', { id, from, to: change.to });
  const reason = whyNotRun(session, change);
  return reason === null ? null : new SignalboxError('SESSION_NOT_EXECUTABLE', { id, reason });
}

function whyNotRun(session: Session, change: StatusChange): string | null {
  const begins = change.to === 'running' && (session.status === 'pending' || session.status === 'queued');
  if (begins && hasRuntime(session) && !change.claimed) {
    return 'its run begins when an agent claims it; start it instead of setting it to running';
  }
  return change.to === 'queued' ? whyNotExecutable(session) : null;
}

function whyNotExecutable(session: Session): string | null {
  if (session.runtime === null) return null;
  if (session.workspaceId === null) return 'it names a runtime but no workspace to run in';
  if (session.runtime === 'command' && session.command === null) return 'its runtime is command but it has no command';
  return null;
}

/** Whether the change takes the session away from whoever runs it: the claim is lost with it. */
export function endsRun(from: SessionStatus, to: SessionStatus): boolean {
  return isActive(from) && from !== 'pending' && (!isActive(to) || to === 'pending');
}
