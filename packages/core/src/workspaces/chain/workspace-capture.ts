import { z } from 'zod';

/** What a capture was taken for. */
export const CAPTURE_REASONS = [
  'session_start',
  'tool_before',
  'tool_after',
  'checkpoint',
  'session_end',
  'request',
  'undo',
  'look',
] as const;
export const captureReasonSchema = z.enum(CAPTURE_REASONS);
export type CaptureReason = z.infer<typeof captureReasonSchema>;

/** The files of a workspace at one moment, at its place in the workspace's serial chain (design.md §5). */
export const workspaceCaptureSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  /** 1, 2, 3 … in the chain. */
  position: z.int().positive(),
  /** Git tree in the workspace's private store. */
  treeId: z.string(),
  files: z.int().nonnegative(),
  /** Sum of the sizes of the files. */
  bytes: z.int().nonnegative(),
  /** Commit that HEAD of the user's own repository named; null without a repository or commits. */
  head: z.string().nullable(),
  /** Short name of the branch; null without a repository, and where HEAD is detached. */
  branch: z.string().nullable(),
  /** SHA-1 of the user's index; null where there is none. */
  indexHash: z.string().nullable(),
  /** Commit of the newest stash; null where there is none. */
  stash: z.string().nullable(),
  /** What is under way in the user's repository: `merge`, `rebase`, `cherry-pick`, `revert`, `bisect`; null if nothing. */
  operation: z.string().nullable(),
  /** Paths that are not in it: they could not be read, kept changing, or are over the limits of captures. */
  unreadable: z.array(z.string()),
  /** Directories without anything in them, which a tree cannot hold. */
  emptyDirectories: z.array(z.string()),
  reason: captureReasonSchema,
  /** The session it was taken for; null where it was not taken for one. */
  sessionId: z.string().nullable(),
  /** When its files were given up to keep the store small. */
  prunedAt: z.iso.datetime().nullable(),
  takenAt: z.iso.datetime(),
});
export type WorkspaceCapture = z.infer<typeof workspaceCaptureSchema>;
