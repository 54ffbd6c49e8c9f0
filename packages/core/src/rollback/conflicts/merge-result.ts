import { z } from 'zod';
import { resolutionStrategySchema } from './conflict-resolution.ts';

/** What became of one conflict (RB-130). */
export const mergeResultSchema = z.object({
  success: z.boolean(),
  /** What to write. Meaningless unless `success`; absent when nothing is to stand there. */
  mergedValue: z.unknown(),
  /** What was done in the end, which need not be what was asked for (RB-141). */
  strategy: resolutionStrategySchema,
  /** 0-100; how little was settled by preference alone. */
  confidence: z.number().min(0).max(100),
  warnings: z.array(z.string()),
  /** What each side contributed: `+key` added, `~key` merged within, `=key(current)` and `=key(rollback)` by preference. */
  appliedChanges: z.object({
    kept: z.array(z.string()),
    discarded: z.array(z.string()),
    merged: z.array(z.string()),
  }),
});
export type MergeResult = z.infer<typeof mergeResultSchema>;
