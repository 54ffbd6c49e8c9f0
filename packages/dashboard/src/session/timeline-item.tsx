import { memo } from 'react';
import { EventItem } from './event-item.tsx';
import { MessageItem } from './message-item.tsx';
import { OutputItem } from './output-item.tsx';
import type { TimelineEntry } from './timeline-entries.ts';
import { ToolItem } from './tool-item.tsx';

interface Props {
  entry: TimelineEntry;
  sessionId: string;
  open: boolean;
  onToggle: (key: string) => void;
}

/** One entry of the timeline, as its kind asks for. */
export const TimelineItem = memo(
  function TimelineItem({ entry, sessionId, open, onToggle }: Props) {
    const toggle = () => onToggle(entry.key);
    switch (entry.kind) {
      case 'message':
        return <MessageItem entry={entry} open={open} onToggle={toggle} />;
      case 'tool':
        return <ToolItem entry={entry} open={open} onToggle={toggle} />;
      case 'output':
        return <OutputItem entry={entry} open={open} onToggle={toggle} />;
      case 'event':
        return <EventItem event={entry.event} sessionId={sessionId} open={open} onToggle={toggle} />;
    }
  },
  (before, after) =>
    before.open === after.open && before.onToggle === after.onToggle && sameEntry(before.entry, after.entry),
);

/** Entries are made anew with every event; most say the same as before. */
function sameEntry(a: TimelineEntry, b: TimelineEntry): boolean {
  if (a.kind === 'message' && b.kind === 'message')
    return a.text === b.text && a.writing === b.writing && a.seq === b.seq;
  if (a.kind === 'tool' && b.kind === 'tool') return a.call === b.call && a.result === b.result;
  if (a.kind === 'output' && b.kind === 'output') return a.text === b.text;
  return a.kind === 'event' && b.kind === 'event' && a.event === b.event;
}
