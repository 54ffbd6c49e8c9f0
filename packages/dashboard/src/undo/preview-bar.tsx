import { Button } from '@mantine/core';
import type { IconArrowBackUp } from '@tabler/icons-react';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './undo-preview.module.css';

interface Props {
  /** What it is about, and how it is to be done. */
  children: ReactNode;
  state: string;
  computing: boolean;
  onAgain: () => void;
  verb: string;
  icon: typeof IconArrowBackUp;
  /** Whether it can be done as it stands. */
  ready: boolean;
  onStart: () => void;
}

/** Above a preview: what holds, computing it again, and doing it. */
export function PreviewBar({ children, state, computing, onAgain, verb, icon: Icon, ready, onStart }: Props) {
  return (
    <div className={classes.bar}>
      {children}
      <span className={classes.state} role="status">
        {state}
      </span>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={computing}
        onClick={onAgain}
      >
        Preview again
      </Button>
      <Button
        size="xs"
        color="red.8"
        leftSection={<Icon size={14} aria-hidden />}
        disabled={!ready || computing}
        onClick={onStart}
      >
        {verb}…
      </Button>
    </div>
  );
}
