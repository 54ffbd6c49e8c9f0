import { isDeepStrictEqual } from 'node:util';
import type { Dependency } from './dependency.ts';

/** A row of the table, without what the database says by itself. */
export type DependencyRow = Omit<
  Dependency,
  'projectId' | 'source' | 'target' | 'environment' | 'createdAt' | 'updatedAt'
> & {
  /** Empty text: in every environment. */
  environment: string;
};

export interface MergedDependencies {
  /** What is to be written, each key once. */
  rows: DependencyRow[];
  added: number;
  /** Of which more changed than when it was seen last. */
  changed: number;
  /** Seen again, and nothing else. */
  observed: number;
  /** Whether what leads to what may have changed, or how sure that is. */
  moved: boolean;
}

/** Where a dependency is unique (DEP-002). */
export function dependencyKey(
  row: Pick<DependencyRow, 'sourceId' | 'targetId' | 'discoverySource' | 'environment'>,
): string {
  return [row.sourceId, row.targetId, row.discoverySource, row.environment].join(' ');
}

/**
 * Lays what is said over what is known. The newest observation counts, and of several of one moment the last: so saying the same again
 * changes nothing, and what comes late overwrites nothing.
 */
export function mergeDependencies(known: readonly DependencyRow[], said: readonly DependencyRow[]): MergedDependencies {
  const before = new Map(known.map((row) => [dependencyKey(row), row]));
  const after = new Map<string, DependencyRow>();
  for (const row of said) {
    const key = dependencyKey(row);
    const there = after.get(key) ?? before.get(key);
    if (!there) after.set(key, row);
    else if (Date.parse(row.lastObservedAt) >= Date.parse(there.lastObservedAt)) after.set(key, renewed(there, row));
  }
  const merged: MergedDependencies = { rows: [], added: 0, changed: 0, observed: 0, moved: false };
  for (const [key, row] of after) {
    const old = before.get(key);
    if (old && isDeepStrictEqual(old, row)) continue;
    merged.rows.push(row);
    if (!old) merged.added += 1;
    else if (isDeepStrictEqual({ ...old, lastObservedAt: row.lastObservedAt }, row)) merged.observed += 1;
    else merged.changed += 1;
    merged.moved ||= !old || old.stale !== row.stale || old.confidence !== row.confidence;
  }
  return merged;
}

/** What was marked stale is fresh only once it is seen after the last time. */
function renewed(there: DependencyRow, said: DependencyRow): DependencyRow {
  const stale = there.stale && Date.parse(said.lastObservedAt) === Date.parse(there.lastObservedAt);
  return { ...said, id: there.id, stale };
}
