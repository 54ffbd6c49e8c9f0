import { z } from 'zod';
import { type GitCall, git } from './git.ts';

/** Longest unified diff that is kept per file, in characters; of a longer one only the counts are. */
const DIFF_LIMIT = 200_000;

export const fileChangeSchema = z.object({
  /** Relative to the workspace. */
  path: z.string(),
  operation: z.enum(['added', 'modified', 'deleted', 'renamed', 'mode']),
  /** For a rename: where it was. */
  oldPath: z.string().nullable(),
  binary: z.boolean(),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** Unified diff; null for binary files and for diffs over 200,000 characters. */
  diff: z.string().nullable(),
  /** Git object ids of the contents before and after; null where there is none. */
  beforeOid: z.string().nullable(),
  afterOid: z.string().nullable(),
  /** `100644`, `100755` (executable) or `120000` (symbolic link); null where there is none. */
  beforeMode: z.string().nullable(),
  afterMode: z.string().nullable(),
});
export type FileChange = z.infer<typeof fileChangeSchema>;

const NO_OBJECT = /^0+$/;
const OPERATIONS = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', T: 'modified' } as const;

/** What changed between two trees of a store, in path order; renames are found unless that is switched off. */
export async function diffTrees(
  gitDir: string,
  before: string,
  after: string,
  { renames = true, ...how }: { renames?: boolean } & Pick<GitCall, 'env' | 'asUser'> = {},
): Promise<FileChange[]> {
  if (before === after) return [];
  const command = [
    'diff-tree',
    '-r',
    renames ? '-M' : '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--full-index',
  ];
  const call = { cwd: gitDir, ...how };
  // The patch apart: only without `-z` does it quote names with line ends, which it is split by.
  const [facts, patch] = await Promise.all([
    git([...command, '-z', '--raw', '--numstat', before, after], call),
    git([...command, '-p', '--no-color', '--src-prefix=a/', '--dst-prefix=b/', before, after], call),
  ]);
  const { entries, rest } = parseRaw(facts.toString('utf8').split('\0'));
  const counts = parseNumstat(rest);
  const diffs = splitPatch(patch.toString('utf8'));
  return entries.map((entry, index): FileChange => {
    const count = counts[index] ?? { additions: 0, deletions: 0, binary: false };
    const diff = diffs[index] ?? null;
    return { ...entry, ...count, diff: count.binary || diff === null || diff.length > DIFF_LIMIT ? null : diff };
  });
}

type RawEntry = Pick<
  FileChange,
  'path' | 'operation' | 'oldPath' | 'beforeOid' | 'afterOid' | 'beforeMode' | 'afterMode'
>;

/** `:oldmode newmode oldoid newoid status\0path\0[newpath\0]`, and what follows after the last of them. */
function parseRaw(words: readonly string[]): { entries: RawEntry[]; rest: string[] } {
  const entries: RawEntry[] = [];
  let at = 0;
  while (words[at]?.startsWith(':')) {
    const [oldMode, newMode, oldOid, newOid, status] = (words[at] as string).slice(1).split(' ') as [
      string,
      string,
      string,
      string,
      string,
    ];
    const renamed = status.startsWith('R');
    const operation = OPERATIONS[status.charAt(0) as keyof typeof OPERATIONS];
    entries.push({
      path: words[at + (renamed ? 2 : 1)] as string,
      oldPath: renamed ? (words[at + 1] as string) : null,
      operation: operation === 'modified' && oldOid === newOid && oldMode !== newMode ? 'mode' : operation,
      beforeOid: NO_OBJECT.test(oldOid) ? null : oldOid,
      afterOid: NO_OBJECT.test(newOid) ? null : newOid,
      beforeMode: NO_OBJECT.test(oldMode) ? null : oldMode,
      afterMode: NO_OBJECT.test(newMode) ? null : newMode,
    });
    at += renamed ? 3 : 2;
  }
  return { entries, rest: words.slice(at) };
}

/** `additions\tdeletions\tpath\0`, or for a rename `additions\tdeletions\t\0old\0new\0`; `-` for binary. */
function parseNumstat(words: readonly string[]): { additions: number; deletions: number; binary: boolean }[] {
  const counts: { additions: number; deletions: number; binary: boolean }[] = [];
  for (let at = 0; at < words.length && words[at] !== ''; ) {
    const [added, deleted, path] = (words[at] as string).split('\t') as [string, string, string];
    const binary = added === '-';
    counts.push({ additions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(deleted), binary });
    at += path === '' ? 3 : 1;
  }
  return counts;
}

/** Lines of content always start with a sign, so a line that starts with `diff --git ` starts the next file. */
function splitPatch(text: string): string[] {
  return text === '' ? [] : text.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '));
}
