import { IconTerminal2 } from '@tabler/icons-react';
import { useMemo } from 'react';
import classes from './entry.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { LongText } from './long-text.tsx';
import { plainText } from './plain-text.ts';
import type { TimelineEntry } from './timeline-entries.ts';

const LINES = 14;

interface Props {
  entry: Extract<TimelineEntry, { kind: 'output' }>;
  open: boolean;
  onToggle: () => void;
}

/** What a program wrote. */
export function OutputItem({ entry, open, onToggle }: Props) {
  const text = useMemo(() => plainText(entry.text), [entry.text]);
  const wrong = entry.stream === 'stderr';
  return (
    <EntryFrame icon={IconTerminal2} tone={wrong ? 'danger' : 'off'} at={entry.at} seq={entry.seq} kind={entry.stream}>
      {wrong && <span className={classes.muted}>stderr</span>}
      <LongText
        text={text}
        limit={LINES}
        open={open}
        onToggle={onToggle}
        stream={entry.stream}
        className={`${classes.block} ${wrong ? '' : classes.bare}`}
      />
    </EntryFrame>
  );
}
