import { z } from 'zod';

/** Project of those who name none. */
export const DEFAULT_PROJECT = 'default';

export const projectSlugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1-63 lower-case letters, digits or dashes, not starting with a dash');

/** The tenancy boundary: every row belongs to one project. */
export const projectSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  settings: z.record(z.string(), z.json()),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Project = z.infer<typeof projectSchema>;

const nameSchema = z
  .string()
  .refine((name) => !name.includes('\0'), 'must not contain NUL characters')
  .transform((name) => name.trim())
  .pipe(z.string().min(1, 'must not be blank').max(200));

export const createProjectSchema = z.strictObject({
  slug: projectSlugSchema,
  name: nameSchema.optional(),
  settings: z.record(z.string(), z.json()).default({}),
});
export type CreateProject = z.input<typeof createProjectSchema>;

export const updateProjectSchema = z
  .strictObject({ name: nameSchema, settings: z.record(z.string(), z.json()) })
  .partial();
export type UpdateProject = z.input<typeof updateProjectSchema>;
