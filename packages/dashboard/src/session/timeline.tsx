import { Button, Loader } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { isActive, type Session } from '@signalbox/client';
import { IconArrowDown, IconTimelineEventX } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Blank } from '../ui/blank.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { typesOf } from './event-kinds.ts';
import classes from './timeline.module.css';
import { timelineEntries } from './timeline-entries.ts';
import { TimelineFilter } from './timeline-filter.tsx';
import { TimelineItem } from './timeline-item.tsx';
import { useJournal } from './use-journal.ts';

const route = getRouteApi('/sessions/$sessionId');
/** Nearer than this to the end counts as following it. */
const END_PX = 60;
/** Older events are read when the reader is this near to the first. */
const OLDER_PX = 600;

/** The journal as it grows. At the end it follows; scrolled away from it, nothing moves under the reader. */
export function Timeline({ session }: { session: Session }) {
  const { types: typeText } = route.useSearch();
  const types = useMemo(() => typesOf(typeText), [typeText]);
  const journal = useJournal(session.id, types);
  const { events, streamed, loaded, hasOlder, loadOlder } = journal;
  const entries = useMemo(() => timelineEntries(events, streamed), [events, streamed]);
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());

  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (entries[index]?.kind === 'event' ? 30 : 64),
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    paddingStart: 8,
    paddingEnd: 24,
  });

  const jump = useCallback(() => {
    setFollowing(true);
    virtual.scrollToEnd();
  }, [virtual]);
  useHotkeys([['e', jump]]);

  // The first page is shown from its end.
  useEffect(() => {
    if (loaded) virtual.scrollToEnd();
  }, [loaded, virtual]);

  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight <= END_PX);
    if (element.scrollTop < OLDER_PX && hasOlder) void loadOlder();
  };

  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);

  return (
    <>
      <TimelineFilter value={typeText} count={entries.length} hasOlder={hasOlder} />
      {journal.error !== null && <ProblemNote error={journal.error} />}
      <div className={classes.frame}>
        <div
          ref={scroller}
          className={classes.scroller}
          onScroll={onScroll}
          role="log"
          aria-label="Timeline"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
          tabIndex={0}
        >
          {loaded && entries.length === 0 && <NothingYet session={session} narrowed={types.length > 0} />}
          {!loaded && journal.error === null && <Loader size="sm" m="lg" aria-label="Loading the journal" />}
          {journal.loadingOlder && <div className={classes.older}>Reading earlier events…</div>}
          <div className={classes.list} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, key, start }) => {
              const entry = entries[index];
              if (entry === undefined) return null;
              return (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  className={classes.item}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <TimelineItem entry={entry} sessionId={session.id} open={open.has(entry.key)} onToggle={toggle} />
                </div>
              );
            })}
          </div>
        </div>
        {!following && entries.length > 0 && (
          <Button
            size="compact-sm"
            radius="xl"
            className={classes.jump}
            leftSection={<IconArrowDown size={13} aria-hidden />}
            onClick={jump}
          >
            {isActive(session.status) ? 'Jump to live' : 'Jump to the end'}
          </Button>
        )}
      </div>
    </>
  );
}

function NothingYet({ session, narrowed }: { session: Session; narrowed: boolean }) {
  if (narrowed) return <Blank icon={<IconTimelineEventX size={26} />} title="No event of these kinds" />;
  return (
    <Blank icon={<IconTimelineEventX size={26} />} title="Nothing is recorded yet">
      {session.status === 'pending' && 'The session has not been started.'}
      {session.status === 'queued' && 'The session waits for a runner.'}
    </Blank>
  );
}
