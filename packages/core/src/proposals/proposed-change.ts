import { z } from 'zod';

const textSchema = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be storable text');
const pathSchema = textSchema
  .pipe(z.string().min(1).max(4_096))
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').some((part) => part === '' || part === '.' || part === '..'),
    {
      message: 'must be relative to the workspace, without . and ..',
    },
  )
  .refine((path) => !path.split('/').some((part) => part.toLowerCase() === '.git'), 'must not lead into .git');
const contentSchema = textSchema.pipe(z.string().max(2_000_000));
const lineSchema = z.int().min(1).max(10_000_000);

/** What is proposed for one file (KG-290). */
export const proposedChangeSchema = z
  .strictObject({
    /** Relative to the workspace. */
    file: pathSchema,
    type: z.enum(['create', 'modify', 'delete', 'rename']),
    /** Where a renamed file goes. */
    newFile: pathSchema.optional(),
    /** What is there now, of the lines where these are given: the proposal is refused where something else is. */
    oldContent: contentSchema.optional(),
    newContent: contentSchema.optional(),
    /** The lines that are replaced, from 1, the last one too; without them all of the file is. */
    lineStart: lineSchema.optional(),
    lineEnd: lineSchema.optional(),
  })
  .superRefine(({ type, newFile, newContent, lineStart, lineEnd }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((type === 'create' || type === 'modify') && newContent === undefined)
      wrong('newContent', `is needed to ${type}`);
    if (type === 'delete' && newContent !== undefined) wrong('newContent', 'is nothing that a deleted file has');
    if ((type === 'rename') !== (newFile !== undefined)) wrong('newFile', 'goes with a rename, and only with that');
    if (type !== 'modify' && lineStart !== undefined) wrong('lineStart', 'goes with modify only');
    if ((lineStart === undefined) !== (lineEnd === undefined)) wrong('lineEnd', 'goes with lineStart');
    if (lineStart !== undefined && lineEnd !== undefined && lineEnd < lineStart)
      wrong('lineEnd', 'must not come before lineStart');
  });
export type ProposedChange = z.output<typeof proposedChangeSchema>;

export const proposedChangesSchema = z.array(proposedChangeSchema).min(1).max(500);
