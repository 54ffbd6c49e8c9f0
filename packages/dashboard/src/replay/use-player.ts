import type { JournalEvent } from '@signalbox/client';
import { useEffect, useState } from 'react';
import { waitAfter } from './moments.ts';

interface Played {
  seq: number;
  last: number;
  /** Those around `seq`, for how long each lasted. */
  events: readonly JournalEvent[];
  /** Whether they are still being read: then it waits. */
  pending: boolean;
  onMove: (seq: number) => void;
}

/** Goes from event to event by itself, in their own time or faster, until the last. */
export function usePlayer({ seq, last, events, pending, onMove }: Played) {
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    if (!playing || pending) return;
    if (seq >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => onMove(seq + 1), waitAfter(events, seq, speed));
    return () => clearTimeout(timer);
  });
  return {
    playing,
    speed,
    setSpeed,
    toggle: () => {
      if (!playing && seq >= last) onMove(1);
      setPlaying(!playing);
    },
    pause: () => setPlaying(false),
  };
}
