import type { Task } from '@signalbox/client';
import type { Column } from '../list/column.ts';
import classes from '../list/list-table.module.css';
import { Age } from '../ui/age.tsx';
import { errorText } from '../ui/error-text.ts';
import { formatDuration, NOTHING } from '../ui/format.ts';
import { PRIORITIES } from '../ui/priority.ts';
import type { TaskSortKey } from './task-filters.ts';
import { attemptSeconds } from './task-status.ts';
import { TaskStatusBadge } from './task-status-badge.tsx';

export interface TaskFacts {
  task: Task;
  /** Address of the task's page. */
  href: string;
  now: number;
}

/** What tells tasks of one type apart: the end of the id. Its beginning is a time. */
export function taskName({ type, id }: Pick<Task, 'type' | 'id'>): string {
  return `${type} ${id.slice(-6)}`;
}

export const TASK_COLUMNS: readonly Column<TaskFacts, TaskSortKey>[] = [
  {
    id: 'title',
    label: 'Task',
    width: 'minmax(190px, 1.6fr)',
    sort: 'type',
    cell: ({ task, href }) => (
      <>
        <a href={href} className={classes.title} title={task.id} tabIndex={-1}>
          {task.type}
        </a>
        <span className={classes.tag}>{task.id.slice(-6)}</span>
      </>
    ),
  },
  {
    id: 'status',
    label: 'Status',
    width: '112px',
    sort: 'status',
    cell: ({ task }) => <TaskStatusBadge status={task.status} />,
  },
  { id: 'queue', label: 'Queue', width: 'minmax(84px, 0.8fr)', sort: 'queue', cell: ({ task }) => task.queue },
  {
    id: 'priority',
    label: 'Priority',
    width: '80px',
    sort: 'priority',
    cell: ({ task }) => PRIORITIES[task.priority]?.label ?? task.priority,
  },
  {
    id: 'failures',
    label: 'Failed',
    width: '72px',
    sort: 'failures',
    end: true,
    cell: ({ task }) => `${task.failures} of ${task.maxAttempts}`,
  },
  { id: 'agent', label: 'Agent', width: 'minmax(84px, 0.8fr)', cell: ({ task }) => task.claimedBy ?? NOTHING },
  {
    id: 'duration',
    label: 'Took',
    width: '78px',
    end: true,
    cell: ({ task, now }) => formatDuration(attemptSeconds(task, now)),
  },
  {
    id: 'age',
    label: 'Age',
    width: '60px',
    sort: 'createdAt',
    end: true,
    cell: ({ task }) => <Age since={task.createdAt} />,
  },
  {
    id: 'error',
    label: 'Last error',
    width: 'minmax(150px, 2fr)',
    cell: ({ task }) => {
      const text = errorText(task.error);
      return (
        <span className={classes.text} title={text ?? undefined}>
          {text ?? NOTHING}
        </span>
      );
    },
  },
];
