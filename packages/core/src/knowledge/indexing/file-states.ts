import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SourceFileState, UNREADABLE } from '../indexers/file-facts.ts';
import { SETUP_FILE } from '../indexers/typescript/source-file.ts';
import { indexerOf } from '../indexers/which-indexer.ts';

/** Larger files, which no indexer looks into, are told apart by their size and time: to read gigabytes takes seconds each time. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Looks at files of a workspace: answers to null for what is no file, or is gone by now. Symbolic links are not followed, nor those of
 * directories above a file: they may lead anywhere. It remembers directories, and so is for one look.
 *
 * @param root absolute real path
 */
export function fileStates(root: string): (path: string) => SourceFileState | null {
  const within = new Map<string, boolean>();
  const isWithin = (directory: string): boolean => {
    const known = within.get(directory) ?? realPathOf(directory) === directory;
    within.set(directory, known);
    return known;
  };
  return (path) => {
    const file = join(root, path);
    if (!isWithin(dirname(file))) return null;
    const stat = statOf(file);
    if (!stat?.isFile()) return null;
    const isOfInterest = indexerOf(path) !== null || SETUP_FILE.test(path);
    const hash = isOfInterest ? digestOf(file, stat) : '';
    if (hash === null) return null;
    return {
      path,
      hash,
      size: stat.size,
      modifiedAt: stat.mtime.toISOString(),
      createdAt: stat.birthtime.toISOString(),
    };
  };
}

function realPathOf(directory: string): string | null {
  try {
    return realpathSync(directory);
  } catch {
    return null;
  }
}

/** Null for what is not there, or nobody may look at. */
function statOf(file: string) {
  try {
    return lstatSync(file);
  } catch {
    return null;
  }
}

/** SHA-256 in hex; null for a file that went meanwhile. One that cannot be read is no reason to know nothing of the others. */
function digestOf(file: string, { size, mtimeMs }: Stats): string | null {
  try {
    const bytes = size > MOST_BYTES ? `${size} ${mtimeMs}` : readFileSync(file);
    return createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : UNREADABLE;
  }
}
