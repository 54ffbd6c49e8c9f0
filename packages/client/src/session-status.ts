import type { SessionStatus } from './types.ts';

const ACTIVE: readonly SessionStatus[] = ['pending', 'queued', 'running', 'paused', 'degraded'];

/** Whether something is still to happen to a session of this status. The others are its ends (design.md §2). */
export function isActive(status: SessionStatus): boolean {
  return ACTIVE.includes(status);
}
