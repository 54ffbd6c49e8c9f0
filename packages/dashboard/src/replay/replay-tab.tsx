import { Loader } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import type { Session } from '@signalbox/client';
import { IconTimelineEventX } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatDateTime } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { FilesAtMoment } from './files-at-moment.tsx';
import { eventsAround, momentOf } from './moments.ts';
import { NearbyEvents } from './nearby-events.tsx';
import classes from './replay-tab.module.css';
import { Scrubber } from './scrubber.tsx';
import { StatePanel } from './state-panel.tsx';
import { useChangesUntil, useEventsNear, useStateAt } from './use-moment.ts';
import { usePlayer } from './use-player.ts';

const route = getRouteApi('/sessions/$sessionId');
/** Browsers refuse to be told a new address too often. */
const ADDRESS_MS = 250;

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

function Moments({ session: { id, lastSeq: last } }: { session: Session }) {
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
  const state = useStateAt(id, seq);
  const near = useEventsNear(id, seq, last);
  const files = useChangesUntil(id, seq);
  const player = usePlayer({ seq, last, events: near.events, pending: near.pending, onMove: move });
  const at = near.events.find((event) => event.seq === seq)?.occurredAt;
  const jump = (next: number) => {
    player.pause();
    move(next);
  };
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
        <FilesAtMoment changes={files.changes} seq={seq} complete={files.complete} />
      </div>
    </div>
  );
}
