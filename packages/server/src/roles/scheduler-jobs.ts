import { type Core, reapLostRuns } from '@signalbox/core';
import type { PeriodicJobSettings } from './periodic-job.ts';

const ACTOR = 'scheduler';
/**
 * Between two rounds of the reaper. The tasks of the dead are to run again within two seconds of their lease's end: with a second from each
 * end to the next beginning, a busy server spent most of that here; with half of one still a quarter.
 */
const REAP_MS = 250;
/** What one round of the reaper takes; a full one is followed by another at once. */
const REAPED_AT_ONCE = 50;
/** Schedules of one round; a full one is followed by another at once. */
const FIRED_AT_ONCE = 50;
/** What one round of failing tasks that missed their deadline takes. */
const FAILED_AT_ONCE = 500;

/** Approvals of one round; a full one is followed by another at once. */
const APPROVALS_AT_ONCE = 100;

/** Checkpoints of one round; a full one is followed by another at once. */
const CHECKPOINTS_AT_ONCE = 50;

/**
 * Keeps the queue honest: claims whose holder is gone, missed deadlines, runs and pauses over their limit (design.md §4); and claims to paths
 * that have run out, and warnings of conflicts that their finder did not come to give; and agents that fell silent, or have room; and checkpoints
 * that sessions are due.
 */
export function schedulerJobs(core: Core): PeriodicJobSettings[] {
  return [
    {
      name: 'reap lost claims',
      everyMs: REAP_MS,
      run: async () => {
        while ((await reapLostRuns(core)).length >= REAPED_AT_ONCE);
      },
    },
    { name: 'expire path claims', everyMs: 1_000, run: () => core.pathClaims.expireDue() },
    {
      name: 'look after approvals',
      everyMs: 1_000,
      run: async () => {
        while ((await core.approvals.lookAfter()) >= APPROVALS_AT_ONCE);
      },
    },
    { name: 'warn of conflicts', everyMs: 1_000, run: () => core.conflicts.warnPending() },
    {
      name: 'fail overdue tasks',
      everyMs: 1_000,
      run: async () => {
        while ((await core.tasks.failOverdue(FAILED_AT_ONCE)) >= FAILED_AT_ONCE);
      },
    },
    {
      name: 'fire schedules',
      everyMs: 1_000,
      run: async () => {
        while ((await core.schedules.fireDue(FIRED_AT_ONCE)) >= FIRED_AT_ONCE);
      },
    },
    {
      name: 'take checkpoints that are due',
      everyMs: 1_000,
      run: async () => {
        while ((await core.sessions.takeDueCheckpoints()) >= CHECKPOINTS_AT_ONCE);
      },
    },
    { name: 'keep anchors that could not be kept', everyMs: 30_000, run: () => core.sessions.keepDueAnchors() },
    { name: 'look after agents', everyMs: 5_000, run: () => core.agents.lookAfter() },
    { name: 'give tasks to agents', everyMs: 5_000, run: () => core.agents.assignAll() },
    { name: 'time out sessions', everyMs: 5_000, run: () => core.sessions.timeOutOverdue(ACTOR) },
  ];
}
