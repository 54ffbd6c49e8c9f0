import { SignalboxError } from '../../platform/errors/index.ts';
import type { ConflictResolution, MergeContext, MergeResult, RollbackConflict } from '../conflicts/index.ts';
import { type DiffEntry, deepEqual } from '../diff/index.ts';
import type { DependencyGraph } from '../strategies/dependency-graph.ts';
import type { SettledChange } from '../strategies/strategy.ts';
import { wireConflict } from '../strategies/wire-change.ts';
import { conflictOf, cycleConflicts, dependencyConflicts, type LiveGraph, stayingEnds } from './detect-conflicts.ts';

/** A merge below this is applied, with a warning (RB-127). */
const CONFIDENT = 70;

export type ConflictMerger = (conflict: RollbackConflict, context: MergeContext) => Promise<MergeResult> | MergeResult;

export interface SettleParts {
  read(paths: Iterable<string>): Promise<ReadonlyMap<string, unknown>>;
  /** Null where no graph is there. Not read where no change is of it. */
  graph(): Promise<LiveGraph | null>;
  /** Which paths need which others. */
  dependencies?: DependencyGraph['dependencies'];
  resolution: ConflictResolution;
  merge: ConflictMerger;
  /** Told of each conflict once (RB-121). */
  onConflict(conflict: RollbackConflict): void;
  warn(message: string, data?: Record<string, unknown>): void;
}

export interface Settlement {
  settled: SettledChange[];
  /** Paths that were left out (RB-125). */
  skipped: string[];
  found: number;
  resolved: number;
}

/** The conflicts of these changes with what is there, one for each path. Changes nothing. */
export async function findConflicts(
  parts: Pick<SettleParts, 'read' | 'graph' | 'dependencies'>,
  changes: readonly DiffEntry[],
  known: readonly RollbackConflict[] = [],
): Promise<RollbackConflict[]> {
  const { conflicts } = await look(parts, changes, known, new Map());
  return conflicts;
}

/**
 * Meets every conflict as the caller wishes (RB-123…128), the one procedure of all strategies. What is left out may leave
 * others without what they need, so that the rest is looked at again.
 * @throws ROLLBACK_CONFLICT with all conflicts; nothing was applied
 */
export async function settleConflicts(
  parts: SettleParts,
  changes: readonly DiffEntry[],
  known: readonly RollbackConflict[] = [],
): Promise<Settlement> {
  const decided = new Map<string, { value: unknown }>();
  const skipped: string[] = [];
  let rest = [...changes];
  let found = 0;
  for (let knownNow = known; ; knownNow = []) {
    const { conflicts, settled } = await look(parts, rest, knownNow, decided);
    if (conflicts.length === 0) return { settled, skipped, found, resolved: found };
    found += conflicts.length;
    for (const conflict of conflicts) parts.onConflict(conflict);
    parts.warn(`${conflicts.length} change(s) are in conflict with what is there`, countTypes(conflicts));
    for (const conflict of conflicts) {
      const change = rest.findLast(({ path }) => path === conflict.path);
      const decision = await decide(parts, conflict, change, conflicts);
      if (decision === null) skipped.push(conflict.path);
      else decided.set(conflict.path, decision);
    }
    rest = rest.filter(({ path }) => !skipped.includes(path));
  }
}

interface Look {
  conflicts: RollbackConflict[];
  settled: SettledChange[];
}

async function look(
  { read, graph, dependencies = {} }: Pick<SettleParts, 'read' | 'graph' | 'dependencies'>,
  changes: readonly DiffEntry[],
  known: readonly RollbackConflict[],
  decided: ReadonlyMap<string, { value: unknown }>,
): Promise<Look> {
  const live = await read(
    changes.flatMap(({ path, metadata }) => (metadata?.to === undefined ? [path] : [path, String(metadata.to)])),
  );
  /** What will stand there once the changes before are made. */
  const there = new Map(live);
  const conflicts = new Map<string, RollbackConflict>();
  const add = (conflict: RollbackConflict) => {
    if (!decided.has(conflict.path) && !conflicts.has(conflict.path)) conflicts.set(conflict.path, conflict);
  };
  const paths = new Set(changes.map(({ path }) => path));
  for (const conflict of known)
    if (paths.has(conflict.path)) add({ ...conflict, currentValue: live.get(conflict.path) });
  const settled: SettledChange[] = [];
  for (const change of changes) {
    const decision = decided.get(change.path);
    if (decision && change !== changes.findLast(({ path }) => path === change.path)) continue;
    const conflict = decision ? null : conflictOf(change, there);
    if (conflict) add(conflict);
    const value = decision ? decision.value : change.newValue;
    settled.push({ change, value, expected: there.get(change.path) });
    there.set(change.path, value);
  }
  const graphNow = changes.some(({ path }) => /^(entity|relationship):/.test(path)) ? await graph() : null;
  const staying = graphNow ? await stayingEnds(changes, graphNow) : new Set<string>();
  if (graphNow) for (const conflict of dependencyConflicts(changes, graphNow, staying)) add(conflict);
  for (const conflict of cycleConflicts(changes, dependencies, live)) add(conflict);
  return { conflicts: [...conflicts.values()], settled };
}

/** What shall be written; null: the change is left out. */
async function decide(
  parts: SettleParts,
  conflict: RollbackConflict,
  change: DiffEntry | undefined,
  all: readonly RollbackConflict[],
): Promise<{ value: unknown } | null> {
  const resolution = await answerOf(parts.resolution, conflict);
  switch (resolution) {
    case 'skip':
      return null;
    case 'overwrite':
      parts.warn(`${conflict.path} is overwritten`);
      return { value: conflict.rollbackValue };
    case 'merge':
      return merged(parts, conflict, change, all);
    default:
      throw conflictError(all);
  }
}

/** What is to be done with one conflict: what the caller said, or what was answered when asked, which must not be a question. */
async function answerOf(
  { strategy, resolver }: ConflictResolution,
  conflict: RollbackConflict,
): Promise<ConflictResolution['strategy']> {
  if (strategy !== 'ask_user' || !resolver) return strategy;
  return (await resolver(conflict)).strategy;
}

async function merged(
  parts: SettleParts,
  conflict: RollbackConflict,
  change: DiffEntry | undefined,
  all: readonly RollbackConflict[],
): Promise<{ value: unknown }> {
  const base = change?.oldValue;
  const result = await parts.merge(conflict, { path: [conflict.path], ...(base !== undefined && { base }) });
  if (!result.success) throw conflictError(all);
  if (result.confidence < CONFIDENT) {
    parts.warn(`${conflict.path} is merged with a confidence of ${result.confidence} only`, {
      warnings: result.warnings,
    });
  }
  return { value: result.mergedValue };
}

/** RB-124. */
export function conflictError(conflicts: readonly RollbackConflict[]): SignalboxError {
  const paths = conflicts.map(({ path }) => path);
  return new SignalboxError('ROLLBACK_CONFLICT', {
    count: conflicts.length,
    paths,
    conflicts: conflicts.map(wireConflict),
  });
}

function countTypes(conflicts: readonly RollbackConflict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of conflicts) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Those of the changes at which something else stands by now than when they were settled. */
export function overtaken(changes: readonly SettledChange[], live: ReadonlyMap<string, unknown>): SettledChange[] {
  return changes.filter(({ change, expected }) => !deepEqual(live.get(change.path), expected));
}
