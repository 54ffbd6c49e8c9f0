import { UnstyledButton } from '@mantine/core';
import classes from './entry.module.css';
import { firstLines } from './plain-text.ts';

interface Props {
  text: string;
  /** Lines shown while it is closed. */
  limit: number;
  open: boolean;
  onToggle: () => void;
  className?: string | undefined;
  stream?: string;
}

/** Text of any length: its beginning, and all of it when asked for. */
export function LongText({ text, limit, open, onToggle, className = classes.block, stream }: Props) {
  const { shown, lines } = firstLines(text, limit);
  const long = lines > limit;
  return (
    <>
      <pre className={className} data-stream={stream}>
        {open || !long ? text.replace(/\n$/, '') : shown}
      </pre>
      {long && (
        <UnstyledButton className={classes.more} onClick={onToggle} aria-expanded={open}>
          {open ? 'Show less' : `Show all ${lines} lines`}
        </UnstyledButton>
      )}
    </>
  );
}
