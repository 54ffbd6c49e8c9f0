import { copyFile, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import { git, gitText } from '../../workspaces/index.ts';
import { gitReason } from './git-reason.ts';
import type { PreparedCommit } from './prepare-commit.ts';
import { callOf, nulList, type SourceRepository, settledHead } from './source-repository.ts';

/**
 * Lets the branch lead to the commit, and the user's index hold its paths as committed; all else in the index stays as it is, and no file
 * is written. Done under git's own lock of the index, as `git commit` does: whoever else wants to change it is refused, or refuses us.
 * @throws SOURCE_BUSY, SOURCE_MOVED, SOURCE_OPERATION_UNDER_WAY, with nothing changed
 */
export async function applyCommit(repository: SourceRepository, commit: PreparedCommit): Promise<void> {
  const index = join(repository.gitDir, 'index');
  const lock = `${index}.lock`;
  const mode = await stat(index).then(
    (facts) => facts.mode & 0o777,
    () => 0o644,
  );
  const file = await open(lock, 'wx', mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new SignalboxError('SOURCE_BUSY', { path: repository.path, lock });
  });
  let ours = true;
  try {
    const { head, branch } = await settledHead(repository);
    if (head !== commit.parent || branch !== commit.from)
      throw new SignalboxError('SOURCE_MOVED', { path: repository.path });
    await file.writeFile(await indexWith(repository, index, commit));
    await file.sync();
    await moveBranch(repository, commit);
    await rename(lock, index);
    ours = false;
  } finally {
    await file.close();
    if (ours) await rm(lock, { force: true });
  }
}

/** The user's index with the named paths as the commit has them, also where it left them as they were. */
async function indexWith(
  repository: SourceRepository,
  index: string,
  { hash, paths }: PreparedCommit,
): Promise<Buffer> {
  const scratch = await mkdtemp(join(tmpdir(), 'signalbox-index-'));
  const copy = join(scratch, 'index');
  try {
    await copyFile(index, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    const call = callOf(repository, { input: nulList(paths), env: { GIT_INDEX_FILE: copy } });
    await git(['reset', '--quiet', '--no-refresh', '--pathspec-from-file=-', '--pathspec-file-nul', hash], call);
    return await readFile(copy);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @throws SOURCE_MOVED where the branch leads elsewhere by now */
async function moveBranch(repository: SourceRepository, { hash, branch, from, parent }: PreparedCommit): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const nothing = '0'.repeat(hash.length);
  const before = branch === from && parent !== null ? parent : nothing;
  const call = callOf(repository);
  const log = ['-m', 'commit: made through Signalbox'];
  await git(['update-ref', ...log, ref, hash, before], call).catch((error) => {
    throw new SignalboxError('SOURCE_MOVED', { path: repository.path, reason: gitReason(error) }, { cause: error });
  });
  if (branch === from) return;
  try {
    await gitText(['symbolic-ref', ...log, 'HEAD', ref], call);
  } catch (error) {
    await git(['update-ref', '-d', ref, hash], call);
    throw new SignalboxError('SOURCE_MOVED', { path: repository.path, reason: gitReason(error) }, { cause: error });
  }
}
