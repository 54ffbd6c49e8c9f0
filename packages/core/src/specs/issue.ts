import { z } from 'zod';

/** Something that is not as it should be (KG-295); null where it has no such place. */
export const issueSchema = z.object({
  /** Relative to the workspace. */
  file: z.string().nullable(),
  /** From 1; of a specification the number of the criterion. */
  line: z.int().nullable(),
  column: z.int().nullable(),
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  suggestion: z.string().nullable(),
});
export type Issue = z.infer<typeof issueSchema>;
