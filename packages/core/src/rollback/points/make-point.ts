import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { capturePoint, scopeOf } from './capture-point.ts';
import { auditPoint, unknownOwner } from './point-records.ts';
import { countLivePoints, countSessionPoint, evictPoints, trimSession } from './point-retention-store.ts';
import type { RollbackPoint } from './rollback-point.ts';
import { insertPoint, lockScope } from './rollback-point-store.ts';
import type { SnapshotType } from './snapshot.ts';
import { insertSnapshot } from './snapshot-store.ts';

/** A point before it is captured; by default it holds all that there is. */
export type PointDraft = Omit<RollbackPoint, 'version' | 'captured' | 'consistent'> & {
  capture?: SnapshotType[] | undefined;
};

/**
 * Captures and stores a point, all or nothing (RB-024), while others give way where there are too many. Answers how many points
 * its session has had, this one counted; null where it has none.
 * @throws SNAPSHOT_CAPTURE_FAILED, PROJECT_NOT_FOUND, SESSION_NOT_FOUND, WORKSPACE_NOT_FOUND, STORE_CAPACITY_EXCEEDED
 */
export async function makePoint(
  parts: RollbackParts,
  { capture, ...draft }: PointDraft,
  actor: string,
): Promise<{ point: RollbackPoint; made: number | null }> {
  const { ports, database, events } = parts;
  const { projectId, id } = draft;
  const captured = capture ?? ports.typesFor(scopeOf(draft));
  if (captured.length === 0) {
    throw new SignalboxError('SNAPSHOT_CAPTURE_FAILED', {
      rollbackPointId: id,
      error: 'nothing can be captured here',
    });
  }
  const { snapshots, consistent } = await capturePoint(parts, draft, captured);
  const { point, made, evicted, capacity } = await database
    .transaction(async (tx) => {
      if (!(await lockScope(tx, projectId))) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
      const room = await makeRoom(parts, tx, draft);
      const stored = await insertPoint(tx, { ...draft, captured, consistent });
      for (const snapshot of snapshots) await insertSnapshot(tx, projectId, snapshot);
      const linked = await linkToSession(parts, tx, stored);
      const gone = [...room.evicted, ...linked.trimmed];
      await auditPoint(tx, stored, 'create', actor);
      await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.pointCreated, rollbackPointId: id });
      for (const rollbackPointId of gone) {
        await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.pointEvicted, rollbackPointId });
      }
      return { point: stored, made: linked.made, evicted: gone, capacity: room.capacity };
    })
    .catch((error: unknown) => {
      throw unknownOwner(error, draft);
    });
  if (capacity) events.emit(ROLLBACK_EVENTS.capacityReached, { projectId, ...capacity });
  for (const rollbackPointId of evicted) events.emit(ROLLBACK_EVENTS.pointEvicted, { projectId, rollbackPointId });
  events.emit(ROLLBACK_EVENTS.pointCreated, { rollbackPoint: point });
  return { point, made };
}

/** Lets others give way where the project is full (RB-159, RB-160). Expired ones take up no room. */
async function makeRoom(
  { settings, clock }: RollbackParts,
  tx: Transaction,
  { projectId, kind }: PointDraft,
): Promise<{ evicted: string[]; capacity: { currentSize: number; maxSize: number } | null }> {
  const { maxPoints: maxSize, evict } = settings;
  const currentSize = await countLivePoints(tx, projectId, kind, clock.now());
  if (currentSize < maxSize) return { evicted: [], capacity: null };
  const evicted = evict || kind === 'backup' ? await evictPoints(tx, projectId, kind, currentSize - maxSize + 1) : [];
  if (evicted.length === 0) throw new SignalboxError('STORE_CAPACITY_EXCEEDED', { maxSize });
  return { evicted, capacity: { currentSize, maxSize } };
}

/** Counts it among its session's, and lets the oldest of those give way (RB-199, RB-200). */
async function linkToSession(
  { settings }: RollbackParts,
  tx: Transaction,
  { projectId, sessionId, kind }: RollbackPoint,
): Promise<{ made: number | null; trimmed: string[] }> {
  if (sessionId === null || kind !== 'named') return { made: null, trimmed: [] };
  const made = await countSessionPoint(tx, projectId, sessionId);
  return { made, trimmed: await trimSession(tx, projectId, sessionId, settings.sessionLimit) };
}
