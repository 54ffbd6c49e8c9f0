import { type Clock, systemClock } from '@signalbox/core';

/** A real clock that runs `factor` times as fast: limits of minutes are reached in seconds, in their true order. */
export function quickClock(factor: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
    every: (ms, tick) => systemClock.every(ms / factor, tick),
  };
}
