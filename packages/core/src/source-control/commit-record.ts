import { z } from 'zod';
import { branchNameSchema } from './git/branch-name.ts';

const textSchema = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be storable text');
const lineSchema = textSchema
  .transform((text) => text.trim())
  .pipe(
    z
      .string()
      .min(1, 'must not be blank')
      .max(500)
      .regex(/^[^\r\n]*$/, 'must be one line'),
  );
const idSchema = textSchema.pipe(z.string().min(1).max(2_000));
const jsonMapSchema = z.record(z.string(), z.json());

/**
 * `pending` until its branch leads to the commit, and where a pull request is wanted and could not be had; `committed` once it is in its branch, `pushed`
 * once the provider has it, `merged` once that says so; `failed` where no branch came to lead to it.
 */
export const COMMIT_STATUSES = ['pending', 'committed', 'pushed', 'merged', 'failed'] as const;
export const commitStatusSchema = z.enum(COMMIT_STATUSES);
export type CommitStatus = z.infer<typeof commitStatusSchema>;

/** What is to be committed, and for what (KG-305). */
export const createCommitSchema = z.strictObject({
  /** First line of the message. */
  title: lineSchema,
  description: textSchema.pipe(z.string().max(100_000)),
  /** Files and directories, relative to the workspace: of these all that changed is committed, and nothing else. */
  changes: z
    .array(textSchema.pipe(z.string().min(1).max(4_096)))
    .min(1)
    .max(1_000),
  /** The specification that it implements, or is a part of what does. */
  relatedSpecId: idSchema.optional(),
  /** Ids of tests in the graph that speak for it. */
  testResults: z.array(idSchema).max(1_000).default([]),
  /** What validating it said: in words, as the id of something in the graph, or as it was answered. */
  validationResults: z.union([textSchema.pipe(z.string().min(1).max(100_000)), jsonMapSchema]).optional(),
  /** Default: the branch that is checked out. Another one is made at the commit, and checked out with it. */
  branchName: branchNameSchema.optional(),
  /** Whether the branch is pushed, and a pull request opened for it; for this the caller must be an operator. */
  createPR: z.boolean().default(false),
  /** Of the pull request. */
  labels: z
    .array(lineSchema.pipe(z.string().max(100)))
    .max(100)
    .default([]),
  metadata: jsonMapSchema.default({}),
});
export type CreateCommit = z.input<typeof createCommitSchema>;

export const providerErrorSchema = z.object({
  message: z.string(),
  code: z.string().nullable(),
  lastAttempt: z.iso.datetime(),
});
export type ProviderError = z.infer<typeof providerErrorSchema>;

/** A commit that was made through Signalbox (KG-307). */
export const commitRecordSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  commitHash: z.string(),
  branch: z.string(),
  title: z.string(),
  description: z.string(),
  /** Name and address, as the repository's settings have them. */
  author: z.string(),
  /** Paths that it changed, relative to the workspace. */
  changes: z.array(z.string()),
  relatedSpecId: z.string().nullable(),
  testResults: z.array(z.string()),
  validationResults: z.union([z.string(), jsonMapSchema]).nullable(),
  /** Whether a pull request is wanted. */
  pullRequest: z.boolean(),
  labels: z.array(z.string()),
  prUrl: z.string().nullable(),
  provider: z.string().nullable(),
  status: commitStatusSchema,
  /** How often the provider was asked again. */
  retryAttempts: z.int(),
  providerError: providerErrorSchema.nullable(),
  /** Set where people have to see to it. */
  escalationMessage: z.string().nullable(),
  metadata: jsonMapSchema,
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type CommitRecord = z.infer<typeof commitRecordSchema>;

/** What became of a request to commit (KG-306). */
export const commitOutcomeSchema = z.object({
  commit: commitRecordSchema,
  commitHash: z.string(),
  branch: z.string(),
  status: z.enum(['committed', 'pending', 'failed']),
  prUrl: z.string().nullable(),
  provider: z.string().nullable(),
  retryAttempts: z.int(),
  escalationRequired: z.boolean(),
  escalationMessage: z.string().nullable(),
  providerError: providerErrorSchema.nullable(),
  relatedArtifacts: z.object({
    spec: z.object({ id: z.string(), title: z.string(), status: z.string() }).nullable(),
    tests: z.array(z.object({ id: z.string(), name: z.string().nullable(), path: z.string().nullable() })),
    validation: z.union([z.string(), jsonMapSchema]).nullable(),
  }),
});
export type CommitOutcome = z.infer<typeof commitOutcomeSchema>;
