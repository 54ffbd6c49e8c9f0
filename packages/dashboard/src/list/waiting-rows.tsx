import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import classes from './list-place.module.css';

interface Props {
  count: number;
  /** What the rows are: `new`, `more`. */
  word: string;
  onShow: () => void;
}

/** Rows that came while somebody reads further down: they are shown when asked for, since a list must not move under a reader. */
export function WaitingRows({ count, word, onShow }: Props) {
  if (count === 0) return null;
  return (
    <Button
      size="compact-xs"
      radius="xl"
      className={classes.waiting}
      leftSection={<IconArrowUp size={12} aria-hidden />}
      onClick={() => {
        onShow();
        document.querySelector('[role="grid"]')?.scrollTo({ top: 0 });
      }}
    >
      {count} {word}
    </Button>
  );
}
