import { UnstyledButton } from '@mantine/core';
import type { JournalEvent } from '@signalbox/client';
import { useEffect, useRef } from 'react';
import { EVENT_KINDS } from '../session/event-kinds.ts';
import { payloadOf } from '../session/payloads.ts';
import { plainText } from '../session/plain-text.ts';
import { formatClock } from '../ui/format.ts';
import classes from './replay-tab.module.css';

interface Props {
  events: readonly JournalEvent[];
  seq: number;
  onMove: (seq: number) => void;
}

/** The events around the moment; each leads to its own. */
export function NearbyEvents({ events, seq, onMove }: Props) {
  const current = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the moment is changes with it
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest' });
  }, [seq]);
  return (
    <section className={classes.events} aria-label="Events around this moment">
      <h2 className={classes.heading}>Events</h2>
      <ol className={classes.list}>
        {events.map((event) => {
          const { label, icon: Icon } = EVENT_KINDS[event.type];
          return (
            <li key={event.seq} ref={event.seq === seq ? current : null} data-after={event.seq > seq || undefined}>
              <UnstyledButton
                className={classes.event}
                aria-current={event.seq === seq ? 'true' : undefined}
                onClick={() => onMove(event.seq)}
              >
                <span className={classes.seq}>{event.seq}</span>
                <Icon size={14} stroke={1.8} aria-hidden />
                <span className={classes.kind}>{label}</span>
                <span className={classes.gist}>{gistOf(event)}</span>
                <span className={classes.quiet}>{formatClock(event.occurredAt)}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** In a few words what an event says. */
function gistOf(event: JournalEvent): string {
  const said =
    payloadOf(event, 'message')?.text ??
    payloadOf(event, 'output')?.text ??
    payloadOf(event, 'tool_call')?.tool ??
    payloadOf(event, 'tool_result')?.tool ??
    payloadOf(event, 'file_change')?.path ??
    payloadOf(event, 'status')?.to ??
    payloadOf(event, 'status')?.phase ??
    payloadOf(event, 'error')?.message ??
    '';
  return plainText(said).trim().slice(0, 120);
}
