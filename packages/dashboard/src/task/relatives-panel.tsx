import { Skeleton } from '@mantine/core';
import type { Task, TaskDependency } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { TaskStatusBadge } from '../tasks/task-status-badge.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './task-page.module.css';
import { useTaskRelatives } from './use-task.ts';

const EDGE_STATES: Readonly<Record<TaskDependency['state'], string>> = {
  open: 'not over yet',
  met: 'met',
  broken: 'broken',
  past: 'decided earlier',
};
const ON_FAILURE: Readonly<Record<TaskDependency['onFailure'], string>> = {
  fail: 'fails with it',
  skip: 'is skipped with it',
  continue: 'goes on in any case',
};

/** What it waits for, what waits for it, and what it was decomposed into. */
export function RelativesPanel({ task }: { task: Task }) {
  const { data, error } = useTaskRelatives(task.id);
  if (error !== null && data === undefined) {
    return (
      <Panel title="Other tasks">
        <ProblemNote error={error} />
      </Panel>
    );
  }
  if (data === undefined) return <Skeleton height={60} />;
  const { dependencies, children, tasks } = data;
  const before = dependencies.items.filter(({ taskId }) => taskId === task.id);
  const after = dependencies.items.filter(({ dependsOn }) => dependsOn === task.id);
  return (
    <>
      {before.length > 0 && (
        <Panel title="Waits for" note={many(before.length)}>
          <Tasks>
            {before.map(({ dependsOn, state, onFailure }) => (
              <TaskLine key={dependsOn} id={dependsOn} task={tasks.get(dependsOn)}>
                {EDGE_STATES[state]}; if that fails, this {ON_FAILURE[onFailure]}
              </TaskLine>
            ))}
          </Tasks>
        </Panel>
      )}
      {after.length > 0 && (
        <Panel title="Needed by" note={many(after.length)}>
          <Tasks>
            {after.map(({ taskId, state, onFailure }) => (
              <TaskLine key={taskId} id={taskId} task={tasks.get(taskId)}>
                {EDGE_STATES[state]}; if this fails, that {ON_FAILURE[onFailure]}
              </TaskLine>
            ))}
          </Tasks>
        </Panel>
      )}
      {children.items.length > 0 && (
        <Panel
          title="Decomposed into"
          note={
            children.total > children.items.length
              ? `the first ${children.items.length} of ${formatCount(children.total)}`
              : many(children.total)
          }
        >
          <Tasks>
            {children.items.map((child) => (
              <TaskLine key={child.id} id={child.id} task={child}>
                {child.queue}
              </TaskLine>
            ))}
          </Tasks>
        </Panel>
      )}
    </>
  );
}

function Tasks({ children }: { children: ReactNode }) {
  return <ul className={classes.tasks}>{children}</ul>;
}

/** A task as one line; of one that is not among those read, or is gone, only its id is known. */
function TaskLine({ id, task, children }: { id: string; task: Task | undefined; children: ReactNode }) {
  return (
    <li className={classes.task}>
      {task !== undefined && <TaskStatusBadge status={task.status} />}
      <Link to="/tasks/$taskId" params={{ taskId: id }}>
        {task === undefined ? id : `${task.type} ${id.slice(-6)}`}
      </Link>
      <span className={classes.muted}>{children}</span>
    </li>
  );
}

function many(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'task' : 'tasks'}`;
}
