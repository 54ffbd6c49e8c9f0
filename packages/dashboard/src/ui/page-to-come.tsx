import { Button, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Page } from './page.tsx';
import classes from './page-to-come.module.css';
import { ProblemNote } from './problem-note.tsx';

interface Props {
  title: string;
  error: Error | null;
  onAgain: () => void;
  /** Where others of its kind are, if there are any. */
  children?: ReactNode;
}

/** The page of a thing that is not there yet, or that could not be had. */
export function PageToCome({ title, error, onAgain, children }: Props) {
  return (
    <Page title={title}>
      {error === null ? (
        <Skeleton height={180} />
      ) : (
        <>
          <ProblemNote error={error} />
          <div className={classes.ways}>
            <Button size="xs" variant="default" onClick={onAgain}>
              Try again
            </Button>
            {children}
          </div>
        </>
      )}
    </Page>
  );
}
