import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './git.ts';

const LIST = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];

export interface FileList {
  /** Relative to the directory. */
  paths: string[];
  /** Whether repositories or submodules are among them, which have rules of their own. */
  nested: boolean;
}

/**
 * Paths, relative to `directory`, of what a capture holds: files tracked by the user, and untracked ones that the
 * user's own rules do not ignore. Nested repositories and submodules come as plain files without their `.git`. Where
 * no repository is, `fallbackGitDir` lends one so that `.gitignore` files are still heard.
 */
export async function listFiles(directory: string, fallbackGitDir: string): Promise<FileList> {
  const own = await git(['rev-parse', '--is-inside-work-tree'], { cwd: directory, asUser: true }).then(
    () => true,
    () => false,
  );
  const output = own
    ? await git(LIST, { cwd: directory, asUser: true })
    : await git([`--git-dir=${fallbackGitDir}`, `--work-tree=${directory}`, ...LIST], {
        cwd: directory,
        asUser: true,
        // Of an index that is not there nothing is tracked: the lent repository's own must not decide what is new.
        env: { GIT_INDEX_FILE: join(fallbackGitDir, 'no-index') },
      });
  const paths = new Set<string>();
  let anyNested = false;
  for (const listed of output.toString('utf8').split('\0')) {
    if (listed === '') continue;
    const nested = listed.endsWith('/') || isDirectory(join(directory, listed));
    if (!nested) {
      paths.add(listed);
      continue;
    }
    anyNested = true;
    const below = listed.replace(/\/$/, '');
    for (const path of (await listFiles(join(directory, below), fallbackGitDir)).paths) paths.add(`${below}/${path}`);
  }
  return { paths: [...paths], nested: anyNested };
}

/** A tracked path that is a directory is a submodule; an untracked one that git lists whole is a nested repository. */
function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
