import { z } from 'zod';
import { ENTITY_TYPES } from '../vocabulary/entity.ts';

const SYMBOL_KINDS = ['function', 'class', 'interface', 'typeAlias', 'variable', 'property', 'method'] as const;

/** What is looked for (KG-250, KG-251). */
export const searchGraphSchema = z.strictObject({
  query: z.string().trim().min(1).max(500),
  /**
   * `structural`: by names, paths and signatures. `text`: by the words of names, comments and documents. `usage`: what leads to what is found by
   * its structure; `dependency`: what that leads to.
   */
  searchType: z.enum(['structural', 'text', 'usage', 'dependency']).default('structural'),
  /** Types of entities, and kinds of symbols; none: all. */
  entityTypes: z
    .array(z.enum([...ENTITY_TYPES, ...SYMBOL_KINDS]))
    .max(30)
    .default([]),
  language: z.string().min(1).max(100).optional(),
  /** A path, or a directory with all below it. */
  path: z.string().min(1).max(4_096).optional(),
  limit: z.int().min(1).max(500).default(50),
});
export type SearchGraph = z.input<typeof searchGraphSchema>;

export const foundEntitySchema = z.object({
  id: z.string(),
  type: z.string(),
  /** Of a symbol; null for anything else. */
  kind: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
  signature: z.string().nullable(),
  /** 1 for a name or path that is what was looked for, less for one that has it in it; of what is around it times how sure that is. */
  relevance: z.number(),
  /** Where it was found. */
  matched: z.enum(['name', 'path', 'signature', 'text', 'usage', 'dependency']),
});
export type FoundEntity = z.infer<typeof foundEntitySchema>;

export const foundEntitiesSchema = z.object({
  /** The most relevant first; of equal ones that with the shorter name. */
  results: z.array(foundEntitySchema),
  truncated: z.boolean(),
});
export type FoundEntities = z.infer<typeof foundEntitiesSchema>;
