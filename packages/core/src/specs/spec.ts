import { z } from 'zod';
import { levelSchema } from '../knowledge/index.ts';
import { criterionId } from './criterion.ts';

const textSchema = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be storable text');
const lineSchema = textSchema.transform((text) => text.trim()).pipe(z.string().min(1, 'must not be blank').max(2_000));
const titleSchema = lineSchema.pipe(z.string().max(300));
const namesSchema = z.array(lineSchema.pipe(z.string().max(200))).max(100);
const criteriaSchema = z
  .array(lineSchema)
  .min(1)
  .max(200)
  .refine((texts) => new Set(texts.map(criterionId)).size === texts.length, 'must not say the same twice');

export const SPEC_STATUSES = ['draft', 'approved', 'implemented', 'deprecated'] as const;
export const specStatusSchema = z.enum(SPEC_STATUSES);
export const specIdSchema = textSchema.pipe(z.string().min(1).max(2_000));

const fields = {
  title: titleSchema,
  description: textSchema.pipe(z.string().max(100_000)),
  goals: z.array(lineSchema).max(200),
  acceptanceCriteria: criteriaSchema,
  status: specStatusSchema,
  priority: levelSchema,
  assignee: lineSchema.nullable(),
  tags: namesSchema,
};

/** KG-280. */
export const createSpecSchema = z.strictObject({
  title: fields.title,
  description: fields.description,
  goals: fields.goals,
  acceptanceCriteria: fields.acceptanceCriteria,
  priority: fields.priority.default('medium'),
  assignee: fields.assignee.default(null),
  tags: fields.tags.default([]),
  /** Ids of specifications without which this one cannot be. */
  dependencies: z.array(specIdSchema).max(200).default([]),
});
export type CreateSpec = z.input<typeof createSpecSchema>;

/** KG-281. What is left out stays; a criterion that is reworded is another one. */
export const updateSpecSchema = z.strictObject(fields).partial();
export type UpdateSpec = z.input<typeof updateSpecSchema>;

/** What is wanted of the code (KG-013), as stored, sent and shown. */
export const specSchema = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  goals: z.array(z.string()),
  acceptanceCriteria: z.array(z.string()),
  /** Of each criterion, in their order: by these code and tests name them. */
  acceptanceCriteriaIds: z.array(z.string()),
  status: specStatusSchema,
  priority: levelSchema,
  assignee: z.string().nullable(),
  tags: z.array(z.string()),
  /** Where it is written, if it is a file. */
  path: z.string().nullable(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  version: z.int(),
});
export type Spec = z.infer<typeof specSchema>;

/** KG-281: all that is given must hold; several values of one are alternatives. */
export const listSpecsSchema = z.strictObject({
  status: z.array(specStatusSchema).min(1).optional(),
  priority: z.array(levelSchema).min(1).optional(),
  assignee: z.string().min(1).max(2_000).optional(),
  /** All of them. */
  tags: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
  /** Anywhere in title, description or a criterion; case does not matter. */
  search: z.string().trim().min(1).max(500).optional(),
  sortBy: z.enum(['updated', 'created', 'title', 'priority']).default('updated'),
  sortOrder: z.enum(['asc', 'desc']).default('desc'),
});
export type ListSpecs = z.input<typeof listSpecsSchema>;
