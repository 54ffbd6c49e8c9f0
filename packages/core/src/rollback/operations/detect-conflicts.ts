import type { RollbackConflict } from '../conflicts/index.ts';
import { type DiffEntry, deepEqual, formatDomainPath, readDomainPath, valueKind } from '../diff/index.ts';
import type { GraphRelationship } from '../ports/index.ts';
import { cyclesFrom, type DependencyGraph } from '../strategies/dependency-graph.ts';

/** What is there now, by path; absent where nothing is. */
export type LiveValues = ReadonlyMap<string, unknown>;

/**
 * What stands in the way of a change, by what is there now (RB-118): nothing when that is what the change was made from, or
 * already what it leads to. `currentValue` is what is there, `rollbackValue` what would be put there (RB-122).
 */
export function conflictOf(change: DiffEntry, live: LiveValues): RollbackConflict | null {
  const { path, operation, oldValue, newValue } = change;
  const current = live.get(path);
  const conflict = (type: RollbackConflict['type']): RollbackConflict => ({
    path,
    type,
    currentValue: current,
    rollbackValue: newValue,
  });
  if (operation === 'create') {
    return current === undefined || deepEqual(current, newValue) ? null : conflict('value_mismatch');
  }
  if (current === undefined) return conflict('missing_target');
  if (operation === 'move' && live.get(String(change.metadata?.to)) !== undefined) return conflict('value_mismatch');
  if (deepEqual(current, oldValue)) return null;
  if (operation === 'update' && deepEqual(current, newValue)) return null;
  return conflict(valueKind(current) === valueKind(oldValue) ? 'value_mismatch' : 'type_mismatch');
}

/** The graph as it is before the changes. */
export interface LiveGraph {
  entityIds: ReadonlySet<string>;
  relationships: readonly GraphRelationship[];
  /** Of these ids, those that relationships may lead to whatever is changed; none where it is left out. */
  staying?(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** The ids of {@link LiveGraph.staying} that matter to these changes. */
export async function stayingEnds(changes: readonly DiffEntry[], graph: LiveGraph): Promise<ReadonlySet<string>> {
  const ends = changes.flatMap(({ path, newValue }) => {
    const item = readDomainPath(path);
    if (item?.type === 'entity') return newValue === undefined ? [item.key] : [];
    if (item?.type !== 'relationship' || newValue === undefined) return [];
    const { from, to } = newValue as GraphRelationship;
    return [from, to];
  });
  if (ends.length === 0 || !graph.staying) return new Set();
  return graph.staying([...new Set(ends)]);
}

/**
 * Relationships that would hang in the air, and deletes of what is still referred to (RB-120), judged by the graph as it
 * will be once all these changes are applied.
 * @param staying ends that are there whatever is changed
 */
export function dependencyConflicts(
  changes: readonly DiffEntry[],
  graph: LiveGraph,
  staying: ReadonlySet<string> = new Set(),
): RollbackConflict[] {
  const entities = new Set(graph.entityIds);
  const relationships = new Map(graph.relationships.map((relationship) => [relationship.id, relationship]));
  for (const { path, newValue } of changes) {
    const item = readDomainPath(path);
    if (item?.type === 'entity') {
      if (newValue === undefined) entities.delete(item.key);
      else entities.add(item.key);
    } else if (item?.type === 'relationship') {
      if (newValue === undefined) relationships.delete(item.key);
      else relationships.set(item.key, newValue as GraphRelationship);
    }
  }
  for (const id of staying) entities.add(id);
  return changes.flatMap((change): RollbackConflict[] => {
    const context = whatHangs(change, entities, relationships);
    if (!context) return [];
    const { path, oldValue, newValue } = change;
    return [{ path, type: 'dependency_conflict', currentValue: oldValue, rollbackValue: newValue, context }];
  });
}

function whatHangs(
  { path, newValue }: DiffEntry,
  entities: ReadonlySet<string>,
  relationships: ReadonlyMap<string, GraphRelationship>,
): Record<string, unknown> | null {
  const item = readDomainPath(path);
  if (item?.type === 'relationship' && newValue !== undefined) {
    const { from, to } = newValue as GraphRelationship;
    const missing = [from, to].filter((id) => !entities.has(id)).map((id) => formatDomainPath('entity', id));
    return missing.length === 0 ? null : { missing };
  }
  if (item?.type !== 'entity' || newValue !== undefined || entities.has(item.key)) return null;
  const users = [...relationships.values()].filter(({ from, to }) => from === item.key || to === item.key);
  return users.length === 0 ? null : { referencedBy: users.map(({ id }) => formatDomainPath('relationship', id)) };
}

/** Changes each of which needs the next one, in a ring (RB-120): none of them can come first. One conflict for each ring. */
export function cycleConflicts(
  changes: readonly DiffEntry[],
  dependencies: DependencyGraph['dependencies'],
  live: LiveValues,
): RollbackConflict[] {
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const among = Object.fromEntries(
    [...byPath.keys()].flatMap((path) => {
      const needed = Object.hasOwn(dependencies, path) ? (dependencies[path] ?? []) : [];
      return [[path, needed.filter((other) => byPath.has(other))]];
    }),
  );
  return cyclesFrom([...byPath.keys()], among).flatMap((circular): RollbackConflict[] => {
    const change = byPath.get(circular[0] ?? '');
    if (!change) return [];
    const { path, newValue } = change;
    const context = { circular };
    return [{ path, type: 'dependency_conflict', currentValue: live.get(path), rollbackValue: newValue, context }];
  });
}

/** Several changes of one path (RB-100, RB-110): which of them holds cannot be told. */
export function repeatedChanges(changes: readonly DiffEntry[], live: LiveValues): RollbackConflict[] {
  return [...Map.groupBy(changes, ({ path }) => path)].flatMap(([path, mine]): RollbackConflict[] => {
    const last = mine.at(-1);
    if (!last || mine.length < 2) return [];
    const context = {
      multipleChanges: true,
      changeCount: mine.length,
      operations: mine.map(({ operation }) => operation),
    };
    return [{ path, type: 'value_mismatch', currentValue: live.get(path), rollbackValue: last.newValue, context }];
  });
}
