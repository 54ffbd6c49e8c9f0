import { z } from 'zod';
import { codeBase } from './entity-base.ts';
import { docIntentSchema, docSourceSchema, instantSchema, levelSchema } from './terms.ts';

const texts = z.array(z.string());

/** KG-003. */
export const fileSchema = z.strictObject({
  ...codeBase,
  type: z.literal('file'),
  extension: z.string(),
  /** Bytes. */
  size: z.number(),
  lines: z.number(),
  isTest: z.boolean(),
  isConfig: z.boolean(),
  dependencies: texts,
});

/** KG-004. */
export const directorySchema = z.strictObject({
  ...codeBase,
  type: z.literal('directory'),
  children: texts,
  depth: z.number(),
});

/** KG-005. */
export const moduleSchema = z.strictObject({
  ...codeBase,
  type: z.literal('module'),
  name: z.string(),
  version: z.string(),
  packageJson: z.json(),
  entryPoint: z.string(),
});

/** KG-013; goals and dependencies have a place here (KG-280). */
export const specSchema = z.strictObject({
  ...codeBase,
  type: z.literal('spec'),
  title: z.string(),
  description: z.string(),
  goals: texts.optional(),
  acceptanceCriteria: texts,
  status: z.enum(['draft', 'approved', 'implemented', 'deprecated']),
  priority: levelSchema,
  assignee: z.string().optional(),
  tags: texts.optional(),
  updated: instantSchema,
});

/** KG-018. */
export const documentationSchema = z.strictObject({
  ...codeBase,
  type: z.literal('documentation'),
  title: z.string(),
  content: z.string(),
  docType: z.enum(['readme', 'api-docs', 'design-doc', 'architecture', 'user-guide']),
  businessDomains: texts,
  stakeholders: texts,
  technologies: texts,
  status: z.enum(['active', 'deprecated', 'draft']),
  docVersion: z.string(),
  docHash: z.string(),
  docIntent: docIntentSchema,
  docSource: docSourceSchema,
  docLocale: z.string().optional(),
  lastIndexed: instantSchema.optional(),
});
