import { z } from 'zod';
import type { RollbackConflict } from './rollback-conflict.ts';

/** How a conflict is met (RB-012). */
export const RESOLUTION_STRATEGIES = ['abort', 'skip', 'overwrite', 'merge', 'ask_user'] as const;
export const resolutionStrategySchema = z.enum(RESOLUTION_STRATEGIES);
export type ResolutionStrategy = z.infer<typeof resolutionStrategySchema>;

/** Asked for each conflict; what it returns is obeyed, `ask_user` excepted, which is a refusal (RB-128). */
export type ConflictResolver = (conflict: RollbackConflict) => Promise<ConflictResolution> | ConflictResolution;

export interface ConflictResolution {
  strategy: ResolutionStrategy;
  /** For `ask_user`. */
  resolver?: ConflictResolver;
}

/** Nothing is applied (RB-124, RB-233). */
export function abortOnConflict(): ConflictResolution {
  return { strategy: 'abort' };
}

/** What is in conflict is left out, the rest applied (RB-125, RB-233). */
export function skipConflicts(): ConflictResolution {
  return { strategy: 'skip' };
}

/** The rollback's value wins (RB-126, RB-233). */
export function overwriteConflicts(): ConflictResolution {
  return { strategy: 'overwrite' };
}

/** Both are merged (RB-127, RB-233). */
export function mergeConflicts(): ConflictResolution {
  return { strategy: 'merge' };
}

/** `resolver` decides each (RB-128). */
export function askUser(resolver: ConflictResolver): ConflictResolution {
  return { strategy: 'ask_user', resolver };
}
