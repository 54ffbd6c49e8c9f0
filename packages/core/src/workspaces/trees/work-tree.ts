import { z } from 'zod';
import { fileChangeSchema } from '../capture/index.ts';

/**
 * `making` until it is there; `ready` for its session; `kept` once that is over and left work in it. `merging`,
 * `discarding` and `removing` while that is done, or was interrupted. It is gone when it is `merged`, `discarded`, or `removed` for
 * having nothing in it; a session that is started again gets it made anew.
 */
export const WORK_TREE_STATUSES = [
  'making',
  'ready',
  'kept',
  'merging',
  'discarding',
  'removing',
  'merged',
  'discarded',
  'removed',
] as const;
export const workTreeStatusSchema = z.enum(WORK_TREE_STATUSES);
export type WorkTreeStatus = z.infer<typeof workTreeStatusSchema>;

/** The git work tree in which one session works apart, on a branch of its own. */
export const workTreeSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** Null once the session is gone. */
  sessionId: z.string().nullable(),
  sessionTitle: z.string().nullable(),
  sessionStatus: z.string().nullable(),
  /** What the session was made for, and the workspace of the tree, to which its captures and changes belong. */
  workspaceId: z.string(),
  treeWorkspaceId: z.string(),
  /** Root of the user's work tree, and of the session's. */
  repository: z.string(),
  path: z.string(),
  branch: z.string(),
  /** The commit it began with. */
  base: z.string(),
  status: workTreeStatusSchema,
  /** What its work came to in the user's repository, where it was merged. */
  mergedCommit: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WorkTree = z.infer<typeof workTreeSchema>;

/** What a merge would do, computed without writing anything. */
export const workTreePreviewSchema = z.object({
  workTree: workTreeSchema,
  /** The user's branch (null: none is checked out), and its commit. */
  into: z.object({ branch: z.string().nullable(), commit: z.string() }),
  mergeBase: z.string(),
  /** Commits of the session since the merge base, and whether it left changes that are not committed. */
  commits: z.int().nonnegative(),
  uncommitted: z.boolean(),
  /** What the session changed since the merge base, paths from the root of the repository. */
  files: z.array(fileChangeSchema),
  /** Where both sides changed the same. */
  conflicts: z.array(z.string()),
  /** Files the merge would write in which the user has changes, or that are there and not in git. */
  inTheWay: z.array(z.string()),
  /** Why it cannot be merged now; null where it can. */
  refusal: z.string().nullable(),
});
export type WorkTreePreview = z.infer<typeof workTreePreviewSchema>;
