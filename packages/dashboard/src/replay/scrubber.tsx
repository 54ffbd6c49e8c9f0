import { ActionIcon, NativeSelect } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { formatCount } from '../ui/format.ts';
import classes from './replay-tab.module.css';

const SPEEDS = [1, 4, 16, 64];

interface Props {
  seq: number;
  last: number;
  /** The moment in words. */
  moment: string;
  playing: boolean;
  speed: number;
  onMove: (seq: number) => void;
  onPlay: () => void;
  onSpeed: (speed: number) => void;
}

/** Goes to any moment of a session: by hand, by key, or by itself. */
export function Scrubber({ seq, last, moment, playing, speed, onMove, onPlay, onSpeed }: Props) {
  return (
    <div className={classes.scrubber}>
      <ActionIcon variant="default" size="md" onClick={onPlay} aria-label={playing ? 'Pause' : 'Play'}>
        {playing ? <IconPlayerPauseFilled size={14} /> : <IconPlayerPlayFilled size={14} />}
      </ActionIcon>
      <NativeSelect
        size="xs"
        aria-label="Speed"
        value={String(speed)}
        onChange={(event) => onSpeed(Number(event.currentTarget.value))}
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
      />
      <input
        type="range"
        className={classes.slider}
        aria-label="Moment of the session"
        aria-valuetext={`Event ${seq} of ${last}, ${moment}`}
        min={1}
        max={last}
        step={1}
        value={seq}
        onChange={(event) => onMove(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const page = { PageUp: 1, PageDown: -1 }[event.key];
          if (page === undefined) return;
          // Browsers differ in how far a page is.
          onMove(Math.min(last, Math.max(1, seq + page * Math.max(2, Math.round(last / 10)))));
          event.preventDefault();
        }}
      />
      <output className={classes.place}>
        {formatCount(seq)} of {formatCount(last)}
        <span className={classes.moment}>{moment}</span>
      </output>
    </div>
  );
}
