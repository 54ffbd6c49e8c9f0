import { recordAudit } from '../audit/index.ts';
import { recordFeeds } from '../platform/feed/index.ts';
import { TERMINAL_STATUSES } from '../sessions/index.ts';
import { forgetOperations } from './operations/operation-store.ts';
import { noteCleanup } from './operations/rollback-metrics-store.ts';
import { expirePointsNow } from './points/expire-points.ts';
import { endedSessionsWithPoints, forgetExpiredPoints, trimSession } from './points/point-retention-store.ts';
import { ROLLBACK_EVENTS } from './rollback-events.ts';
import type { RollbackParts } from './rollback-parts.ts';

/** Sessions whose points are dropped in one round. */
const SESSIONS_AT_ONCE = 500;
const ACTOR = 'system';

/** RB-026. */
export interface RollbackCleanup {
  removedPoints: number;
  removedOperations: number;
  removedSnapshots: number;
}

/**
 * Removes what has outlived itself, in all projects (RB-026, RB-166): expired points, what is left of them after a while,
 * points of sessions that are over, and operations that were over long ago. Several nodes may do so at once.
 */
export async function cleanUpRollback(parts: RollbackParts): Promise<RollbackCleanup> {
  const { database, clock, settings, events } = parts;
  events.emit(ROLLBACK_EVENTS.cleanupStarted, {});
  const now = clock.now();
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const expired = await expirePointsNow(parts);
  const ended = settings.onSessionEnd === 'delete' ? await dropPointsOfEndedSessions(parts) : [];
  await forgetExpiredPoints(database, ago(settings.rememberExpired));
  const operations = await forgetOperations(database, ago(settings.keepOperations));
  await noteCleanup(database, now);
  const points = [...expired.points, ...ended];
  const projectIds = await auditCleanup(parts, points, operations);
  events.emit(ROLLBACK_EVENTS.cleanupCompleted, { removedCount: points.length + operations.length, projectIds });
  return {
    removedPoints: points.length,
    removedOperations: operations.length,
    removedSnapshots: expired.snapshots,
  };
}

/** RB-201. */
async function dropPointsOfEndedSessions({ database, events }: RollbackParts): Promise<{ projectId: string }[]> {
  const dropped: { projectId: string }[] = [];
  const ended = await endedSessionsWithPoints(database, TERMINAL_STATUSES, SESSIONS_AT_ONCE);
  for (const { projectId, sessionId } of ended) {
    const gone = await database.transaction(async (tx) => {
      const ids = await trimSession(tx, projectId, sessionId, 0);
      const news = ids.map((rollbackPointId) => ({ event: ROLLBACK_EVENTS.pointRemoved, rollbackPointId }));
      await recordFeeds(tx, projectId, 'rollback', news);
      return ids;
    });
    for (const rollbackPointId of gone) {
      events.emit(ROLLBACK_EVENTS.pointRemoved, { projectId, rollbackPointId });
      dropped.push({ projectId });
    }
  }
  return dropped;
}

/** On record in each project in which something was removed (RB-205). Answers those. */
async function auditCleanup(
  { database, ids }: RollbackParts,
  points: readonly { projectId: string }[],
  operations: readonly { projectId: string }[],
): Promise<string[]> {
  const projectIds = [...new Set([...points, ...operations].map(({ projectId }) => projectId))].sort();
  await database.transaction(async (tx) => {
    for (const projectId of projectIds) {
      const count = (all: readonly { projectId: string }[]) => all.filter((one) => one.projectId === projectId).length;
      const details = { removedPoints: count(points), removedOperations: count(operations) };
      const subject = { subjectType: 'project', subjectId: projectId, details };
      await recordAudit(tx, projectId, { actor: ACTOR, action: 'rollback.cleanup', ...subject }, ids);
    }
  });
  return projectIds;
}
