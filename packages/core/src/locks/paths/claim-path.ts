import { isAbsolute } from 'node:path';
import picomatch from 'picomatch';
import { z } from 'zod';

/** Characters that make a name a glob in picomatch's syntax. */
const MAGIC = /[*?[\]{}()!@+|\\"]/;
const LONGEST = 1024;

/**
 * What is claimed: a `literal` names a file or a directory with everything below it, taken to the letter; a `glob` is in
 * picomatch's syntax and matches dot files too. Relative to the workspace, `/` between parts, no `.` or `..` in it; the
 * literal `.` is the whole workspace.
 */
export const claimPathSchema = z.object({ path: z.string(), kind: z.enum(['literal', 'glob']) });
export type ClaimPath = z.infer<typeof claimPathSchema>;

export const claimModeSchema = z.enum(['exclusive', 'shared']);
export type ClaimMode = z.infer<typeof claimModeSchema>;

const nameSchema = z
  .string()
  .min(1)
  .max(LONGEST)
  .refine((path) => !path.includes('\0'), 'must not contain NUL characters')
  .refine((path) => !isAbsolute(path), 'must be relative to the workspace')
  .refine((path) => !path.startsWith('!'), 'a claim names what it is about, not what it is not about')
  .refine((path) => !/(^|\/)\.\.(\/|$)/.test(path), 'must not leave the workspace');

/** As it is given: `src/**`, or `{path, kind}` where the name of a file would read as a glob. */
export const claimPathInputSchema = z
  .union([nameSchema, z.strictObject({ path: nameSchema, kind: claimPathSchema.shape.kind.optional() })])
  .transform((given): ClaimPath => {
    const { path, kind } = typeof given === 'string' ? { path: given, kind: undefined } : given;
    return { path: tidy(path), kind: kind ?? (MAGIC.test(path) ? 'glob' : 'literal') };
  });

/** Without `.` parts, doubled and trailing slashes. */
function tidy(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 ? '.' : parts.join('/');
}

/** Whether one path, relative to the workspace, is claimed. */
export function matcher({ path, kind }: ClaimPath): (path: string) => boolean {
  if (kind === 'glob') return picomatch(path, { dot: true });
  return (other) => path === '.' || other === path || other.startsWith(`${path}/`);
}

/**
 * Whether `claimed` takes in all that `wanted` may match. Answers false where that cannot be told: then the claim is only
 * asked for again.
 */
export function covers(claimed: ClaimPath, wanted: ClaimPath): boolean {
  if (wanted.kind === 'glob') {
    if (claimed.kind === 'glob') return claimed.path === wanted.path || claimed.path === '**';
    return claimed.path === '.' || wanted.path.startsWith(`${claimed.path}/`);
  }
  if (claimed.kind === 'literal') return matcher(claimed)(wanted.path);
  // A literal may be a directory: all below it must be in.
  const directory = claimed.path.endsWith('/**') && !MAGIC.test(claimed.path.slice(0, -3));
  return claimed.path === '**' || (directory && `${wanted.path}/`.startsWith(claimed.path.slice(0, -2)));
}
