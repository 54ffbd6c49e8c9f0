import type { Task } from '@signalbox/client';
import { IconAlertOctagon } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { TaskActions } from '../tasks/task-actions.tsx';
import { DEAD_LETTER_STATUSES } from '../tasks/task-status.ts';
import { TaskStatusBadge } from '../tasks/task-status-badge.tsx';
import { Copyable } from '../ui/copyable.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { errorText } from '../ui/error-text.ts';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { AttemptsPanel } from './attempts-panel.tsx';
import { EtaPanel } from './eta-panel.tsx';
import { RelativesPanel } from './relatives-panel.tsx';
import { TaskFacts } from './task-facts.tsx';
import classes from './task-page.module.css';
import { useTask } from './use-task.ts';

const route = getRouteApi('/tasks/$taskId');

/** The life of one task, live. */
export function TaskPage() {
  const { taskId } = route.useParams();
  // Another task is another page: nothing of the one before is carried over.
  return <OneTask key={taskId} id={taskId} />;
}

function OneTask({ id }: { id: string }) {
  const { data: task, error, refetch } = useTask(id);
  if (task === undefined) {
    return (
      <PageToCome title="Task" error={error} onAgain={() => void refetch()}>
        <Link to="/tasks">All tasks</Link>
      </PageToCome>
    );
  }
  const reason = DEAD_LETTER_STATUSES.includes(task.status) ? errorText(task.error) : null;
  return (
    <Page
      title={task.type}
      crumbs={<WayTo task={task} />}
      note={<TaskStatusBadge status={task.status} />}
      actions={<TaskActions task={task} />}
    >
      {error !== null && <ProblemNote error={error} />}
      {reason !== null && (
        <p className={classes.reason} data-tone="danger">
          <IconAlertOctagon size={15} aria-hidden />
          {reason}
        </p>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          <AttemptsPanel task={task} />
          {task.progress !== null && <Json title="Progress" value={task.progress} />}
          {task.result !== null && <Json title="Result" value={task.result} />}
          {task.error !== null && typeof task.error === 'object' && <Json title="Last error" value={task.error} />}
          <Json title="Payload" value={task.payload} />
          <RelativesPanel task={task} />
        </div>
        <div className={classes.column}>
          <EtaPanel task={task} />
          <TaskFacts task={task} />
        </div>
      </div>
    </Page>
  );
}

function WayTo({ task }: { task: Task }) {
  return (
    <Crumbs>
      <Link to="/tasks">Tasks</Link>
      {task.parentId !== null && (
        <Link to="/tasks/$taskId" params={{ taskId: task.parentId }}>
          Parent task
        </Link>
      )}
      <Copyable text={task.id} shown={`${task.id.slice(0, 8)}…${task.id.slice(-6)}`} label="id" />
    </Crumbs>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <Panel title={title}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard */}
      <pre className={classes.json} tabIndex={0}>
        {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
      </pre>
    </Panel>
  );
}
