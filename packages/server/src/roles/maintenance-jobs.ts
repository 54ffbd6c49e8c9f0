import {
  type Configuration,
  type Core,
  dropFeedPartitions,
  makeFeedPartitions,
  pruneContents,
  retireTasks,
} from '@signalbox/core';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { PeriodicJobSettings } from './periodic-job.ts';

const ACTOR = 'maintenance';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEGABYTE = 1024 ** 2;
/** Partitions are made this far ahead, so that a day without maintenance costs nothing. */
const DAYS_AHEAD = 7;
const PROJECTS_AT_ONCE = 100;

/** Keeps what is stored within its bounds. Every job may run on several nodes at once; they take turns in the database. */
export function maintenanceJobs(
  core: Core,
  audit: AuditTrail,
  { retention, tasks }: Pick<Configuration, 'retention' | 'tasks'>,
): PeriodicJobSettings[] {
  const keepAudit = retention.auditDays === null ? null : retention.auditDays * DAY;
  return [
    { name: 'seal the audit', everyMs: SECOND, run: () => audit.seal() },
    { name: 'partition the audit', everyMs: HOUR, run: () => audit.partition(DAYS_AHEAD, keepAudit) },
    {
      name: 'expire sessions',
      everyMs: MINUTE / 2,
      run: () => core.sessions.expireDue(ACTOR, { retentionDays: retention.expireDays }),
    },
    { name: 'end sessions of agents that fell silent', everyMs: MINUTE, run: () => core.adopted.lookAfter(ACTOR) },
    { name: 'end interrupted undos', everyMs: 5 * SECOND, run: () => core.undos.recover() },
    { name: 'clear dead locks', everyMs: SECOND, run: () => core.locks.sweep() },
    { name: 'delete old sessions', everyMs: HOUR, run: () => deleteOldSessions(core, retention.sessionDays) },
    { name: 'delete old tasks', everyMs: HOUR, run: () => retireTasks(core.database, tasks) },
    { name: 'delete old recordings', everyMs: HOUR, run: () => deleteOldRecordings(core, retention.recordingDays) },
    {
      name: 'end recordings of processes that are gone',
      everyMs: 5 * SECOND,
      run: () => core.recordings.interruptAbandoned(),
    },
    {
      name: 'keep states of journals',
      everyMs: 10 * SECOND,
      run: async () => {
        while ((await core.states.keepUp()) > 0);
      },
    },
    { name: 'settle work trees of ended sessions', everyMs: MINUTE, run: () => core.workTrees.settleAll() },
    {
      name: 'pack and prune captures',
      everyMs: HOUR,
      run: () =>
        core.captureStores.prune({ days: retention.captureDays, bytes: retention.captureMegabytes * MEGABYTE }),
    },
    { name: 'forget what agents did long ago', everyMs: HOUR, run: () => core.agents.forgetOld() },
    {
      name: 'end rollbacks whose process is gone',
      everyMs: 10 * SECOND,
      run: () => core.rollback.operations.failGone(),
    },
    { name: 'clean up rollback points', everyMs: 5 * MINUTE, run: () => core.rollback.cleanup() },
    {
      name: 'forget old deliveries of webhooks',
      everyMs: HOUR,
      run: () => core.webhooks.forgetOld(retention.webhookDays),
    },
    {
      name: 'forget old history of the code graph',
      everyMs: DAY,
      run: () =>
        inEachProject(core, async (id) => {
          await core.knowledge.forgetOld(id, retention.graphDays);
          await core.indexing.forgetOld(id, retention.graphDays);
        }),
    },
    { name: 'forget idempotency keys', everyMs: 10 * MINUTE, run: () => core.idempotency.purge() },
    { name: 'delete contents that nothing refers to', everyMs: 6 * HOUR, run: () => pruneContents(core.database) },
    {
      name: 'partition the feed',
      everyMs: HOUR,
      run: async () => {
        const now = core.clock.now();
        await makeFeedPartitions(core.database, now, DAYS_AHEAD);
        await dropFeedPartitions(core.database, new Date(now.getTime() - retention.feedDays * DAY));
      },
    },
  ];
}

/** ORC-147, in every project. */
function deleteOldSessions(core: Core, olderThanDays: number): Promise<void> {
  return inEachProject(core, (id) => core.sessions.cleanup(id, { olderThanDays }, ACTOR));
}

/** REPLAY-053, in every project. */
function deleteOldRecordings(core: Core, days: number): Promise<void> {
  return inEachProject(core, (id) => core.recordings.retire(id, days));
}

async function inEachProject(core: Core, work: (projectId: string) => Promise<unknown>): Promise<void> {
  for (let page = 1; ; page++) {
    const { items } = await core.projects.list(page, PROJECTS_AT_ONCE);
    for (const { id } of items) await work(id);
    if (items.length < PROJECTS_AT_ONCE) return;
  }
}
