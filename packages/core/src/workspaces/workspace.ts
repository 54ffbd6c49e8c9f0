import { z } from 'zod';

const textSchema = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL characters');
const nameSchema = textSchema.transform((name) => name.trim()).pipe(z.string().min(1, 'must not be blank').max(200));
const metadataSchema = z.record(z.string(), z.json());

/** A directory, usually a git work tree, in which agents change files. */
export const workspaceSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** The workspace whose repository it is a work tree of; null for a directory that a person named. */
  parentId: z.string().nullable(),
  name: z.string(),
  /** Absolute real path. */
  path: z.string(),
  metadata: metadataSchema,
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime().nullable(),
});
export type Workspace = z.infer<typeof workspaceSchema>;

export const createWorkspaceSchema = z.strictObject({
  /** Absolute; made real (symbolic links resolved) before it is stored. */
  path: textSchema.pipe(z.string().min(1).max(4096).regex(/^\//, 'must be an absolute path')),
  /** Default: the directory's own name. */
  name: nameSchema.optional(),
  metadata: metadataSchema.default({}),
});
export type CreateWorkspace = z.input<typeof createWorkspaceSchema>;

export const updateWorkspaceSchema = z.strictObject({ name: nameSchema, metadata: metadataSchema }).partial();
export type UpdateWorkspace = z.input<typeof updateWorkspaceSchema>;
