import { Button, Skeleton } from '@mantine/core';
import { ApiError, type Lock } from '@signalbox/client';
import { IconLockOpen } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Waiters } from './lock-queue.tsx';
import classes from './lock-table.module.css';
import { LockTable } from './lock-table.tsx';
import { useLockInfo } from './use-locks.ts';

const route = getRouteApi('/locks/queue');

/** One resource: who holds it, or something above or below it, and who waits in which order. */
export function LockQueuePage() {
  const { resource } = route.useSearch();
  if (resource === undefined) {
    return (
      <Page title="Lock">
        <Blank title="This address names no resource">
          <Link to="/locks">All locks</Link>
        </Blank>
      </Page>
    );
  }
  return <OneResource key={resource} resource={resource} />;
}

function OneResource({ resource }: { resource: string }) {
  const { data, error, refetch } = useLockInfo(resource);
  const free = ApiError.is(error) && error.status === 404;
  const own = data?.holders.filter((lock) => lock.resource === resource) ?? [];
  const others = data?.holders.filter((lock) => lock.resource !== resource) ?? [];
  return (
    <Page
      title={resource}
      note={
        data === undefined && !free
          ? undefined
          : free
            ? 'a free lock'
            : own.length > 0
              ? 'a lock that is held'
              : 'a lock not held itself'
      }
      actions={<Link to="/locks">All locks</Link>}
    >
      {error !== null && !free && (
        <>
          <ProblemNote error={error} />
          <div>
            <Button size="xs" variant="default" onClick={() => void refetch()}>
              Try again
            </Button>
          </div>
        </>
      )}
      {data === undefined && error === null && <Skeleton height={140} />}
      {free && (
        <Blank icon={<IconLockOpen size={28} />} title="Nobody holds it and nobody waits">
          It appears here as soon as somebody acquires it.
        </Blank>
      )}
      {data !== undefined && !free && (
        <>
          <Holders title="Held by" none="Nobody holds it itself." locks={own} />
          {others.length > 0 && <Holders title="Held above and below it" none="" locks={others} />}
          <Panel
            title={`${formatCount(data.waiters.length)} waiting`}
            note="in the order in which they will be served: higher priority first, then arrival"
          >
            <div className={data.waiters.length === 0 ? classes.inset : undefined}>
              <Waiters waiters={data.waiters} resource={resource} />
            </div>
          </Panel>
        </>
      )}
    </Page>
  );
}

interface HoldersProps {
  title: string;
  none: string;
  locks: readonly Lock[];
}

function Holders({ title, none, locks }: HoldersProps) {
  return (
    <Panel title={title}>
      {locks.length === 0 ? (
        <p className={`${classes.none} ${classes.inset}`}>{none}</p>
      ) : (
        <LockTable locks={locks} stats={null} />
      )}
    </Panel>
  );
}
