import type { TaskStatus } from '@signalbox/client';
import { LookBadge } from '../ui/look-badge.tsx';
import { TASK_LOOKS } from './task-status.ts';

/** A task's status as sign and word. */
export function TaskStatusBadge({ status }: { status: TaskStatus }) {
  return <LookBadge look={TASK_LOOKS[status]} status={status} beating={status === 'running'} />;
}
