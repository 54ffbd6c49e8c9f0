import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SignalboxError } from '../../../platform/errors/index.ts';
import { DIRECTORY, type PathState } from './planned-write.ts';

/**
 * What stands at a path of a workspace, read and hashed just now: nothing where a symbolic link is on the way, since
 * behind that is elsewhere. `other` is neither file, link nor directory.
 */
export async function pathState(root: string, path: string): Promise<PathState | 'other'> {
  const found = await pathContent(root, path);
  if (found === null || found === 'other') return found;
  const { mode, content } = found;
  return { mode, oid: content && blobOid(content) };
}

/** What stands at a path with its content, as {@link pathState} sees it; a directory has none, a link its target. */
export async function pathContent(
  root: string,
  path: string,
): Promise<{ mode: string; content: Buffer | null } | null | 'other'> {
  if (!(await isReached(root, path))) return null;
  const full = join(root, path);
  const facts = await factsOf(full);
  if (!facts) return null;
  if (facts.isDirectory()) return { mode: DIRECTORY, content: null };
  if (facts.isSymbolicLink()) return { mode: '120000', content: await readlink(full, { encoding: 'buffer' }) };
  if (!facts.isFile()) return 'other';
  // O_NOFOLLOW: what was a file a moment ago must not lead elsewhere now.
  const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return { mode: fileMode(facts), content: await handle.readFile() };
  } finally {
    await handle.close();
  }
}

/**
 * Directories above a path that are not there. @throws UNDO_PATH_UNSAFE where one of them is a symbolic link or
 * anything else than a directory: writing through it would lead elsewhere
 */
export async function missingAbove(root: string, path: string): Promise<string[]> {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) throw unsafe(path, path);
  const missing: string[] = [];
  for (let depth = 1; depth < names.length; depth++) {
    const directory = names.slice(0, depth).join('/');
    const facts = await factsOf(join(root, directory));
    if (!facts) missing.push(directory);
    else if (!facts.isDirectory()) throw unsafe(path, directory);
  }
  return missing;
}

/** Whether all above a path are directories. */
export async function isReached(root: string, path: string): Promise<boolean> {
  const names = path.split('/');
  for (let depth = 1; depth < names.length; depth++) {
    const facts = await factsOf(join(root, ...names.slice(0, depth)));
    if (!facts?.isDirectory()) return false;
  }
  return true;
}

/** What the file system says of a path, links not followed; null where nothing is. */
export async function factsOf(full: string): Promise<Stats | null> {
  try {
    return await lstat(full);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The last where a link on the way leads to itself.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
}

export function blobOid(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function fileMode(facts: Stats): string {
  return (facts.mode & constants.S_IXUSR) !== 0 ? '100755' : '100644';
}

function unsafe(path: string, through: string): SignalboxError {
  return new SignalboxError('UNDO_PATH_UNSAFE', { path, through });
}

/**
 * Directories above files that come, which are not there or will be gone by then.
 * @throws UNDO_PATH_UNSAFE where one is a symbolic link or no directory, and stays so
 */
export async function missingDirectories(
  root: string,
  paths: readonly { path: string; current: PathState; target: PathState }[],
): Promise<string[]> {
  const going = new Set(paths.filter(({ target }) => !target).map(({ path }) => path));
  const missing = new Set<string>();
  const standing = new Set<string>();
  for (const { path, current, target } of paths) {
    if (!target || (current?.mode === target.mode && current.oid === target.oid)) continue;
    const names = path.split('/');
    // Nothing is looked for below what is not there: a link that goes may lead to where the same names stand, or to itself.
    let absent = false;
    for (let depth = 1; depth < names.length; depth++) {
      const directory = names.slice(0, depth).join('/');
      absent ||= missing.has(directory) || going.has(directory);
      if (standing.has(directory)) continue;
      const facts: Stats | null = absent ? null : await factsOf(join(root, directory));
      if (facts && !facts.isDirectory()) throw unsafe(path, directory);
      (facts ? standing : missing).add(directory);
      absent = facts === null;
    }
  }
  return [...missing];
}
