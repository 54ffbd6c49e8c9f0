import { z } from 'zod';

/** What has to be done to a value (RB-004). */
export const DIFF_OPERATIONS = ['create', 'update', 'delete', 'move'] as const;
export const diffOperationSchema = z.enum(DIFF_OPERATIONS);
export type DiffOperation = z.infer<typeof diffOperationSchema>;

/**
 * One change that leads from what is to what shall be. `oldValue` is what is there, `newValue` what will be; the one that
 * is absent is undefined (RB-057). Paths of a `move` are the old place; `metadata.to` is the new one (RB-062).
 */
export interface DiffEntry {
  path: string;
  operation: DiffOperation;
  oldValue: unknown;
  newValue: unknown;
  metadata?: Record<string, unknown>;
}

/** All changes from one state to another (RB-005). */
export interface RollbackDiff {
  /** `current`, or the id of a point. */
  from: string;
  to: string;
  changes: DiffEntry[];
  changeCount: number;
  generatedAt: string;
}

/** {@link DiffEntry} as it goes over the wire. */
export const diffEntrySchema = z.object({
  path: z.string(),
  operation: diffOperationSchema,
  oldValue: z.json().optional(),
  newValue: z.json().optional(),
  metadata: z.record(z.string(), z.json()).optional(),
});

export const rollbackDiffSchema = z.object({
  from: z.string(),
  to: z.string(),
  changes: z.array(diffEntrySchema),
  changeCount: z.int(),
  generatedAt: z.iso.datetime(),
});
