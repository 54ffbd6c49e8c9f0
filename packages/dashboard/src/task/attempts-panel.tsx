import { Skeleton } from '@mantine/core';
import type { Task, TaskAttempt } from '@signalbox/client';
import {
  IconArrowBackUp,
  IconArrowsSplit2,
  IconBan,
  IconCheck,
  IconPlugX,
  IconUsers,
  IconX,
} from '@tabler/icons-react';
import { attemptSeconds, isAtWork } from '../tasks/task-status.ts';
import { TaskStatusBadge } from '../tasks/task-status-badge.tsx';
import { useNow } from '../ui/clock.ts';
import { errorText } from '../ui/error-text.ts';
import { formatDateTime, formatDuration, NOTHING } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import type { Look } from '../ui/status.ts';
import table from '../ui/table.module.css';
import classes from './task-page.module.css';
import { useTaskAttempts } from './use-task.ts';

const OUTCOMES: Readonly<Record<TaskAttempt['outcome'], Look>> = {
  completed: { label: 'Completed', tone: 'done', icon: IconCheck },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
  lost: { label: 'Agent lost', tone: 'late', icon: IconPlugX },
  cancelled: { label: 'Cancelled', tone: 'off', icon: IconBan },
  released: { label: 'Given back', tone: 'off', icon: IconArrowBackUp },
  decomposed: { label: 'Decomposed', tone: 'idle', icon: IconArrowsSplit2 },
  handed_over: { label: 'Handed over', tone: 'idle', icon: IconUsers },
};

/** Who tried it, for how long, and how that ended; the attempt under way last. */
export function AttemptsPanel({ task }: { task: Task }) {
  const { data, error } = useTaskAttempts(task.id);
  const attempts = data?.items ?? [];
  return (
    <Panel title="Attempts" note={`${task.failures} of ${task.maxAttempts} failed`}>
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={60} m="sm" />}
      {data !== undefined && attempts.length === 0 && !isAtWork(task.status) && (
        <p className={classes.none}>Nobody has tried it yet.</p>
      )}
      {(attempts.length > 0 || isAtWork(task.status)) && (
        <div className={table.scroll}>
          <table className={table.table}>
            <thead>
              <tr>
                <th>Attempt</th>
                <th>Outcome</th>
                <th>Agent</th>
                <th>Began</th>
                <th>Took</th>
                <th>Error</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map(({ attempt, outcome, agent, startedAt, endedAt, error: failure }) => (
                <tr key={attempt}>
                  <td>{attempt}</td>
                  <td>
                    <LookBadge look={OUTCOMES[outcome]} status={outcome} />
                  </td>
                  <td className={classes.short}>{agent}</td>
                  <td className={classes.short}>{formatDateTime(startedAt)}</td>
                  <td className={classes.short}>
                    {formatDuration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)}
                  </td>
                  <td className={classes.error}>{errorText(failure) ?? NOTHING}</td>
                </tr>
              ))}
              {isAtWork(task.status) && <UnderWay task={task} />}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function UnderWay({ task }: { task: Task }) {
  const now = useNow();
  return (
    <tr>
      <td>{task.attempt}</td>
      <td>
        <TaskStatusBadge status={task.status} />
      </td>
      <td className={classes.short}>{task.claimedBy ?? NOTHING}</td>
      <td className={classes.short}>{formatDateTime(task.claimedAt)}</td>
      <td className={classes.short}>{formatDuration(attemptSeconds(task, now))}</td>
      <td>{NOTHING}</td>
    </tr>
  );
}
