import { z } from 'zod';
import { entityIdSchema, instantSchema, metadataSchema } from './terms.ts';

/** What all entities have that stand in files (KG-001). */
export const codeBase = {
  id: entityIdSchema,
  /** Relative to the repository, with forward slashes. */
  path: z.string(),
  hash: z.string(),
  language: z.string(),
  lastModified: instantSchema,
  created: instantSchema,
  metadata: metadataSchema.optional(),
};

/** What is common to the others: the id alone (KG-002). */
export const looseBase = { id: entityIdSchema };
