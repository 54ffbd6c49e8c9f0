import { type Core, reapLostRuns } from '@signalbox/core';
import type { PeriodicJobSettings } from './periodic-job.ts';

const ACTOR = 'scheduler';
/** What one round of the reaper takes; a full one is followed by another at once. */
const REAPED_AT_ONCE = 50;

/** Keeps the queue honest: claims whose holder is gone, runs and pauses over their limit (design.md §4). */
export function schedulerJobs(core: Core): PeriodicJobSettings[] {
  return [
    {
      name: 'reap lost claims',
      everyMs: 1_000,
      run: async () => {
        while ((await reapLostRuns(core)).length >= REAPED_AT_ONCE);
      },
    },
    { name: 'time out sessions', everyMs: 5_000, run: () => core.sessions.timeOutOverdue(ACTOR) },
  ];
}
