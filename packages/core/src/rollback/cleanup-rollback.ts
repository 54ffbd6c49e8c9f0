import { isActive } from '../sessions/index.ts';
import { forgetOperations } from './operations/operation-store.ts';
import { noteCleanup } from './operations/rollback-metrics-store.ts';
import { expirePointsNow } from './points/expire-points.ts';
import { forgetExpiredPoints, sessionsWithPoints, trimSession } from './points/point-retention-store.ts';
import { ROLLBACK_EVENTS } from './rollback-events.ts';
import type { RollbackParts } from './rollback-parts.ts';

/** Sessions whose points are looked at in one round. */
const SESSIONS_AT_ONCE = 500;

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
  const ended = settings.onSessionEnd === 'delete' ? await dropPointsOfEndedSessions(parts) : 0;
  await forgetExpiredPoints(database, ago(settings.rememberExpired));
  const removedOperations = await forgetOperations(database, ago(settings.keepOperations));
  await noteCleanup(database, now);
  const cleanup = { removedPoints: expired.points + ended, removedOperations, removedSnapshots: expired.snapshots };
  events.emit(ROLLBACK_EVENTS.cleanupCompleted, { removedCount: cleanup.removedPoints + removedOperations });
  return cleanup;
}

/** RB-201. */
async function dropPointsOfEndedSessions({ database, sessions }: RollbackParts): Promise<number> {
  let dropped = 0;
  for (const { projectId, sessionId } of await sessionsWithPoints(database, SESSIONS_AT_ONCE)) {
    const session = await sessions.get(projectId, sessionId);
    if (session && isActive(session.status)) continue;
    dropped += (await trimSession(database, projectId, sessionId, 0)).length;
  }
  return dropped;
}
