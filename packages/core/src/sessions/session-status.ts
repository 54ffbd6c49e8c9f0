import { z } from 'zod';

/** Session status (design.md §2): the union of ORC-007 and CTL-020, where the latter's `active` is `running`. */
export const SESSION_STATUSES = [
  'pending',
  'queued',
  'running',
  'paused',
  'degraded',
  'completed',
  'partially_completed',
  'failed',
  'timeout',
  'stopped',
  'cancelled',
  'orphaned',
  'expired',
] as const;
export const sessionStatusSchema = z.enum(SESSION_STATUSES);
export type SessionStatus = z.infer<typeof sessionStatusSchema>;

/** ORC-010. Active and terminal partition all statuses. */
export const ACTIVE_STATUSES = [
  'pending',
  'queued',
  'running',
  'paused',
  'degraded',
] as const satisfies SessionStatus[];
/** ORC-011: no execution is in progress; the only way out is a retry (ORC-015). */
export const TERMINAL_STATUSES = SESSION_STATUSES.filter(
  (status): status is Exclude<SessionStatus, (typeof ACTIVE_STATUSES)[number]> => !isActive(status),
);

export function isActive(status: SessionStatus): boolean {
  return (ACTIVE_STATUSES as readonly SessionStatus[]).includes(status);
}

/** The transition table (ORC-014, and every active status may expire). The database holds the same one and enforces it. */
const TRANSITIONS: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  pending: ['queued', 'running', 'cancelled', 'expired'],
  queued: ['pending', 'running', 'cancelled', 'timeout', 'expired'],
  running: [
    'paused',
    'degraded',
    'completed',
    'partially_completed',
    'failed',
    'timeout',
    'stopped',
    'cancelled',
    'orphaned',
    'expired',
  ],
  paused: ['running', 'stopped', 'cancelled', 'timeout', 'orphaned', 'expired'],
  degraded: [
    'running',
    'paused',
    'completed',
    'partially_completed',
    'failed',
    'timeout',
    'stopped',
    'cancelled',
    'orphaned',
    'expired',
  ],
  completed: [],
  partially_completed: ['pending'],
  failed: ['pending'],
  timeout: ['pending'],
  stopped: [],
  cancelled: [],
  orphaned: ['pending'],
  expired: [],
};

/** Every legal pair; `retry` marks those that are legal only together with attempt = old + 1 (ORC-015). */
export function transitions(): { from: SessionStatus; to: SessionStatus; retry: boolean }[] {
  return SESSION_STATUSES.flatMap((from) => TRANSITIONS[from].map((to) => ({ from, to, retry: !isActive(from) })));
}

/** Whether a session may go from one status to the other, given whether its attempt is raised by one. */
export function canTransition(from: SessionStatus, to: SessionStatus, attemptRaised = false): boolean {
  return TRANSITIONS[from].includes(to) && attemptRaised === !isActive(from);
}
