import { expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { RunClock } from './run-clock.ts';

function setUp(limitSeconds: number, startedMs = 0) {
  const clock = new ManualClock();
  let fired = 0;
  const runClock = new RunClock({ clock, limitSeconds, startedMs, onLimit: () => (fired += 1) });
  return { clock, runClock, fired: () => fired };
}

test('fires once when the limit is reached', async () => {
  const { clock, runClock, fired } = setUp(60);
  runClock.start();
  await clock.advance(59_999);
  expect(fired()).toBe(0);
  await clock.advance(1);
  expect(fired()).toBe(1);
  await clock.advance(120_000);
  expect(fired()).toBe(1);
});

test('a pause does not count, however long and often', async () => {
  const { clock, runClock, fired } = setUp(60);
  runClock.start();
  await clock.advance(40_000);
  runClock.pause();
  await clock.advance(3_600_000);
  expect(runClock.elapsedMs()).toBe(40_000);
  runClock.start();
  runClock.start();
  await clock.advance(19_000);
  runClock.pause();
  await clock.advance(10_000);
  runClock.start();
  expect(fired()).toBe(0);
  await clock.advance(1_000);
  expect(fired()).toBe(1);
  expect(runClock.elapsedMs()).toBe(60_000);
});

test('what ran before counts', async () => {
  const { clock, runClock, fired } = setUp(60, 59_000);
  runClock.start();
  await clock.advance(1_000);
  expect(fired()).toBe(1);
});
