import { UnstyledButton } from '@mantine/core';
import {
  IconBan,
  IconCheck,
  IconChevronDown,
  IconChevronRight,
  IconLoader2,
  IconQuestionMark,
  IconTool,
  IconX,
} from '@tabler/icons-react';
import { formatDuration } from '../ui/format.ts';
import type { Tone } from '../ui/status.ts';
import classes from './entry.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { LongText } from './long-text.tsx';
import { plainText } from './plain-text.ts';
import type { TimelineEntry } from './timeline-entries.ts';
import own from './tool-item.module.css';
import { toolSummary } from './tool-summary.ts';

const OUTCOMES: Readonly<Record<string, { label: string; tone: Tone; icon: typeof IconCheck }>> = {
  completed: { label: 'done', tone: 'done', icon: IconCheck },
  error: { label: 'failed', tone: 'danger', icon: IconX },
  denied: { label: 'denied', tone: 'caution', icon: IconBan },
  unknown: { label: 'outcome unknown', tone: 'caution', icon: IconQuestionMark },
};
const AT_WORK = { label: 'no result yet', tone: 'live' as Tone, icon: IconLoader2 };
const LINES_CLOSED = 4;

interface Props {
  entry: Extract<TimelineEntry, { kind: 'tool' }>;
  open: boolean;
  onToggle: () => void;
}

/** A tool call with its result: one line closed, arguments and everything it answered open. */
export function ToolItem({ entry: { call, result, at, seq }, open, onToggle }: Props) {
  const tool = call?.tool ?? result?.tool ?? 'tool';
  const outcome = result === null ? AT_WORK : (OUTCOMES[result.status] ?? AT_WORK);
  const OutcomeIcon = outcome.icon;
  const output = result === null ? '' : plainText(result.output);
  return (
    <EntryFrame icon={IconTool} tone={outcome.tone} at={at} seq={seq} kind={`Tool ${tool}`}>
      <UnstyledButton className={classes.head} onClick={onToggle} aria-expanded={open}>
        {open ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
        <span className={classes.strong}>{tool}</span>
        <span className={classes.summary}>{call === null ? (result?.title ?? '') : toolSummary(call.arguments)}</span>
        <span className={own.outcome} data-tone={outcome.tone}>
          <OutcomeIcon size={13} aria-hidden />
          {outcome.label}
        </span>
        {result?.durationMs !== null && result?.durationMs !== undefined && (
          <span className={classes.muted}>{formatDuration(result.durationMs / 1000)}</span>
        )}
      </UnstyledButton>
      {open ? (
        <>
          <p className={classes.label}>Arguments</p>
          <pre className={classes.block}>
            {call === null ? 'not recorded' : JSON.stringify(call.arguments, null, 2)}
          </pre>
          <p className={classes.label}>Result</p>
          <pre className={classes.block}>
            {result === null ? 'none yet' : output === '' ? 'no output' : output.replace(/\n$/, '')}
          </pre>
        </>
      ) : (
        output !== '' && <LongText text={output} limit={LINES_CLOSED} open={false} onToggle={onToggle} />
      )}
    </EntryFrame>
  );
}
