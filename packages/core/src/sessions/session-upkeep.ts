import type { Executor } from '../platform/database/index.ts';
import { timeoutOf } from './session-lifecycle.ts';
import type { SessionScope } from './session-parts.ts';
import { type LockedSession, lockSessions } from './session-store.ts';
import {
  type FoundSession,
  findDueSessions,
  findOverdueSessions,
  findOverLimit,
  findStartedBefore,
  type OverdueSession,
} from './session-upkeep-store.ts';
import { carryOut, type SessionWrite } from './session-write.ts';
import { refusalOf, type StatusChange } from './status-change.ts';

/** Never finished sessions end after 7 days (CTL-021, design.md §9). */
const RETENTION_DAYS = 7;
/** A pause ends after a day (design.md §4). */
const PAUSE_SECONDS = 24 * 3600;
const BATCH = 500;

/** What the program does by itself to keep sessions in order; called again and again by the maintenance leader. */
export function upkeepVerbs(scope: SessionScope) {
  return {
    /** Live ids of running, paused and degraded sessions over their own time limit (ORC-135). */
    findOverLimit: (projectId: string): Promise<string[]> => findOverLimit(scope.read, projectId),

    /** Live ids of running, paused and degraded sessions started longer ago than that (ORC-135). */
    findStartedBefore: (projectId: string, maxAgeHours = 24): Promise<string[]> =>
      findStartedBefore(scope.read, projectId, maxAgeHours),

    /** Runs over their limit and pauses over theirs, in all projects; what to do about them is the caller's. */
    findRunOverdue: (limit = BATCH): Promise<OverdueSession[]> => findOverdueSessions(scope.read, PAUSE_SECONDS, limit),

    /** Times such sessions out, up to one batch. Answers those that were. */
    timeOutOverdue: (actor: string): Promise<FoundSession[]> =>
      end(scope, actor, 'timeout', timeoutOf, (db, among) => findOverdueSessions(db, PAUSE_SECONDS, BATCH, among)),

    /** Expires unfinished sessions whose lifetime is over or that are too old, up to one batch. Answers those that were. */
    expireDue: (actor: string, { retentionDays = RETENTION_DAYS } = {}): Promise<FoundSession[]> =>
      end(
        scope,
        actor,
        'expire',
        () => ({ to: 'expired' }),
        (db, among) => findDueSessions(db, scope.clock.now(), retentionDays, BATCH, among),
      ),
  };
}

/** Ends what `find` finds, one transaction per project. Asked again once the rows are held: what has changed stays. */
async function end(
  scope: SessionScope,
  actor: string,
  verb: string,
  change: (session: LockedSession) => StatusChange,
  find: (db: Executor, among?: readonly string[]) => Promise<FoundSession[]>,
): Promise<FoundSession[]> {
  const found = await find(scope.read);
  const ended: FoundSession[] = [];
  for (const projectId of new Set(found.map((session) => session.projectId))) {
    const ids = found.filter((session) => session.projectId === projectId).map((session) => session.id);
    const done = await scope.write(async (tx) => {
      const held = await lockSessions(tx, projectId, ids);
      const writes: SessionWrite[] = [];
      for (const { id } of await find(tx, ids)) {
        const before = held.get(id);
        if (!before) continue;
        const status = change(before);
        if (refusalOf(before, status) === null) writes.push({ before, patch: {}, status, verb });
      }
      await carryOut(scope, tx, projectId, actor, writes);
      return writes.map(({ before }) => ({ projectId, id: before.id }));
    });
    ended.push(...done);
  }
  return ended;
}
