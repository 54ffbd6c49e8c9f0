import type { SessionStatus } from '@signalbox/client';
import type { Colour } from './style.ts';

const COLOURS: Readonly<Record<SessionStatus, Colour>> = {
  pending: 'dim',
  queued: 'blue',
  running: 'cyan',
  paused: 'yellow',
  degraded: 'yellow',
  completed: 'green',
  partially_completed: 'yellow',
  failed: 'red',
  timeout: 'red',
  stopped: 'magenta',
  cancelled: 'magenta',
  orphaned: 'red',
  expired: 'dim',
};

export function statusColour(status: SessionStatus): Colour {
  return COLOURS[status];
}
