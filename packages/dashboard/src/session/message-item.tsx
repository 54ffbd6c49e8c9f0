import { UnstyledButton } from '@mantine/core';
import { IconBulb, IconInfoCircle, IconMessage, IconUser } from '@tabler/icons-react';
import classes from './entry.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { firstLines } from './plain-text.ts';
import type { TimelineEntry } from './timeline-entries.ts';

const ROLES: Readonly<Record<string, { label: string; icon: typeof IconUser }>> = {
  user: { label: 'Prompt', icon: IconUser },
  assistant: { label: 'Agent', icon: IconMessage },
  reasoning: { label: 'Reasoning', icon: IconBulb },
  system: { label: 'System', icon: IconInfoCircle },
};
const LINES = 24;
const REASONING_LINES = 3;

interface Props {
  entry: Extract<TimelineEntry, { kind: 'message' }>;
  open: boolean;
  onToggle: () => void;
}

/** Something said: by the person, by the agent, or by the agent to itself. */
export function MessageItem({ entry, open, onToggle }: Props) {
  const { label, icon } = ROLES[entry.role] ?? { label: entry.role, icon: IconMessage };
  const quiet = entry.role === 'reasoning';
  const limit = quiet ? REASONING_LINES : LINES;
  const { shown, lines } = firstLines(entry.text, limit);
  // What is being written is shown whole: its end is what is looked at.
  const whole = open || entry.writing || lines <= limit;
  return (
    <EntryFrame
      icon={icon}
      tone={entry.role === 'assistant' ? 'live' : 'idle'}
      at={entry.at}
      seq={entry.seq}
      kind={`${label} message`}
    >
      <span className={classes.muted}>{label}</span>
      <div className={`${classes.text} ${quiet ? classes.quiet : ''}`}>
        {whole ? entry.text : shown}
        {entry.writing && <span className={classes.caret} role="img" aria-label="being written" />}
      </div>
      {lines > limit && !entry.writing && (
        <UnstyledButton className={classes.more} onClick={onToggle} aria-expanded={open}>
          {open ? 'Show less' : `Show all ${lines} lines`}
        </UnstyledButton>
      )}
    </EntryFrame>
  );
}
