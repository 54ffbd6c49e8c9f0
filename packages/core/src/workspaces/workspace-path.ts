import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { SignalboxError } from '../platform/errors/index.ts';

/** The real path of a directory that may become a workspace. @throws WORKSPACE_PATH_INVALID */
export async function realWorkspacePath(path: string): Promise<string> {
  const invalid = (reason: string) => new SignalboxError('WORKSPACE_PATH_INVALID', { path, reason });
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    throw invalid(`it cannot be resolved (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
  if (!(await stat(real)).isDirectory()) throw invalid('it is not a directory');
  if (real === parse(real).root)
    throw invalid('the root of the file system is too much to watch; choose a directory below it');
  return real;
}

/**
 * Resolves `path`, relative to the workspace, to an absolute path inside of it: neither `..`, nor an absolute path, nor
 * a symbolic link on the way may lead out. The last part need not exist. @throws PATH_OUTSIDE_WORKSPACE
 */
export async function confine(workspacePath: string, path: string): Promise<string> {
  const outside = new SignalboxError('PATH_OUTSIDE_WORKSPACE', { path });
  if (path.includes('\0') || isAbsolute(path)) throw outside;
  const wanted = resolve(workspacePath, path);
  if (!isInside(workspacePath, wanted)) throw outside;
  const real = await realOfExisting(wanted);
  if (!isInside(workspacePath, real)) throw outside;
  return real;
}

export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Where an absolute path leads to: real as far as it exists; null where that cannot be told. */
export async function realPathOf(path: string): Promise<string | null> {
  if (path.includes('\0')) return null;
  return realOfExisting(path).catch(() => null);
}

/** Real path of the part that exists, with the rest appended. A dangling link counts as existing: it is followed no further. */
async function realOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const dangling = await lstat(path).then(
    () => true,
    () => false,
  );
  if (dangling) throw new SignalboxError('PATH_OUTSIDE_WORKSPACE', { path });
  const parent = dirname(path);
  return parent === path ? path : join(await realOfExisting(parent), relative(parent, path));
}
