import type { Session, SessionStatus } from '@signalbox/client';

/** What a person can do with a session. */
export type SessionAction = 'start' | 'pause' | 'resume' | 'stop' | 'cancel' | 'retry';

const BY_STATUS: Readonly<Partial<Record<SessionStatus, readonly SessionAction[]>>> = {
  pending: ['start', 'cancel'],
  queued: ['cancel'],
  running: ['pause', 'stop', 'cancel'],
  degraded: ['pause', 'stop', 'cancel'],
  paused: ['resume', 'stop', 'cancel'],
  partially_completed: ['retry'],
  failed: ['retry'],
  timeout: ['retry'],
  orphaned: ['retry'],
};

/**
 * What is offered for a session as it stands. The server decides; this only saves asking for what it would refuse.
 * @param held whether one of its calls waits for people: the pause of it ends with their answer, unless somebody has paused
 *   the session as well.
 */
export function availableActions(
  { status, deletedAt }: Pick<Session, 'status' | 'deletedAt'>,
  held = false,
): readonly SessionAction[] {
  if (deletedAt !== null) return [];
  const usual = BY_STATUS[status] ?? [];
  return held && status === 'paused' ? ['pause', ...usual] : usual;
}
