import { Skeleton } from '@mantine/core';
import type { Task, TaskEta } from '@signalbox/client';
import { isOver } from '../tasks/task-status.ts';
import { formatBounded } from '../ui/bounded-count.ts';
import { useNow } from '../ui/clock.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatCount, formatDateTime, formatDuration } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { BOUND_BY, NO_ETA } from './eta-words.ts';
import classes from './task-page.module.css';
import { useTaskEta } from './use-task.ts';

type Eta = NonNullable<TaskEta['eta']>;

/** When it will be done and how far off that may be, or why that cannot be said. */
export function EtaPanel({ task }: { task: Task }) {
  const { data, error } = useTaskEta(task.id, isOver(task.status));
  return (
    <Panel title="Expected" note={data?.eta ? `from ${formatCount(data.eta.samples)} measured attempts` : undefined}>
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={48} m="sm" />}
      {data?.eta && <EtaFacts eta={data.eta} begun={task.status === 'running'} />}
      {data !== undefined && data.reason !== null && <p className={classes.none}>{NO_ETA[data.reason]}</p>}
      {data?.accuracy && (
        <p className={classes.none}>
          So far for {data.accuracy.type}: off by {formatDuration(data.accuracy.meanAbsoluteErrorSeconds)} on average,{' '}
          {Math.round(data.accuracy.withinStatedError * 100)} % within the error stated (
          {formatCount(data.accuracy.samples)} tasks).
        </p>
      )}
    </Panel>
  );
}

function EtaFacts({ eta, begun }: { eta: Eta; begun: boolean }) {
  const now = useNow();
  const until = (iso: string) => {
    const seconds = (Date.parse(iso) - now) / 1000;
    return seconds > 0 ? `in ${formatDuration(seconds)}` : 'any moment';
  };
  return (
    <Facts>
      {!begun && (
        <Fact label="Starts">
          <span title={formatDateTime(eta.startsAt)}>{until(eta.startsAt)}</span> ±{' '}
          {formatDuration(eta.startErrorSeconds)}
        </Fact>
      )}
      <Fact label="Done">
        <span title={formatDateTime(eta.finishesAt)}>{until(eta.finishesAt)}</span> ± {formatDuration(eta.errorSeconds)}
      </Fact>
      <Fact label="Ahead of it">{formatBounded(eta.ahead)}</Fact>
      <Fact label="Decided by">{BOUND_BY[eta.basis.boundBy]}</Fact>
      <Fact label="Its type takes">
        {formatDuration(eta.basis.meanMs / 1000)}, {eta.basis.attemptsPerTask.toFixed(1)} attempts a task
      </Fact>
    </Facts>
  );
}
