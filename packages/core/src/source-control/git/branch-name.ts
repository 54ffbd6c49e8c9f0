import { z } from 'zod';

const FORBIDDEN = ' ~^:?*[\\';

/**
 * Whether git takes it for the name of a branch (`git check-ref-format`). One that begins with a dash would be an option where a command
 * takes both, so it is none.
 */
export function isBranchName(name: string): boolean {
  if (name.startsWith('-') || name === '@' || name === 'HEAD') return false;
  if (name.includes('..') || name.includes('@{') || name.endsWith('.')) return false;
  if ([...name].some((sign) => sign <= ' ' || sign === '\u007f' || FORBIDDEN.includes(sign))) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

export const branchNameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => name.isWellFormed() && isBranchName(name), 'must be a name that git takes for a branch');
