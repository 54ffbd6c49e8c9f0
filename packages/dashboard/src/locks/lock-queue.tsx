import { Loader } from '@mantine/core';
import { ApiError, type LockWaiter } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { LockHolder } from './lock-holder.tsx';
import classes from './lock-table.module.css';
import { useLockInfo } from './use-locks.ts';

/** Who waits for a resource, in the order in which they will be served. */
export function LockQueue({ resource }: { resource: string }) {
  const { data, error } = useLockInfo(resource);
  // Neither held nor waited for any more.
  if (ApiError.is(error) && error.status === 404) return <p className={classes.none}>Nobody waits.</p>;
  if (error !== null && data === undefined) return <ProblemNote error={error} />;
  if (data === undefined) return <Loader size="xs" aria-label="Reading the queue" />;
  return <Waiters waiters={data.waiters} resource={resource} />;
}

/** Waiters in their order; what they wait for is named where it is something else than `resource`. */
export function Waiters({ waiters, resource }: { waiters: readonly LockWaiter[]; resource: string }) {
  const titles = useSessionTitles(waiters.flatMap(({ sessionId }) => sessionId ?? []));
  if (waiters.length === 0) return <p className={classes.none}>Nobody waits.</p>;
  return (
    <table className={table.table} aria-label={`Waiting for ${resource}`}>
      <thead>
        <tr>
          <th>Place</th>
          <th>Who</th>
          <th>Mode</th>
          <th title="Higher comes first">Priority</th>
          <th>Waiting</th>
          <th>Patience ends</th>
        </tr>
      </thead>
      <tbody>
        {waiters.map((waiter) => (
          <tr key={waiter.requestId}>
            <td className={table.strong}>{waiter.position}</td>
            <td>
              <LockHolder party={waiter} titles={titles} />
              {waiter.resource !== resource && (
                <span className={table.muted}>
                  for{' '}
                  <Link to="/locks/queue" search={{ resource: waiter.resource }}>
                    {waiter.resource}
                  </Link>
                </span>
              )}
            </td>
            <td>{waiter.mode}</td>
            <td>{waiter.priority}</td>
            <td>
              <Age since={waiter.requestedAt} />
            </td>
            <td>
              <Until at={waiter.timeoutAt} past="now" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
