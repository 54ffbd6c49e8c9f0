import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { entityIdSchema } from '../vocabulary/terms.ts';

export const findExamplesSchema = z.strictObject({
  entityId: entityIdSchema,
  /** Whose sources are shown; left out: of the one that was read with most of the files. */
  workspaceId: uuidSchema.optional(),
  /** Of usages, and of tests. */
  limit: z.int().min(1).max(50).default(10),
});
export type FindExamples = z.input<typeof findExamplesSchema>;

/** KG-253. */
export const usageExamplesSchema = z.object({
  entityId: z.string(),
  /** Of the entity, as it is declared; its name where nobody says. */
  signature: z.string(),
  /** Where sources come from; null where none of them was read from a workspace that is still there. */
  workspaceId: z.string().nullable(),
  /** The surest first, each place once. */
  usageExamples: z.array(
    z.object({
      /** Who uses it, and how. */
      context: z.string(),
      /** The lines around the place; null where they cannot be read. */
      code: z.string().nullable(),
      file: z.string(),
      line: z.int(),
    }),
  ),
  testExamples: z.array(
    z.object({
      testId: z.string(),
      testName: z.string(),
      testCode: z.string().nullable(),
      /** Lines of it that assert something. */
      assertions: z.array(z.string()),
    }),
  ),
  /** How it is used, the most frequent first; `confidence` is the mean of the relationships. */
  relatedPatterns: z.array(z.object({ pattern: z.string(), frequency: z.int(), confidence: z.number() })),
});
export type UsageExamples = z.infer<typeof usageExamplesSchema>;
