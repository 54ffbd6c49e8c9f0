import { Button, Skeleton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Pages } from '../api/use-pages.ts';
import classes from './listed.module.css';
import { ProblemNote } from './problem-note.tsx';

interface Props<Item> {
  list: Pages<Item>;
  /** What to show where there is nothing. */
  blank: ReactNode;
  children: ReactNode;
}

/** A list in whatever state it is: being read, failed, empty, or there. What was read before stays beside an error. */
export function Listed<Item>({ list, blank, children }: Props<Item>) {
  return (
    <>
      {list.error !== null && (
        <div className={classes.problem}>
          <ProblemNote error={list.error} />
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={list.retry}>
            Try again
          </Button>
        </div>
      )}
      {list.pending && list.error === null && <Skeleton height={120} />}
      {list.total === 0 && list.items.length === 0 ? blank : list.items.length > 0 && children}
      {list.more !== null && (
        <Button size="xs" variant="default" className={classes.more} loading={list.loadingMore} onClick={list.more}>
          Show more
        </Button>
      )}
    </>
  );
}
