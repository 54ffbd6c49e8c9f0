import { z } from 'zod';

/**
 * Why a change cannot simply be put back (RB-011): what is there is not what the change left behind, is gone, is of another
 * kind, may not be written, or something else hangs on it.
 */
export const CONFLICT_TYPES = [
  'value_mismatch',
  'missing_target',
  'type_mismatch',
  'permission_denied',
  'dependency_conflict',
] as const;
export const conflictTypeSchema = z.enum(CONFLICT_TYPES);
export type ConflictType = z.infer<typeof conflictTypeSchema>;

/** Longest path of a conflict, in characters. */
const MAX_PATH = 4_096;

/**
 * A conflict as it comes over the wire (RB-011, RB-122). A value that is left out is absent; null is a value.
 * Within the process the values may be whatever a snapshot holds: dates, maps and sets as well.
 */
export const rollbackConflictSchema = z.strictObject({
  path: z.string().max(MAX_PATH),
  type: conflictTypeSchema,
  /** What is there now. */
  currentValue: z.json().optional(),
  /** What the rollback would put there. */
  rollbackValue: z.json().optional(),
  context: z.record(z.string(), z.json()).optional(),
});

/** {@link rollbackConflictSchema} for any value. */
export interface RollbackConflict {
  path: string;
  type: ConflictType;
  currentValue: unknown;
  rollbackValue: unknown;
  context?: Record<string, unknown>;
}
