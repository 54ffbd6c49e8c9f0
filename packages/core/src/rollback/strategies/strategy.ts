import type { RollbackConflict } from '../conflicts/index.ts';
import type { DiffEntry } from '../diff/index.ts';
import type { RollbackOptions, StrategyName } from '../operations/rollback-operation.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import type { Snapshot } from '../points/snapshot.ts';
import type { DependencyGraph, DependencyReport } from './dependency-graph.ts';

/** What strategies decide by. Nothing of it changes anything. */
export interface PlanContext {
  point: RollbackPoint;
  snapshots: readonly Snapshot[];
  /** All that differs from the point, in the order in which it is applied (RB-070). */
  changes: readonly DiffEntry[];
  options: RollbackOptions;
  now: Date;
  /** Which changes need which others: as the caller says, else as the live graph does. */
  graph: DependencyGraph;
}

/** Which changes a strategy makes, in its order, and what is wrong among them before anything live is looked at. */
export interface Plan {
  changes: DiffEntry[];
  conflicts: RollbackConflict[];
  dependencies: DependencyReport;
  /** Worth telling: written to the log as warnings. */
  warnings: string[];
}

/** A change that is to be made, as it is to be made after conflicts were settled. */
export interface SettledChange {
  change: DiffEntry;
  /** What shall stand there: the point's value, or a merged one. */
  value: unknown;
  /** What stood there when it was settled. */
  expected: unknown;
}

/** What a strategy may do while it runs. Every call checks first whether it was cancelled or has run out of time. */
export interface RunContext extends PlanContext {
  /**
   * Looks at what is there, and settles conflicts as the caller wishes (RB-123…128). Answers what is to be applied.
   * @throws ROLLBACK_CONFLICT, with nothing applied by this call
   */
  settle(changes: readonly DiffEntry[], known?: readonly RollbackConflict[]): Promise<SettledChange[]>;
  /** {@link settle} for changes that were settled before: only those are looked into where something else stands by now. */
  settleAgain(changes: readonly SettledChange[]): Promise<SettledChange[]>;
  /** The changes without any look at what is there. */
  unchecked(changes: readonly DiffEntry[]): Promise<SettledChange[]>;
  /** The changes as they are written: one by one, but for those that follow each other and are written together (files). */
  groups(changes: readonly SettledChange[]): SettledChange[][];
  /** Writes a group. Failures are noted in the result and do not end the run. Answers how many there were. */
  apply(group: readonly SettledChange[]): Promise<number>;
  /** Writes a group, and reads it back. @throws whatever goes wrong */
  applyVerified(group: readonly SettledChange[]): Promise<void>;
  /** Makes a point of how everything is now. */
  backup(): Promise<void>;
  /** Puts back what this run wrote, from the backup. Answers whether all of it is as it was. */
  restoreBackup(): Promise<'old' | 'partial'>;
  /** The changes that are still left after all is done, of those that were to be made. */
  remaining(changes: readonly SettledChange[]): Promise<string[]>;
  /** Of 100; goes up only. */
  progress(percent: number): Promise<void>;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void;
  pause(ms: number): Promise<void>;
}

/** A way of putting changes back (RB-081). */
export interface Strategy {
  readonly name: StrategyName;
  /** Why it refuses; null when it does not. */
  refusal(context: PlanContext, plan: Plan): string | null;
  plan(context: PlanContext): Plan;
  /** Milliseconds for that many changes (RB-082). */
  estimate(changes: number, options: Pick<RollbackOptions, 'batchSize' | 'delayBetweenBatches'>): number;
  run(context: RunContext, plan: Plan): Promise<void>;
}

/** All changes, as they are. */
export function planAll({ changes }: PlanContext): Plan {
  return {
    changes: [...changes],
    conflicts: [],
    dependencies: { required: [], affected: [], circular: [] },
    warnings: [],
  };
}

/** Applies one after the other, and tells how far it is between two marks. Answers how many failed. */
export async function applyAll(
  context: RunContext,
  changes: readonly SettledChange[],
  from: number,
  to: number,
): Promise<number> {
  let [done, failed] = [0, 0];
  for (const group of context.groups(changes)) {
    failed += await context.apply(group);
    done += group.length;
    await context.progress(from + (done / changes.length) * (to - from));
  }
  return failed;
}
