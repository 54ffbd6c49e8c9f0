import { lstat, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import { findUserRepository, git, gitText, readRepositoryState } from '../capture/index.ts';
import type { WorkTree } from './work-tree.ts';

/** How a tree's directory is removed: a git of a process that was killed may still be writing to it. */
const GONE = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/** Where a work tree lies, and what it began with. */
export type TreePlace = Pick<WorkTree, 'repository' | 'path' | 'branch' | 'base'>;

/** What a work tree of a workspace begins with. */
export interface Beginning {
  /** Root of the user's work tree. */
  repository: string;
  base: string;
  /** The workspace's directory below that root; empty where it is the root. */
  prefix: string;
}

/** @throws WORK_TREE_NO_REPOSITORY, WORK_TREE_NO_COMMIT */
export async function beginningOf(workspacePath: string): Promise<Beginning> {
  const repository = await findUserRepository(workspacePath);
  if (!repository) throw new SignalboxError('WORK_TREE_NO_REPOSITORY', { path: workspacePath });
  const { root } = repository;
  const { head } = await readRepositoryState(repository);
  const prefix = relative(root, workspacePath);
  const nothing = new SignalboxError('WORK_TREE_NO_COMMIT', { repository: root, path: prefix || '.' });
  if (head === null) throw nothing;
  if (prefix !== '') {
    const kind = await gitText(['cat-file', '-t', `${head}:${prefix}`], { cwd: root, asUser: true }).catch(() => '');
    if (kind !== 'tree') throw nothing;
  }
  return { repository: root, base: head, prefix };
}

/** The commit that is checked out at the root of a user's work tree; null where there is none. */
export async function headOf(repository: string): Promise<string | null> {
  const found = await findUserRepository(repository);
  return found?.root === repository ? (await readRepositoryState(found)).head : null;
}

/** A name under which the repository has no branch yet: short where that is free. */
export async function freeBranch(repository: string, sessionId: string): Promise<string> {
  const short = `signalbox/${sessionId.slice(-8)}`;
  return (await commitOf(repository, short)) === null ? short : `signalbox/${sessionId}`;
}

/**
 * Makes the work tree on its new branch. The user's own tree, index and HEAD have no part in it, and hooks do not run.
 * @throws WORK_TREE_FAILED with nothing left behind
 */
export async function addWorkTree(tree: TreePlace): Promise<void> {
  const { repository, path, branch, base } = tree;
  try {
    const call = { cwd: repository, asUser: true };
    // The files apart: a `worktree add` that outlives us and then fails removes the directory, which may be another's by then.
    await git(['worktree', 'add', '--quiet', '--no-checkout', '--no-track', '-b', branch, path, base], call);
    await git(['reset', '--hard', '--quiet', '--no-recurse-submodules'], { ...call, cwd: path });
  } catch (error) {
    await removeWorkTree(tree);
    throw new SignalboxError('WORK_TREE_FAILED', { path, reason: reasonOf(error) }, { cause: error });
  }
}

/** When the branch goes, too: where it holds nothing but the base, nothing but what a commit has, anyway, or never. */
export type Losing = 'base' | { merged: string } | 'all' | 'nothing';

/**
 * Removes whatever there is of a tree, half made or half removed too, and its branch as `losing` says. Works, but for the
 * branch, where the repository is gone.
 */
export async function removeWorkTree(tree: TreePlace, losing: Losing = 'base'): Promise<void> {
  const { repository, path, branch, base } = tree;
  const call = { cwd: repository, asUser: true };
  const there = (await findUserRepository(repository))?.root === repository;
  const forget = () =>
    git(['worktree', 'remove', '--force', '--force', path], call).then(
      () => true,
      () => false,
    );
  // Half made, git does not know it for one until its directory is gone.
  if (!(there && (await forget()))) {
    await rm(path, GONE);
    if (there) await forget();
  }
  await rm(path, GONE);
  if (!there || losing === 'nothing') return;
  const commit = await commitOf(repository, branch);
  if (commit === null) return;
  const held = typeof losing === 'object' && (await holds(repository, losing.merged, commit));
  const spared = losing !== 'all' && commit !== base && !held;
  // One that somebody has checked out elsewhere is theirs now: git refuses that, and it stays.
  if (!spared) await git(['branch', '--quiet', '-D', '--', branch], { ...call, accepts: () => true });
}

/** Whether one commit has another in its history. */
async function holds(repository: string, commit: string, earlier: string): Promise<boolean> {
  return git(['merge-base', '--is-ancestor', earlier, commit], { cwd: repository, asUser: true }).then(
    () => true,
    () => false,
  );
}

/** Whether the tree's directory is there and a work tree of its own. @throws where that cannot be looked at */
export async function isThere({ path }: Pick<WorkTree, 'path'>): Promise<boolean> {
  // What cannot be looked at may be there: an interrupted merge would pass for done.
  const facts = await lstat(join(path, '.git')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  return facts !== null && (await findUserRepository(path))?.root === path;
}

/** Whether nothing would be lost with it: no commit beyond its base and no change; ignored files do not count. */
export async function isClean({ repository, path, branch, base }: TreePlace): Promise<boolean> {
  const found = await findUserRepository(path);
  if (found?.root !== path) return false;
  const { head, operation } = await readRepositoryState(found);
  if (operation !== null || head !== base) return false;
  const commit = await commitOf(repository, branch);
  if (commit !== null && commit !== base) return false;
  return !(await hasChanges(path));
}

/** Whether something in a work tree is not committed, untracked files included. */
export async function hasChanges(path: string): Promise<boolean> {
  const status = await git(['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=none'], {
    cwd: path,
    asUser: true,
  });
  return status.length > 0;
}

/** The commit of a branch; null where there is none of that name. */
export async function commitOf(repository: string, branch: string): Promise<string | null> {
  const found = await gitText(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], {
    cwd: repository,
    asUser: true,
    // 1 says that there is none; any other failure must not pass for that: what is gone is given up.
    accepts: (code) => code === 0 || code === 1,
  });
  return found === '' ? null : found;
}

/** What git said. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^git .*? ended with \d+: /s, '');
}
