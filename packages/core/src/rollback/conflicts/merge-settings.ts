import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';

/** RB-129. */
export const mergeSettingsSchema = z.strictObject({
  /** What the preference settles goes to the current value. */
  preferNewer: z.boolean().default(true),
  /** With `preferNewer` off: to the value that is longer when serialised. With both off: to the rollback's. */
  preferLarger: z.boolean().default(false),
  /** Another kind of value is a person's to decide rather than overwritten. */
  preserveStructure: z.boolean().default(true),
  /** Off: whatever only preference could settle makes the merge fail with `ask_user`. */
  allowPartialMerge: z.boolean().default(true),
  /** Above it nothing is merged (RB-132). */
  maxComplexity: z.number().min(0).default(1_000),
  /** Compare by content and match array items by their `id`; off: compare as serialised, and take arrays whole. */
  semanticAnalysis: z.boolean().default(true),
});
export type MergeSettings = z.infer<typeof mergeSettingsSchema>;

/** Neither extreme: no rule about priorities applies (RB-133). */
export const ORDINARY_PRIORITY = 5;

/** What is known around a conflict (RB-131). */
export const mergeContextSchema = z.strictObject({
  rollbackId: uuidSchema.optional(),
  entityType: z.string().max(255).optional(),
  path: z.array(z.string().max(4_096)).max(256).default([]),
  metadata: z.record(z.string(), z.json()).optional(),
  dependencies: z.array(z.string().max(4_096)).max(10_000).optional(),
  /** Above 8 the rollback overwrites, below 3 it skips (RB-133). */
  priority: z.number().default(ORDINARY_PRIORITY),
  /** What both sides come from; with it the merge is a three-way one, and only what both changed is a conflict (RB-140). */
  base: z.json().optional(),
});

/** {@link mergeContextSchema}, for a base of any value. Give what is known. */
export interface MergeContext extends Partial<Omit<z.infer<typeof mergeContextSchema>, 'base'>> {
  base?: unknown;
}
