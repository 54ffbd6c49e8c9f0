import { z } from 'zod';
import { undoOptionsSchema, undoSelectionSchema } from './undo-selection.ts';

export const UNDO_STATUSES = ['planned', 'waiting', 'applying', 'completed', 'failed', 'cancelled'] as const;
export const undoStatusSchema = z.enum(UNDO_STATUSES);
export type UndoStatus = z.infer<typeof undoStatusSchema>;

/** What stands at a path: a mode of git (`100644`, `100755`, `120000`) and the object of its content. */
export const fileStateSchema = z.object({ mode: z.string(), oid: z.string() });
export type FileState = z.infer<typeof fileStateSchema>;

export const CONFLICT_KINDS = [
  'content',
  'binary',
  'symlink',
  'mode',
  'modify_delete',
  'rename',
  'directory_file',
  'directory_rename',
] as const;

/** One side of a conflict; `text` is null for what is not text or longer than a mebibyte. */
const conflictSideSchema = fileStateSchema.extend({ path: z.string(), text: z.string().nullable() });

export const undoConflictSchema = z.object({
  kind: z.enum(CONFLICT_KINDS),
  /** The path by which it is answered. */
  path: z.string(),
  /** All that it is about: a rename has several. */
  paths: z.array(z.string()),
  /** The change in conflict: its position in the chain, and the ids of what was selected of it. */
  position: z.int(),
  changeIds: z.array(z.string()),
  /** After the change, now, and before the change; null where the path did not exist. */
  base: conflictSideSchema.nullable(),
  ours: conflictSideSchema.nullable(),
  theirs: conflictSideSchema.nullable(),
  /** Git's own merge with markers, where it is one of texts. */
  merged: z.string().nullable(),
  /** Later changes that nobody selected and that overlap it. */
  dependents: z.array(z.string()),
  /** How it was answered; null while it is open. */
  answer: z.enum(['ours', 'theirs', 'merge', 'skip']).nullable(),
});
export type UndoConflict = z.infer<typeof undoConflictSchema>;

export const PATH_OUTCOMES = ['restored', 'merged', 'kept', 'conflict', 'unchanged'] as const;

/**
 * What an undo does with a path: `restored` to exactly what it was before the oldest selected change; `merged`: the
 * changes are out and later ones stay; `kept` as it is now, by an answer; `conflict`: open; `unchanged`: nothing is
 * left to undo.
 */
export const undonePathSchema = z.object({
  path: z.string(),
  outcome: z.enum(PATH_OUTCOMES),
  current: fileStateSchema.nullable(),
  target: fileStateSchema.nullable(),
  binary: z.boolean(),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** Unified, from now to then; null for binary and overlong ones, and in the lists of stored undos. */
  diff: z.string().nullable(),
  changeIds: z.array(z.string()),
});
export type UndonePath = z.infer<typeof undonePathSchema>;

/** What would happen, or has: the same computation. */
export const undoPlanSchema = z.object({
  workspaceId: z.string(),
  /** SHA-256 over the trees and what is done with each path: ask for exactly this with `expectedPlan`. */
  digest: z.string(),
  currentTree: z.string(),
  targetTree: z.string(),
  paths: z.array(undonePathSchema),
  conflicts: z.array(undoConflictSchema),
  /** Selected changes, newest first, and dependent ones that were included. */
  changeIds: z.array(z.string()),
  includedDependents: z.array(z.string()),
  sessionIds: z.array(z.string()),
  /** Changes that met the conditions but are undone only when named: nobody's, or of several candidates. */
  leftOut: z.array(z.object({ changeId: z.string(), path: z.string(), attribution: z.string() })),
  directories: z.object({ created: z.array(z.string()), removed: z.array(z.string()) }),
  /** Commits that the selected sessions made; their files are restored, they stay. */
  commits: z.array(z.object({ oid: z.string(), subject: z.string() })),
});
export type UndoPlan = z.infer<typeof undoPlanSchema>;

export const undoReportSchema = z.object({
  written: z.int(),
  restored: z.int(),
  untouched: z.int(),
  /** Paths that hold what neither was expected nor written by the undo: somebody else's, left alone. */
  foreign: z.array(z.string()),
  revertCommit: z.string().nullable(),
});
export type UndoReport = z.infer<typeof undoReportSchema>;

/** A session that was paused for an undo, and what became of it. */
export const pausedSessionSchema = z.object({
  sessionId: z.string(),
  /** One that has moved since stands as somebody else wants it. */
  pausedAt: z.iso.datetime(),
  /** `paused`: it is to run again once the undo is over; `left`: it stands otherwise, and `reason` says why. */
  outcome: z.enum(['paused', 'resumed', 'left']),
  reason: z.string().nullable(),
});
export type PausedSession = z.infer<typeof pausedSessionSchema>;

export const undoSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  status: undoStatusSchema,
  selection: undoSelectionSchema,
  options: undoOptionsSchema,
  /** Whether what it restores is committed to the user's repository as well. */
  asCommit: z.boolean(),
  undoes: z.string().nullable(),
  /** The rollback that put files back by it, rather than somebody who selected changes. */
  rollbackOperationId: z.string().nullable(),
  plan: undoPlanSchema.nullable(),
  restored: z.enum(['old', 'partial']).nullable(),
  report: undoReportSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** The running sessions whose changes it takes back: they stand still meanwhile. */
  paused: z.array(pausedSessionSchema),
  requestedBy: z.string(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Undo = z.infer<typeof undoSchema>;

export const createUndoSchema = z.strictObject({
  selection: undoSelectionSchema,
  options: undoOptionsSchema.prefault({}),
  /** Digest of a preview: refused when the plan would be another by now. */
  expectedPlan: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the digest of a preview')
    .optional(),
  /** Do not wait for running tool calls beyond 30 seconds but write all the same. */
  force: z.boolean().default(false),
  /** Also commit the restored files to the user's own repository. */
  asCommit: z.boolean().default(false),
});
export type CreateUndo = z.input<typeof createUndoSchema>;

export const previewUndoSchema = createUndoSchema.pick({ selection: true, options: true });
export type PreviewUndo = z.input<typeof previewUndoSchema>;
