import { recordFeeds } from '../../platform/feed/index.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { expirePoints } from './point-retention-store.ts';
import type { RollbackPoint } from './rollback-point.ts';

/**
 * Empties what has expired, in any project, or one point (RB-020, RB-025): told once for each, however many look at it at
 * the same time. By the sweep and by whoever asks for one; no point has a timer, so that no life is too long (RB-161).
 */
export async function expirePointsNow(
  { database, clock, events }: Pick<RollbackParts, 'database' | 'clock' | 'events'>,
  { id = null }: { id?: string | null } = {},
): Promise<{ points: readonly Pick<RollbackPoint, 'projectId' | 'id'>[]; snapshots: number }> {
  const { points, snapshots } = await database.transaction(async (tx) => {
    const expired = await expirePoints(tx, clock.now(), { id });
    for (const [projectId, mine] of Map.groupBy(expired.points, (point) => point.projectId)) {
      const news = mine.map((point) => ({ event: ROLLBACK_EVENTS.pointExpired, rollbackPointId: point.id }));
      await recordFeeds(tx, projectId, 'rollback', news);
    }
    return expired;
  });
  for (const { projectId, id: rollbackPointId } of points) {
    events.emit(ROLLBACK_EVENTS.pointExpired, { projectId, rollbackPointId });
  }
  return { points, snapshots };
}
