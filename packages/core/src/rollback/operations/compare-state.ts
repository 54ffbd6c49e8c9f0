import { type DiffEntry, deepEqual, diffValues, formatDomainPath } from '../diff/index.ts';
import type { SnapshotType } from '../points/snapshot.ts';
import type { StateItem } from '../ports/index.ts';

/**
 * What has to be done to items as they are, so that they are as they were: one entry for each item (RB-055…057), in key order.
 * An update says in `metadata.properties` what differs within it; `metadata.timestamp` is when the item last changed
 * (RB-105).
 */
export function compareItems(
  type: SnapshotType,
  current: readonly StateItem[],
  wanted: readonly StateItem[],
): DiffEntry[] {
  const there = new Map(current.map((item) => [item.key, item]));
  const target = new Map(wanted.map((item) => [item.key, item]));
  const keys = [...new Set([...there.keys(), ...target.keys()])].sort();
  return keys.flatMap((key) =>
    entryFor(formatDomainPath(type, key), there.get(key), target.get(key), (property) =>
      formatDomainPath(type, key, property),
    ),
  );
}

function entryFor(
  path: string,
  before: StateItem | undefined,
  after: StateItem | undefined,
  propertyPath: (property: string) => string,
): DiffEntry[] {
  const [oldValue, newValue] = [before?.value, after?.value];
  if (deepEqual(oldValue, newValue)) return [];
  const timestamp = before?.modifiedAt;
  const dated = timestamp === undefined ? {} : { timestamp };
  if (!before || !after) {
    return [{ path, operation: before ? 'delete' : 'create', oldValue, newValue, ...(before && { metadata: dated }) }];
  }
  const properties = diffValues(oldValue, newValue, { ignoreProperties: [], includeMetadata: false }).map((entry) => ({
    ...entry,
    path: propertyPath(entry.path),
  }));
  return [{ path, operation: 'update', oldValue, newValue, metadata: { ...dated, properties } }];
}

/**
 * Files that are the same under another name are one move (RB-062): `path` is the old place, `metadata.to` the new one.
 * Each deleted file is paired with the first created one of the same content.
 */
export function findMoves(changes: readonly DiffEntry[]): DiffEntry[] {
  const created = changes.filter(({ operation }) => operation === 'create');
  const used = new Set<DiffEntry>();
  const moves = new Map<DiffEntry, DiffEntry>();
  for (const change of changes) {
    if (change.operation !== 'delete') continue;
    const target = created.find((one) => !used.has(one) && deepEqual(one.newValue, change.oldValue));
    if (!target) continue;
    used.add(target);
    const metadata = { ...change.metadata, to: target.path };
    moves.set(change, {
      path: change.path,
      operation: 'move',
      oldValue: change.oldValue,
      newValue: target.newValue,
      metadata,
    });
  }
  return changes.flatMap((change) => (used.has(change) ? [] : [moves.get(change) ?? change]));
}

/** Deletes of relationships, then of entities; then entities, relationships, session, configuration and files (RB-070). */
export function inApplyOrder(changes: readonly DiffEntry[], typeOf: (change: DiffEntry) => SnapshotType): DiffEntry[] {
  const rank = (change: DiffEntry) =>
    ORDER.indexOf(`${change.operation === 'delete' ? 'delete' : 'write'}:${typeOf(change)}`);
  return changes
    .map((change, index) => ({ change, index, rank: rank(change) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ change }) => change);
}

const ORDER = [
  'delete:relationship',
  'delete:entity',
  'write:entity',
  'write:relationship',
  'delete:session_state',
  'write:session_state',
  'delete:configuration',
  'write:configuration',
  'delete:file',
  'write:file',
];
