import { CopyButton, Tooltip, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copyable.module.css';

/** Text that is copied with one click: ids, commands, paths. */
export function Copyable({ text, shown = text, label }: { text: string; shown?: string; label: string }) {
  return (
    <CopyButton value={text} timeout={1200}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${label}`} withArrow openDelay={400}>
          <UnstyledButton className={classes.copyable} onClick={copy} aria-label={`Copy ${label}: ${text}`}>
            <span className={classes.text}>{shown}</span>
            {copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}
