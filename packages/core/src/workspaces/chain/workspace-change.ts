import { z } from 'zod';

export const CHANGE_OPERATIONS = ['added', 'modified', 'deleted', 'renamed', 'mode'] as const;

/**
 * By whose hand a change came (design.md §5). `tool_call`: a call that named the path, and it came out as the call said;
 * `window`: the only session that could write then; `external`: nobody's, so a person's; `ambiguous`: one of several;
 * `vcs`: the user's version control moved, by commit, checkout, stash, pull and the like; `undo`: Signalbox set it back.
 */
export const ATTRIBUTIONS = ['tool_call', 'window', 'external', 'ambiguous', 'vcs', 'undo'] as const;
export const attributionSchema = z.enum(ATTRIBUTIONS);
export type Attribution = z.infer<typeof attributionSchema>;

/** One whose change it may be. */
export const changeCandidateSchema = z.object({
  sessionId: z.string(),
  callId: z.string().nullable(),
  tool: z.string().nullable(),
});
export type ChangeCandidate = z.infer<typeof changeCandidateSchema>;

/** One path between two neighbouring captures of a workspace: what became of it, and by whose hand. */
export const workspaceChangeSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  /** Of the later of the two captures; the earlier one is at `position - 1`. */
  position: z.int().positive(),
  /** Relative to the workspace. */
  path: z.string(),
  operation: z.enum(CHANGE_OPERATIONS),
  /** For a rename: where it was. */
  oldPath: z.string().nullable(),
  /** Git object ids of the contents before and after; null where there is none. */
  beforeOid: z.string().nullable(),
  afterOid: z.string().nullable(),
  /** `100644`, `100755` (executable) or `120000` (symbolic link); null where there is none. */
  beforeMode: z.string().nullable(),
  afterMode: z.string().nullable(),
  binary: z.boolean(),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** The trees of the two captures. */
  beforeTree: z.string(),
  afterTree: z.string(),
  attribution: attributionSchema,
  /** Whose it is; null for `external` and `ambiguous`, for an undo that no session made, and once the session is gone. */
  sessionId: z.string().nullable(),
  callId: z.string().nullable(),
  tool: z.string().nullable(),
  actor: z.string().nullable(),
  /** The session's attempt. */
  attempt: z.int().nullable(),
  /** The undo that made it. */
  undoId: z.string().nullable(),
  /** For `ambiguous`: whose it may be; empty otherwise. */
  candidates: z.array(changeCandidateSchema),
  occurredAt: z.iso.datetime(),
});
export type WorkspaceChange = z.infer<typeof workspaceChangeSchema>;
