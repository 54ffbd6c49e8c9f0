import type { DiffEntry, DiffOperation } from './diff-entry.ts';
import { formatPath, parsePath } from './diff-path.ts';
import { formatDomainPath, readDomainPath } from './domain-path.ts';

/** RB-063. */
export interface DiffSummary {
  totalChanges: number;
  changesByOperation: Record<DiffOperation, number>;
  /** What stands first in each path: the item, or the outermost property. Each once. */
  affectedPaths: string[];
  estimatedComplexity: 'low' | 'medium' | 'high';
}

const MANY = 100;
const SOME = 20;

export function summariseDiff(changes: readonly DiffEntry[]): DiffSummary {
  const totalChanges = changes.length;
  return {
    totalChanges,
    changesByOperation: countOperations(changes),
    affectedPaths: [...new Set(changes.map(({ path }) => outermost(path)))],
    estimatedComplexity: totalChanges > MANY ? 'high' : totalChanges > SOME ? 'medium' : 'low',
  };
}

/** How many changes there are of each kind, none left out. */
export function countOperations(changes: readonly DiffEntry[]): Record<DiffOperation, number> {
  const counts = { create: 0, update: 0, delete: 0, move: 0 };
  for (const { operation } of changes) counts[operation] += 1;
  return counts;
}

function outermost(path: string): string {
  const item = readDomainPath(path);
  if (item) return formatDomainPath(item.type, item.key);
  return formatPath(parsePath(path).slice(0, 1));
}
