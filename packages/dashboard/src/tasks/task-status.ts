import type { Task, TaskStatus } from '@signalbox/client';
import {
  IconArrowForwardUp,
  IconBan,
  IconCheck,
  IconHandGrab,
  IconHourglass,
  IconLink,
  IconLock,
  IconPlayerPlay,
  IconSkull,
  IconX,
} from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

/** How each status of a task looks. Icon and word say it; the colour only helps. */
export const TASK_LOOKS: Readonly<Record<TaskStatus, Look>> = {
  queued: { label: 'Queued', tone: 'idle', icon: IconHourglass },
  waiting: { label: 'Waiting', tone: 'idle', icon: IconLink },
  held: { label: 'Held', tone: 'caution', icon: IconLock },
  claimed: { label: 'Claimed', tone: 'live', icon: IconHandGrab },
  running: { label: 'Running', tone: 'live', icon: IconPlayerPlay },
  completed: { label: 'Completed', tone: 'done', icon: IconCheck },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
  dead: { label: 'Dead', tone: 'danger', icon: IconSkull },
  cancelled: { label: 'Cancelled', tone: 'off', icon: IconBan },
  skipped: { label: 'Skipped', tone: 'off', icon: IconArrowForwardUp },
};

export const TASK_STATUSES = Object.keys(TASK_LOOKS) as TaskStatus[];

/** Over, but left again by a redrive. */
export const DEAD_LETTER_STATUSES: readonly TaskStatus[] = ['dead', 'failed'];

const OVER: ReadonlySet<TaskStatus> = new Set(['completed', 'failed', 'dead', 'cancelled', 'skipped']);
const AT_WORK: ReadonlySet<TaskStatus> = new Set(['claimed', 'running']);

export function isOver(status: TaskStatus): boolean {
  return OVER.has(status);
}

export function isAtWork(status: TaskStatus): boolean {
  return AT_WORK.has(status);
}

/** Type of the tasks that run sessions: those are steered by their sessions. */
const SESSION_RUN = 'session.run';

export type TaskAction = 'cancel' | 'redrive' | 'discard';

/** What can be done with a task as it stands; the server decides. */
export function availableTaskActions({ status, type }: Pick<Task, 'status' | 'type'>): TaskAction[] {
  if (!isOver(status)) return ['cancel'];
  return DEAD_LETTER_STATUSES.includes(status) && type !== SESSION_RUN ? ['redrive', 'discard'] : [];
}

/**
 * Seconds that the last attempt took, or has taken so far; null where the task was never claimed, or waits for another.
 *
 * @param now milliseconds since 1970.
 */
export function attemptSeconds(task: Pick<Task, 'status' | 'claimedAt' | 'finishedAt'>, now: number): number | null {
  if (task.claimedAt === null) return null;
  const begun = Date.parse(task.claimedAt);
  if (isAtWork(task.status)) return Math.max(0, (now - begun) / 1000);
  if (task.finishedAt === null) return null;
  return Math.max(0, (Date.parse(task.finishedAt) - begun) / 1000);
}
