import { Loader } from '@mantine/core';
import { useDebouncedCallback, useThrottledValue } from '@mantine/hooks';
import type { Session } from '@signalbox/client';
import { IconTimelineEventX } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatDateTime } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { FilesAtMoment } from './files-at-moment.tsx';
import { eventsAround, isAround, momentOf } from './moments.ts';
import { NearbyEvents } from './nearby-events.tsx';
import classes from './replay-tab.module.css';
import { Scrubber } from './scrubber.tsx';
import { StatePanel } from './state-panel.tsx';
import { useChangesUntil, useEventsNear, useStateAt } from './use-moment.ts';
import { usePlayer } from './use-player.ts';
import { useScrubberKeys } from './use-scrubber-keys.ts';

const route = getRouteApi('/sessions/$sessionId');
/** Browsers refuse to be told a new address too often. */
const ADDRESS_MS = 250;
/** How often the server is asked on the way from one moment to another. */
const ASK_MS = 150;

/** Any moment of a session: what it was, what it had done to files, and what happened around it. */
export default function ReplayTab({ session }: { session: Session }) {
  if (session.lastSeq === 0) {
    return (
      <Blank icon={<IconTimelineEventX size={26} />} title="Nothing is recorded yet">
        Once something has happened, each moment of it can be looked at here.
      </Blank>
    );
  }
  return <Moments session={session} />;
}

function Moments({ session }: { session: Session }) {
  const { id, lastSeq: last } = session;
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/sessions/$sessionId' });
  const [seq, setSeq] = useState(() => momentOf(search.seq, last));
  const write = useDebouncedCallback(
    (next: number) => void navigate({ search: (before) => ({ ...before, seq: String(next) }), replace: true }),
    ADDRESS_MS,
  );
  const move = (next: number) => {
    setSeq(next);
    write(next);
  };
  // Whoever drags through a session asks for few of the moments on the way.
  const asked = useThrottledValue(seq, ASK_MS);
  const state = useStateAt(id, asked);
  const near = useEventsNear(id, asked, last);
  const files = useChangesUntil(id, seq);
  const pending = near.pending || !isAround(seq, asked, last);
  const player = usePlayer({ seq, last, events: near.events, pending, onMove: move });
  const at = near.events.find((event) => event.seq === seq)?.occurredAt;
  const jump = (next: number) => {
    player.pause();
    move(next);
  };
  useScrubberKeys({ seq, last, onMove: jump, onPlay: player.toggle });
  const error = state.error ?? near.error ?? files.error;
  return (
    <div className={classes.tab}>
      <Scrubber
        seq={seq}
        last={last}
        moment={at === undefined ? 'being read' : formatDateTime(at)}
        playing={player.playing}
        speed={player.speed}
        onMove={jump}
        onPlay={player.toggle}
        onSpeed={player.setSpeed}
      />
      {error !== null && <ProblemNote error={error} />}
      <div className={classes.columns}>
        <div className={classes.side}>
          {state.data === undefined ? (
            state.error === null && <Loader size="sm" m="lg" aria-label="Loading the state" />
          ) : (
            <StatePanel state={state.data} />
          )}
          <NearbyEvents events={eventsAround(near.events, seq)} seq={seq} onMove={jump} />
        </div>
        <FilesAtMoment
          session={session}
          changes={files.changes}
          seq={seq}
          complete={files.complete}
          all={search.files !== 'changed'}
          onAll={(all) =>
            void navigate({ search: (before) => ({ ...before, files: all ? undefined : 'changed' }), replace: true })
          }
          file={search.file}
          onFile={(file) => void navigate({ search: (before) => ({ ...before, file }), replace: true })}
        />
      </div>
    </div>
  );
}
