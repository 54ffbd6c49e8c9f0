import { z } from 'zod';

const pathSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'must not contain NUL characters');

const hunksOfChange = z.strictObject({
  changeId: z.uuid(),
  /** Numbers of the change's hunks as its unified diff shows them, from 1. */
  hunks: z.array(z.int().positive()).min(1),
});

/**
 * Which changes to undo. Conditions compose: a change is selected when it meets all that are given. `external` and
 * `ambiguous` changes are selected only when named in `changeIds`, and `vcs` changes never: they are nobody's edits.
 */
export const undoSelectionSchema = z.strictObject({
  /** Needed where nothing else tells the workspace. */
  workspaceId: z.uuid().optional(),
  sessionIds: z.array(z.uuid()).min(1).max(100).optional(),
  /** Who acted: the agent, as the changes name it. */
  agents: z.array(z.string().min(1)).min(1).max(100).optional(),
  callIds: z.array(z.string().min(1)).min(1).max(10_000).optional(),
  /** Globs over paths, in picomatch's syntax, dot files included; a plain path also means all below it. */
  paths: z.array(pathSchema).min(1).max(1000).optional(),
  /** Changes that occurred at or after, and before. */
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  /** Positions in the workspace's chain of captures: changes that led to captures after `after`, up to `upTo`. */
  after: z.int().nonnegative().optional(),
  upTo: z.int().positive().optional(),
  /** Everything since a checkpoint was taken. */
  sinceCheckpoint: z.strictObject({ sessionId: z.uuid(), sequence: z.int().positive() }).optional(),
  /** Everything since a rollback point was made, in the workspace that it holds the files of. */
  sincePoint: z.uuid().optional(),
  /** Ids of entities of the code: only changes of the files that hold them, or held them. */
  entities: z.array(z.string().min(1).max(1000)).min(1).max(1000).optional(),
  /** What an earlier undo changed: undoing that is a redo. */
  undoId: z.uuid().optional(),
  changeIds: z.array(z.uuid()).min(1).max(10_000).optional(),
  /** Of these changes only the named hunks are undone. */
  hunks: z.array(hunksOfChange).max(1000).optional(),
  /** Of these changes all but the named hunks are undone. */
  keepHunks: z.array(hunksOfChange).max(1000).optional(),
});
export type UndoSelection = z.input<typeof undoSelectionSchema>;

/**
 * How a conflict is answered, or what to do where none is given an answer of its own. At the place in conflict: `ours`
 * keeps what stands there now, `theirs` takes the old; the rest of the file is merged. Of the whole path: `merge` puts
 * the text that comes with it, `skip` leaves it as it is now. The strategies of RB-012 are words for these:
 * `overwrite` is `theirs`, `ask_user` leaves it open, `abort` refuses the undo.
 */
export const CONFLICT_ANSWERS = ['ours', 'theirs', 'merge', 'skip', 'overwrite', 'ask_user', 'abort'] as const;

const resolutionSchema = z
  .strictObject({
    path: pathSchema,
    /** The position of the change in conflict, where its path conflicts more than once; default: all of them. */
    position: z.int().positive().optional(),
    answer: z.enum(CONFLICT_ANSWERS),
    /** With `merge`: what the file is to hold. */
    text: z.string().optional(),
  })
  .refine(({ answer, text }) => (answer === 'merge') === (text !== undefined), {
    message: 'belongs to the answer "merge", and that needs it',
    path: ['text'],
  });
export type ConflictAnswer = z.infer<typeof resolutionSchema>;

/** What to do with a later change that nobody selected and that overlaps a selected one. */
export const DEPENDENT_ANSWERS = ['include', 'conflict', 'skip'] as const;
export type DependentAnswer = (typeof DEPENDENT_ANSWERS)[number];

export const undoOptionsSchema = z.strictObject({
  /** For conflicts without an answer of their own. */
  onConflict: z.enum(['ours', 'theirs', 'skip', 'overwrite', 'ask_user', 'abort']).default('ask_user'),
  resolutions: z.array(resolutionSchema).max(10_000).default([]),
  /** `include`: undo the dependent change too; `conflict`: keep the conflict; `skip`: leave the selected one. */
  onDependent: z.enum(DEPENDENT_ANSWERS).default('conflict'),
  dependents: z
    .array(z.strictObject({ changeId: z.uuid(), answer: z.enum(DEPENDENT_ANSWERS) }))
    .max(10_000)
    .default([]),
});
export type UndoOptions = z.input<typeof undoOptionsSchema>;
export type SettledUndoOptions = z.output<typeof undoOptionsSchema>;
