import type { RollbackConflict } from '../conflicts/index.ts';
import { countOperations, type DiffEntry, readDomainPath } from '../diff/index.ts';
import { itemPathOf } from '../operations/item-path.ts';
import type { RollbackPreview } from '../operations/rollback-operation.ts';
import type { SnapshotType } from '../points/snapshot.ts';
import type { Plan, PlanContext, Strategy } from './strategy.ts';
import { wireChange, wireConflict } from './wire-change.ts';

/** Milliseconds for looking at that many changes (RB-111). */
export function analysisDuration(changes: number): number {
  return 500 + 10 * changes;
}

/** What a plan comes to (RB-113…115). */
export function previewOf(
  strategy: Strategy,
  context: PlanContext,
  plan: Plan,
  conflicts: readonly RollbackConflict[],
  problems: readonly string[],
): RollbackPreview {
  const { changes, dependencies } = plan;
  return {
    strategy: strategy.name,
    totalChanges: changes.length,
    changesByType: countOperations(changes),
    estimatedDuration: strategy.estimate(changes.length, context.options),
    analysisDuration: analysisDuration(context.changes.length),
    potentialConflicts: conflicts.map(wireConflict),
    affectedItems: {
      entities: affected(changes, 'entity'),
      relationships: affected(changes, 'relationship'),
      files: affected(changes, 'file'),
      sessions: affected(changes, 'session_state'),
      configuration: affected(changes, 'configuration'),
    },
    dependencies,
    problems: [...problems],
    changes: changes.map(wireChange),
  };
}

/** Distinct whole paths (RB-114). */
function affected(changes: readonly DiffEntry[], type: SnapshotType): string[] {
  const mine = changes.filter(({ path }) => kindOf(path) === type);
  return [...new Set(mine.map(({ path }) => itemPathOf(path)))];
}

/** What has no kind of its own counts as a file where it looks like one. */
function kindOf(path: string): SnapshotType | null {
  return readDomainPath(path)?.type ?? (path.includes('/') ? 'file' : null);
}
