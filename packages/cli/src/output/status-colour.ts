import type { SessionStatus, TaskStatus } from '@signalbox/client';
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

const TASK_COLOURS: Readonly<Record<TaskStatus, Colour>> = {
  queued: 'blue',
  waiting: 'dim',
  held: 'yellow',
  claimed: 'cyan',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  dead: 'red',
  cancelled: 'magenta',
  skipped: 'dim',
};

export function taskStatusColour(status: TaskStatus): Colour {
  return TASK_COLOURS[status];
}
