import { SignalboxError } from '../../platform/errors/index.ts';
import { type DiffEntry, parseDomainPath } from '../diff/index.ts';
import { compareItems, findMoves, inApplyOrder } from '../operations/compare-state.ts';
import type { StateItem, StatePort, StateScope } from '../ports/index.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { scopeOf } from './capture-point.ts';
import { captureState } from './capture-state.ts';
import { readSnapshot } from './read-snapshot.ts';
import type { RollbackPoint } from './rollback-point.ts';
import type { Snapshot, SnapshotType } from './snapshot.ts';
import { snapshotsOfPoint } from './snapshot-store.ts';

/**
 * The changes that lead back to a point, in the order in which they are applied (RB-070), and its snapshots, their checksums
 * verified. @throws NO_SNAPSHOTS_FOUND, SNAPSHOT_CORRUPTED, ROLLBACK_PORT_MISSING
 */
export async function comparePoint(
  { database, ports }: Pick<RollbackParts, 'database' | 'ports'>,
  point: RollbackPoint,
): Promise<{ changes: DiffEntry[]; snapshots: Snapshot[] }> {
  const stored = await snapshotsOfPoint(database, point.projectId, point.id);
  if (stored.length === 0) throw new SignalboxError('NO_SNAPSHOTS_FOUND', { rollbackPointId: point.id });
  const scope = scopeOf(point);
  const types = stored.map(({ type }) => type);
  for (const type of types) ports.get(type);
  const current = await captureState(database, ports, scope, types);
  const changes: DiffEntry[] = [];
  for (const snapshot of stored) {
    const port = ports.get(snapshot.type);
    const wanted = await port.itemsOf(scope, readSnapshot(snapshot));
    const data = current.data.get(snapshot.type);
    const there = await port.itemsOf(scope, data);
    const mine = await dated(port, scope, data, compareItems(snapshot.type, there, wanted));
    changes.push(...(snapshot.type === 'file' ? findMoves(mine) : mine));
  }
  const ordered = inApplyOrder(changes, ({ path }) => parseDomainPath(path).type);
  return { changes: ordered, snapshots: stored.map(({ data: _, ...snapshot }) => snapshot) };
}

/** Changes with the time of which their port knows, where they have none (RB-105). */
async function dated(
  port: StatePort,
  scope: StateScope,
  data: unknown,
  changes: readonly DiffEntry[],
): Promise<DiffEntry[]> {
  const keyOf = ({ path }: DiffEntry) => parseDomainPath(path).key;
  const undated = changes.filter(({ metadata }) => metadata?.timestamp === undefined);
  const times = undated.length > 0 ? await port.changedAt?.(scope, data, undated.map(keyOf)) : undefined;
  return changes.map((change) => {
    const timestamp = change.metadata?.timestamp ?? times?.get(keyOf(change));
    return timestamp === undefined ? change : { ...change, metadata: { ...change.metadata, timestamp } };
  });
}

/** The items that a point holds, by kind. */
export async function itemsOfPoint(
  { database, ports }: Pick<RollbackParts, 'database' | 'ports'>,
  point: RollbackPoint,
): Promise<Map<SnapshotType, StateItem[]>> {
  const items = new Map<SnapshotType, StateItem[]>();
  for (const snapshot of await snapshotsOfPoint(database, point.projectId, point.id)) {
    items.set(snapshot.type, await ports.get(snapshot.type).itemsOf(scopeOf(point), readSnapshot(snapshot)));
  }
  return items;
}
