import { z } from 'zod';
import { valueKind } from '../diff/index.ts';
import type { ConflictEngine } from './conflict-engine.ts';
import { resolutionStrategySchema } from './conflict-resolution.ts';
import { maskConflict } from './mask-conflict.ts';
import type { MergeContext } from './merge-settings.ts';
import type { RollbackConflict } from './rollback-conflict.ts';
import { valueText } from './value-text.ts';

/** One way out of a conflict, for a person to choose (RB-156). */
export const conflictOptionSchema = z.object({
  id: z.enum(['keep-current', 'use-rollback', 'smart-merge']),
  name: z.string(),
  description: z.string(),
  strategy: resolutionStrategySchema,
  confidence: z.number().min(0).max(100),
  /** What would stand there then, as text; nothing where nothing would. */
  preview: z.string(),
});
export type ConflictOption = z.infer<typeof conflictOptionSchema>;

/** RB-157. */
export const conflictChoicesSchema = z.object({
  primary: conflictOptionSchema,
  alternatives: z.array(conflictOptionSchema),
});
export type ConflictChoices = z.infer<typeof conflictChoicesSchema>;

const MERGEABLE: ReadonlySet<string> = new Set(['object', 'array', 'string']);

/**
 * The ways out of a conflict, the most confident first; of two that are equally so, the one that destroys less. A merge is
 * offered where there is something to merge and it succeeded.
 *
 * @param masked hide secrets in the previews (RB-245)
 */
export function choicesFor(
  engine: Pick<ConflictEngine, 'smartMerge'>,
  given: RollbackConflict,
  { context = {}, masked = false }: { context?: MergeContext; masked?: boolean } = {},
): ConflictChoices {
  const conflict = masked ? maskConflict(given) : given;
  const merge = mergeOption(engine, conflict, context);
  // In the order of what they destroy; the sort is stable.
  const [primary, ...alternatives] = [keepCurrent(conflict), ...merge, useRollback(conflict)].sort(
    (one, other) => other.confidence - one.confidence,
  );
  return { primary: primary as ConflictOption, alternatives };
}

function keepCurrent({ currentValue }: RollbackConflict): ConflictOption {
  return {
    id: 'keep-current',
    name: 'Keep what is there',
    description: 'Leaves the present value as it is and rolls the rest back.',
    strategy: 'skip',
    confidence: 80,
    preview: previewOf(currentValue),
  };
}

function useRollback({ rollbackValue }: RollbackConflict): ConflictOption {
  return {
    id: 'use-rollback',
    name: 'Take the earlier value',
    description: 'Overwrites the present value with what the rollback restores.',
    strategy: 'overwrite',
    confidence: 85,
    preview: previewOf(rollbackValue),
  };
}

function mergeOption(
  engine: Pick<ConflictEngine, 'smartMerge'>,
  conflict: RollbackConflict,
  context: MergeContext,
): ConflictOption[] {
  const { currentValue, rollbackValue } = conflict;
  const kind = valueKind(currentValue);
  if (!MERGEABLE.has(kind) || valueKind(rollbackValue) !== kind) return [];
  const { success, strategy, confidence, mergedValue } = engine.smartMerge(conflict, context);
  if (!success || strategy !== 'merge') return [];
  return [
    {
      id: 'smart-merge',
      name: 'Merge both',
      description: 'Keeps what only one side has, and settles the rest by preference.',
      strategy,
      confidence,
      preview: previewOf(mergedValue),
    },
  ];
}

function previewOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : valueText(value, 2);
}
