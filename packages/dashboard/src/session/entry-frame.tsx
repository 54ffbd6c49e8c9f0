import type { IconProps } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { formatClock, formatDateTime } from '../ui/format.ts';
import type { Tone } from '../ui/status.ts';
import classes from './entry.module.css';

interface Props {
  icon: ComponentType<IconProps>;
  tone: Tone;
  at: string | null;
  seq: number | null;
  kind: string;
  children: ReactNode;
}

/** The gutter that all entries share: when, which, what kind. */
export function EntryFrame({ icon: Icon, tone, at, seq, kind, children }: Props) {
  return (
    <article className={classes.entry} data-tone={tone} data-kind={kind} data-seq={seq ?? undefined} aria-label={kind}>
      <span className={classes.when} title={at === null ? 'being written' : `${formatDateTime(at)}, event ${seq}`}>
        {at === null ? 'now' : formatClock(at)}
      </span>
      <span className={classes.icon}>
        <Icon size={14} stroke={1.9} aria-hidden />
      </span>
      <div className={classes.body}>{children}</div>
    </article>
  );
}
