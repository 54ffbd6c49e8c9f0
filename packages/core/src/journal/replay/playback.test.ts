import { expect, it } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import { ManualClock } from '../../testing/index.ts';
import { type Frame, Playback, type PlaybackNews, type PlaybackOptions } from './index.ts';

/** Frames that happened at these milliseconds. */
function framesAt(...times: number[]): Frame[] {
  return times.map((at, n) => ({
    seq: n + 1,
    kind: 'event',
    at: new Date(Date.UTC(2026, 0, 1) + at).toISOString(),
    base: 0,
    event: null,
    delta: null,
    snapshot: null,
  }));
}

/** Plays on a clock of its own; answers what was played when. */
function playing(frames: readonly Frame[], options: Partial<PlaybackOptions> = {}) {
  const clock = new ManualClock();
  const began = clock.monotonic();
  const played: [seq: number, at: number][] = [];
  const news: PlaybackNews['type'][] = [];
  const playback = new Playback(frames, {
    clock,
    onFrame: (frame) => void played.push([frame.seq, clock.monotonic() - began]),
    onNews: ({ type }) => news.push(type),
    ...options,
  });
  /** Begins, and lets it come to its first wait. */
  const start = async () => {
    const done = playback.play();
    done.catch(() => undefined);
    await clock.advance(0);
    return { done };
  };
  return { clock, played, news, playback, start };
}

it('SES scenario 29: three frames over three seconds take half of that at speed 2, and no time at speed Infinity', async () => {
  const half = playing(framesAt(0, 1000, 3000), { speed: 2 });
  const { done } = await half.start();
  await half.clock.advance(1499);
  expect(half.played).toEqual([
    [1, 0],
    [2, 500],
  ]);
  await half.clock.advance(1);
  expect(await done).toBe('completed');
  expect(half.played.at(-1)).toEqual([3, 1500]);
  expect(half.news).toEqual([
    'replay:play:started',
    'replay:frame:played',
    'replay:frame:played',
    'replay:frame:played',
    'replay:play:completed',
  ]);
  const unhurried = playing(framesAt(0, 1000, 3000), { speed: Number.POSITIVE_INFINITY });
  await unhurried.playback.play();
  expect(unhurried.played.map(([, at]) => at)).toEqual([0, 0, 0]);
});

it('awaits its handler, does not add the time it takes, and shortens long gaps', async () => {
  const { clock, start, played } = playing(framesAt(0, 1000, 100_000), {
    longestGapMs: 5000,
    onFrame: async (frame) => {
      played.push([frame.seq, clock.monotonic()]);
      await clock.sleep(700);
    },
  });
  const began = clock.monotonic();
  const { done } = await start();
  await clock.advance(10_000);
  await done;
  expect(played.map(([, at]) => at - began)).toEqual([0, 1000, 6000]);
});

it('pauses and goes on with what was left of the wait, and seeks', async () => {
  const { clock, playback, start, played } = playing(framesAt(0, 1000, 2000, 3000, 4000));
  const { done } = await start();
  await clock.advance(1600);
  playback.pause();
  await clock.advance(60_000);
  expect(played.map(([seq]) => seq)).toEqual([1, 2]);
  playback.resume();
  await clock.advance(399);
  expect(played).toHaveLength(2);
  await clock.advance(1);
  expect(played).toHaveLength(3);
  playback.seek(5);
  await clock.advance(0);
  expect(played.map(([seq]) => seq)).toEqual([1, 2, 3, 5]);
  expect(await done).toBe('completed');
  expect(playback.position).toBe(5);
});

it('a new speed holds from the wait under way on', async () => {
  const { clock, playback, start, played } = playing(framesAt(0, 1000));
  const { done } = await start();
  await clock.advance(100);
  playback.setSpeed(5);
  await clock.advance(100);
  await done;
  expect(played).toEqual([
    [1, 0],
    [2, 200],
  ]);
});

it('ends where it is aborted, also while it is paused, and fails with its handler', async () => {
  const abort = new AbortController();
  const { clock, playback, start, played, news } = playing(framesAt(0, 1000), { signal: abort.signal });
  const { done } = await start();
  await clock.advance(10);
  playback.pause();
  await clock.advance(10);
  abort.abort();
  expect(await done).toBe('aborted');
  expect(played).toHaveLength(1);
  expect(news.at(-1)).toBe('replay:play:aborted');

  const failing = playing(framesAt(0, 1), {
    onFrame: () => {
      throw new Error('no');
    },
  });
  await expect(failing.playback.play()).rejects.toThrow('no');
  expect(failing.news.at(-1)).toBe('replay:play:failed');
});

it('refuses speeds and gaps that are not above 0', () => {
  for (const speed of [0, -1, Number.NaN]) {
    expect(() => playing([], { speed })).toThrow(SignalboxError);
    expect(() => playing([]).playback.setSpeed(speed)).toThrow(SignalboxError);
  }
  expect(() => playing([], { longestGapMs: 0 })).toThrow(SignalboxError);
});
