import { SignalboxError } from '../../platform/errors/index.ts';
import type { ConflictResolution, ConflictResolver } from '../conflicts/index.ts';
import { scopeOf } from '../points/capture-point.ts';
import { comparePoint } from '../points/compare-point.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { chooseStrategy } from '../strategies/choose-strategy.ts';
import { graphOf } from '../strategies/dependency-graph.ts';
import { previewOf } from '../strategies/preview.ts';
import type { Plan, PlanContext, Strategy } from '../strategies/strategy.ts';
import { LiveState } from './live-state.ts';
import type { RollbackOptions, RollbackPreview } from './rollback-operation.ts';
import { findConflicts } from './settle-conflicts.ts';

/** Everything that is decided before the first write. Preview and run share it (RB-117). */
export interface RollbackPlan {
  strategy: Strategy;
  context: PlanContext;
  plan: Plan;
  live: LiveState;
  /** Why the strategy refuses; null when it does not. */
  refusal: string | null;
  preview(): Promise<RollbackPreview>;
}

/**
 * Compares, chooses a strategy and has it plan. Changes nothing.
 * @throws NO_SNAPSHOTS_FOUND, SNAPSHOT_CORRUPTED, ROLLBACK_PORT_MISSING
 */
export async function planRollback(
  parts: RollbackParts,
  point: RollbackPoint,
  options: RollbackOptions,
  { actor, operationId = null }: { actor: string; operationId?: string | null },
): Promise<RollbackPlan> {
  const { database, ports, clock } = parts;
  const now = clock.now();
  const { changes, snapshots } = await comparePoint(parts, point);
  const force = options.strategy === 'force';
  const live = new LiveState({ ports, scope: scopeOf(point), database, actor, operationId, force });
  const graph = options.dependencyGraph ?? graphOf((await live.graph())?.relationships ?? []);
  const context: PlanContext = { point, snapshots, changes, options, now, graph };
  const strategy = chooseStrategy(options, changes.length, now.getTime() - Date.parse(point.createdAt));
  const plan = strategy.plan(context);
  const refusal = strategy.refusal(context, plan);
  const preview = async () => {
    const conflicts = await findConflicts(
      { read: (paths) => live.read(paths), graph: () => live.graph(), dependencies: graph.dependencies },
      plan.changes,
      plan.conflicts,
    );
    return previewOf(strategy, context, plan, conflicts, refusal === null ? [] : [refusal]);
  };
  return { strategy, context, plan, live, refusal, preview };
}

/** RB-068. */
export function refused(strategy: Strategy, point: RollbackPoint, reason: string): SignalboxError {
  return new SignalboxError('STRATEGY_VALIDATION_FAILED', {
    strategy: strategy.name,
    rollbackPointId: point.id,
    reason,
  });
}

/** How conflicts are met: as the options say; a resolver in this process comes before the answers in them. */
export function resolutionOf(
  { conflictResolution, resolutions }: RollbackOptions,
  resolver: ConflictResolver | undefined,
): ConflictResolution {
  if (conflictResolution !== 'ask_user') return { strategy: conflictResolution };
  if (resolver) return { strategy: 'ask_user', resolver };
  if (Object.keys(resolutions).length === 0) return { strategy: 'ask_user' };
  return { strategy: 'ask_user', resolver: ({ path }) => ({ strategy: resolutions[path] ?? 'ask_user' }) };
}
