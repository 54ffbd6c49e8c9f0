import { copyFile, lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import {
  diffTrees,
  type FileChange,
  findUserRepository,
  git,
  gitText,
  type RepositoryState,
  readRepositoryState,
  type UserRepository,
} from '../capture/index.ts';
import { hasChanges, type TreePlace } from './git-work-tree.ts';

/** What a merge of a session's tree into the user's branch would come to. */
export interface MergeOutlook {
  /** Of the user. */
  user: UserRepository & RepositoryState & { head: string };
  /** HEAD of the session's tree. */
  head: string;
  mergeBase: string;
  commits: number;
  uncommitted: boolean;
  files: FileChange[];
  conflicts: string[];
  inTheWay: string[];
  refusal: string | null;
}

/** Computes it without writing to either tree or the repository. @throws WORK_TREE_GONE */
export async function mergeOutlook(tree: TreePlace & { id: string }): Promise<MergeOutlook> {
  const gone = new SignalboxError('WORK_TREE_GONE', { id: tree.id, path: tree.path });
  const [user, own] = [await stateAt(tree.repository), await stateAt(tree.path)];
  if (user?.head == null || own?.head == null) throw gone;
  const { head } = own;
  const from = { ...user, head: user.head };
  const uncommitted = await hasChanges(tree.path);
  return withScratchObjects(user.commonDir, async (scratch) => {
    const call = { cwd: tree.repository, asUser: true, env: scratch.env };
    const source = uncommitted ? await commitAll(tree.path, own.gitDir, head, scratch) : head;
    const mergeBase = await gitText(['merge-base', from.head, source], call);
    const { treeId, conflicts } = await mergedTree(from.head, source, call);
    return {
      user: from,
      head,
      mergeBase,
      commits: Number(await gitText(['rev-list', '--count', `${mergeBase}..${head}`], call)),
      uncommitted,
      files: await diffTrees(user.commonDir, mergeBase, source, { env: scratch.env, asUser: true }),
      conflicts,
      inTheWay: conflicts.length > 0 ? [] : await inTheWay(tree.repository, from.head, treeId, call),
      refusal: refusalOf(from, own),
    };
  });
}

/**
 * The tree that a merge of two commits gives, and where it conflicts. Objects go where `call` says.
 * @throws what git does where it cannot merge them at all
 */
export async function mergedTree(
  ours: string,
  theirs: string,
  call: { cwd: string; asUser: boolean; env?: Record<string, string> },
) {
  const output = await git(['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs], {
    ...call,
    accepts: (code) => code === 0 || code === 1,
  });
  const [treeId = '', ...paths] = output.toString('utf8').split('\0').filter(Boolean);
  return { treeId, conflicts: [...new Set(paths)] };
}

async function stateAt(root: string) {
  const found = await findUserRepository(root);
  return found?.root === root ? { ...found, ...(await readRepositoryState(found)) } : null;
}

function refusalOf(user: RepositoryState, own: RepositoryState): string | null {
  if (user.operation !== null) return `a ${user.operation} is under way in your repository; finish or abort it`;
  if (own.operation !== null) return `a ${own.operation} is under way in the work tree; finish or abort it there`;
  if (user.branch === null) return 'no branch is checked out in your repository; check one out';
  return null;
}

/** All there is in the tree as a commit on top of its HEAD, with an index of its own: nothing of the tree changes. */
async function commitAll(path: string, gitDir: string, head: string, scratch: Scratch): Promise<string> {
  const index = join(scratch.directory, 'index');
  // With what the tree's index knows, unchanged files are not read again.
  await copyFile(join(gitDir, 'index'), index).catch(() => undefined);
  const call = { cwd: path, asUser: true, env: { ...scratch.env, GIT_INDEX_FILE: index } };
  await git(['add', '--all'], call);
  const treeId = await gitText(['write-tree'], call);
  const who = { GIT_AUTHOR_NAME: 's', GIT_AUTHOR_EMAIL: 's', GIT_COMMITTER_NAME: 's', GIT_COMMITTER_EMAIL: 's' };
  return gitText(['commit-tree', treeId, '-p', head, '-m', 'x'], { ...call, env: { ...call.env, ...who } });
}

/** What a merge would write and the user has changed, or has there without git knowing it. */
async function inTheWay(
  repository: string,
  head: string,
  treeId: string,
  call: { cwd: string; asUser: boolean; env: Record<string, string> },
): Promise<string[]> {
  const raw = await git(['diff-tree', '-r', '-z', '--no-renames', '--name-status', head, treeId], call);
  const words = raw.toString('utf8').split('\0').filter(Boolean);
  const written = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) written.set(words[at + 1] as string, words[at] as string);
  if (written.size === 0) return [];
  const status = await git(['status', '--porcelain', '-z', '--no-renames', '--untracked-files=no'], call);
  const touched = status.toString('utf8').split('\0').filter(Boolean);
  const found = new Set(touched.map((line) => line.slice(3)).filter((path) => written.has(path)));
  for (const [path, change] of written) {
    if (change === 'A' && (await lstat(join(repository, path)).catch(() => null))) found.add(path);
  }
  return [...found].sort();
}

interface Scratch {
  directory: string;
  env: Record<string, string>;
}

/** Lets git write objects into a directory that is thrown away, beside those of the repository. */
async function withScratchObjects<T>(commonDir: string, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-merge-'));
  const objects = join(directory, 'objects');
  try {
    await mkdir(objects);
    // Quoted as git reads it: the path may hold anything.
    const alternates = JSON.stringify(join(commonDir, 'objects'));
    return await work({
      directory,
      env: { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
