import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import { WarmThreads } from './warm-threads.ts';

const MINUTE = 60_000;
let clock: ManualClock;
let threads: WarmThreads;
beforeEach(() => {
  clock = new ManualClock();
  threads = new WarmThreads(clock);
});
afterEach(() => threads.close());

it('a thread is kept for the next reading, and let go once nobody read for ten minutes', async () => {
  const first = await threads.take('one', '/one');
  await clock.advance(6 * MINUTE);
  expect(await threads.take('one', '/one')).toBe(first);
  const other = await threads.take('two', '/two');
  await clock.advance(6 * MINUTE);
  await threads.take('two', '/two');
  await threads.closeIdle();
  expect([first.isClosed, other.isClosed]).toEqual([false, false]);
  await clock.advance(5 * MINUTE);
  await threads.closeIdle();
  expect([first.isClosed, other.isClosed]).toEqual([true, false]);
  expect(await threads.take('one', '/one')).not.toBe(first);
});

it('of two that are kept the one that was used last stays, and one of another directory is of no use', async () => {
  const [one, two] = [await threads.take('one', '/one'), await threads.take('two', '/two')];
  await threads.take('one', '/one');
  await threads.take('three', '/three');
  expect([one.isClosed, two.isClosed]).toEqual([false, true]);
  const moved = await threads.take('one', '/elsewhere');
  expect([one.isClosed, moved.isClosed]).toEqual([true, false]);
  await threads.close();
  expect(moved.isClosed).toBe(true);
});
