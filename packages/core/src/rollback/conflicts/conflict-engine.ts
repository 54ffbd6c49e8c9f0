import { parseInput } from '../../platform/errors/index.ts';
import type { ConflictResolution, ResolutionStrategy } from './conflict-resolution.ts';
import { complexityOf } from './merge-complexity.ts';
import type { MergeResult } from './merge-result.ts';
import { type MergeContext, type MergeSettings, mergeSettingsSchema, ORDINARY_PRIORITY } from './merge-settings.ts';
import { mergeText } from './merge-text.ts';
import { mergeValues } from './merge-values.ts';
import { otherSide } from './preference.ts';
import type { RollbackConflict } from './rollback-conflict.ts';

/** A conflict that was resolved, or not, and what became of it (RB-241). */
export interface ResolvedConflict {
  conflict: RollbackConflict;
  result: MergeResult;
}

export interface ConflictEngineOptions {
  /** What is left out is as {@link mergeSettingsSchema} says. */
  settings?: Partial<MergeSettings>;
  /** Told of each conflict that was resolved: the event `conflict-resolved` (RB-158). */
  onResolved?: (resolved: ResolvedConflict) => void;
  /** Told what an answer can only hint at: what went wrong in a merge or a resolver, and what the listener threw. */
  onError: (error: unknown) => void;
}

/** From here on the rollback overwrites, and below it gives way (RB-133). */
const OVERWRITES_ABOVE = 8;
const SKIPS_BELOW = 3;

const CONFIDENCE = {
  skip: 100,
  overwrite: 90,
  clean: 95,
  /** What a merge loses when all of it was settled by preference (RB-138): 60 remain, as for a single value (RB-135). */
  preferenceCost: 35,
  text: 80,
  droppedLine: 5,
  emptyText: 30,
} as const;

/**
 * Meets conflicts: takes a side, merges, or says that a person has to decide. Changes nothing itself, and never throws: what
 * goes wrong is an answer too (RB-143).
 */
export class ConflictEngine {
  readonly #settings: MergeSettings;
  readonly #onResolved: ((resolved: ResolvedConflict) => void) | undefined;
  readonly #onError: (error: unknown) => void;

  /** @throws UNKNOWN_FIELD, VALIDATION_FAILED where a setting is none */
  constructor({ settings = {}, onResolved, onError }: ConflictEngineOptions) {
    this.#settings = parseInput(mergeSettingsSchema, settings);
    this.#onResolved = onResolved;
    this.#onError = onError;
  }

  /**
   * Decides by the kind of conflict and its priority whether a side is taken, a person is to be asked or both are merged
   * (RB-132, RB-133), and does it.
   */
  smartMerge(conflict: RollbackConflict, context: MergeContext = {}): MergeResult {
    try {
      return this.#smartMerge(conflict, context);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /**
   * Meets a conflict as `resolution` says. `abort` merges nothing; `ask_user` does what its resolver answers, and fails without
   * one or when that asks again; `merge` is {@link smartMerge}. Taking a side never falls short of what a merge would
   * have to beat (RB-141: 70), so what was asked for is what is done.
   */
  async resolveConflict(
    conflict: RollbackConflict,
    resolution: ConflictResolution,
    context: MergeContext = {},
  ): Promise<MergeResult> {
    let result: MergeResult;
    try {
      result = await this.#resolve(conflict, resolution, context);
    } catch (error) {
      result = this.#failed(error);
    }
    if (result.success) this.#tell({ conflict, result });
    return result;
  }

  /** {@link resolveConflict} for many, those below the same two segments of a path together; a list, since paths repeat (RB-142). */
  async resolveAll(
    conflicts: readonly RollbackConflict[],
    resolution: ConflictResolution,
    context: MergeContext = {},
  ): Promise<(ResolvedConflict & { group: string })[]> {
    const groups = Map.groupBy(conflicts, ({ path }) => groupOf(path));
    const resolved: (ResolvedConflict & { group: string })[] = [];
    for (const [group, members] of groups) {
      for (const conflict of members) {
        resolved.push({ group, conflict, result: await this.resolveConflict(conflict, resolution, context) });
      }
    }
    return resolved;
  }

  #smartMerge(conflict: RollbackConflict, context: MergeContext): MergeResult {
    const complexity = complexityOf(conflict);
    const { maxComplexity } = this.#settings;
    if (complexity > maxComplexity) {
      return undecided(`This is too complex to merge: ${complexity}, where ${maxComplexity} is the most.`);
    }
    const strategy = this.#strategyFor(conflict, context.priority ?? ORDINARY_PRIORITY);
    if (strategy === 'ask_user') return undecided(`A person has to decide about a conflict of type ${conflict.type}.`);
    return strategy === 'merge' ? this.#merge(conflict, context) : takeSide(conflict, strategy);
  }

  /** RB-133, first match. */
  #strategyFor({ type }: RollbackConflict, priority: number): 'overwrite' | 'skip' | 'ask_user' | 'merge' {
    if (priority > OVERWRITES_ABOVE) return 'overwrite';
    if (priority < SKIPS_BELOW) return 'skip';
    if (type === 'missing_target') return 'skip';
    if (type === 'permission_denied') return 'ask_user';
    if (type === 'type_mismatch') return this.#settings.preserveStructure ? 'ask_user' : 'overwrite';
    return 'merge';
  }

  #merge({ currentValue, rollbackValue }: RollbackConflict, context: MergeContext): MergeResult {
    const bothTexts = typeof currentValue === 'string' && typeof rollbackValue === 'string';
    const merged =
      bothTexts && currentValue !== rollbackValue
        ? this.#mergeTexts(currentValue, rollbackValue, context.base)
        : this.#mergeValues(currentValue, rollbackValue, context);
    if (merged.preferred > 0 && !this.#settings.allowPartialMerge) {
      return undecided('Only preference could settle some of the differences, and a partial merge is not allowed.');
    }
    return merged.result;
  }

  /** RB-135 to RB-138. */
  #mergeValues(current: unknown, rollback: unknown, context: MergeContext): { result: MergeResult; preferred: number } {
    const base = 'base' in context ? { value: context.base } : null;
    const { value, leaves, preferred, marks, kept, discarded } = mergeValues(this.#settings, current, rollback, base);
    const confidence = Math.round(CONFIDENCE.clean - CONFIDENCE.preferenceCost * (preferred / leaves));
    const warnings =
      preferred > leaves / 2 ? [`${preferred} of ${leaves} values were in conflict and settled by preference.`] : [];
    return { preferred, result: succeeded('merge', value, confidence, warnings, { kept, discarded, merged: marks }) };
  }

  /** RB-139, RB-140. */
  #mergeTexts(current: string, rollback: string, base: unknown): { result: MergeResult; preferred: number } {
    const from = typeof base === 'string' ? base : undefined;
    const { text, droppedLines, preferred, side } = mergeText(this.#settings, current, rollback, from);
    const warnings = text === '' ? ['The merged text is empty.'] : [];
    const confidence =
      text === '' ? CONFIDENCE.emptyText : Math.max(CONFIDENCE.text - CONFIDENCE.droppedLine * droppedLines, 0);
    const changes = {
      kept: preferred > 0 ? [`${side}_lines`] : [],
      discarded: droppedLines > 0 ? [`${otherSide(side)}_lines`] : [],
      merged: from === undefined ? [] : ['lines'],
    };
    return { preferred, result: succeeded('merge', text, confidence, warnings, changes) };
  }

  async #resolve(
    conflict: RollbackConflict,
    { strategy, resolver }: ConflictResolution,
    context: MergeContext,
  ): Promise<MergeResult> {
    if (strategy === 'abort') return refused('abort', 'The conflict was met by giving up.');
    if (strategy === 'merge') return this.smartMerge(conflict, context);
    if (strategy !== 'ask_user') return takeSide(conflict, strategy);
    if (!resolver) return undecided('A person has to decide, and there was nobody to ask.');
    const answer = await resolver(conflict);
    if (answer.strategy === 'ask_user') return undecided('Whoever was asked wants somebody else to be asked.');
    return this.#resolve(conflict, answer, context);
  }

  #failed(error: unknown): MergeResult {
    this.#onError(error);
    return refused('abort', error instanceof Error ? error.message : String(error));
  }

  #tell(resolved: ResolvedConflict): void {
    try {
      this.#onResolved?.(resolved);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** RB-134. */
function takeSide({ currentValue, rollbackValue }: RollbackConflict, strategy: 'overwrite' | 'skip'): MergeResult {
  if (strategy === 'skip') {
    const changes = { kept: ['current'], discarded: ['rollback'], merged: [] };
    return succeeded('skip', currentValue, CONFIDENCE.skip, ['What is there stays; it was not rolled back.'], changes);
  }
  const changes = { kept: ['rollback'], discarded: ['current'], merged: [] };
  const warning = 'What is there is overwritten by what it was.';
  return succeeded('overwrite', rollbackValue, CONFIDENCE.overwrite, [warning], changes);
}

function succeeded(
  strategy: ResolutionStrategy,
  mergedValue: unknown,
  confidence: number,
  warnings: string[],
  appliedChanges: MergeResult['appliedChanges'],
): MergeResult {
  return { success: true, mergedValue, strategy, confidence, warnings, appliedChanges };
}

function undecided(warning: string): MergeResult {
  return refused('ask_user', warning);
}

function refused(strategy: 'abort' | 'ask_user', warning: string): MergeResult {
  const appliedChanges = { kept: [], discarded: [], merged: [] };
  return { success: false, mergedValue: undefined, strategy, confidence: 0, warnings: [warning], appliedChanges };
}

/** The first two segments of a path (RB-142). */
function groupOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}
