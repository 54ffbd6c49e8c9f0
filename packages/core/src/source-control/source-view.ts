import { z } from 'zod';
import { branchNameSchema } from './git/branch-name.ts';

/** A commit in few words. */
export const commitSummarySchema = z.object({
  hash: z.string(),
  author: z.string(),
  date: z.string(),
  title: z.string(),
});
export type CommitSummary = z.infer<typeof commitSummarySchema>;

const paths = z.array(z.string());

/** Where the work tree of a workspace stands (KG-308). Paths are relative to the workspace, and of nothing beside it. */
export const sourceStatusSchema = z.object({
  /** Null where no branch is checked out. */
  branch: z.string().nullable(),
  /** What the branch follows. */
  upstream: z.string().nullable(),
  clean: z.boolean(),
  /** Commits that the upstream does not have, and that the branch does not; 0 without an upstream. */
  ahead: z.int(),
  behind: z.int(),
  staged: paths,
  unstaged: paths,
  /** Of a directory in which nothing is tracked only its name, with a slash at its end. */
  untracked: paths,
  /** Left open by a merge. */
  conflicted: paths,
  /** The merge, rebase or the like that is under way. */
  operation: z.string().nullable(),
  lastCommit: commitSummarySchema.nullable(),
});
export type SourceStatus = z.infer<typeof sourceStatusSchema>;

/** KG-308. */
export const sourceBranchSchema = z.object({
  name: z.string(),
  isCurrent: z.boolean(),
  isRemote: z.boolean(),
  upstream: z.string().nullable(),
  lastCommit: commitSummarySchema,
});
export type SourceBranch = z.infer<typeof sourceBranchSchema>;

/** What of the history is asked for. */
export const readLogSchema = z.strictObject({
  /** Default: what is checked out. */
  branch: branchNameSchema.optional(),
  /** Only commits that changed something there, relative to the workspace. */
  path: z.string().min(1).max(4_096).optional(),
  limit: z.int().min(1).max(1_000).default(50),
  offset: z.int().min(0).max(1_000_000).default(0),
});
export type ReadLog = z.input<typeof readLogSchema>;

/** KG-308. */
export const logEntrySchema = z.object({
  hash: z.string(),
  author: z.string(),
  email: z.string(),
  date: z.string(),
  message: z.string(),
  /** Branches and tags that point to it. */
  refs: z.array(z.string()),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/** Names of remotes never look like an option, and are no addresses. */
export const remoteNameSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][\w./-]*$/, 'must be the name of a remote');

/** What is to be pushed. */
export const pushSchema = z.strictObject({
  /** Default: the one that the branch follows, else `origin`. */
  remote: remoteNameSchema.optional(),
  /** Default: the one that is checked out. */
  branch: branchNameSchema.optional(),
  /** Over what the remote has, but only where that is what was fetched last. */
  force: z.boolean().default(false),
});
export type Push = z.input<typeof pushSchema>;

/** KG-308. */
export const pushResultSchema = z.object({
  remote: z.string(),
  branch: z.string(),
  /** Whether commits that the remote had were given up. */
  forced: z.boolean(),
  /** False where the remote had it all. */
  pushed: z.boolean(),
  commitHash: z.string(),
  /** Who holds the remote, where that is known. */
  provider: z.string().nullable(),
  url: z.string(),
  /** What git said of it. */
  message: z.string(),
  timestamp: z.iso.datetime(),
});
export type PushResult = z.infer<typeof pushResultSchema>;
