import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { gitText } from './git.ts';

/** Where the user's own version control stands. Read, never written. */
export interface RepositoryState {
  head: string | null;
  branch: string | null;
  indexHash: string | null;
  stash: string | null;
  operation: string | null;
}

export const NO_REPOSITORY: RepositoryState = {
  head: null,
  branch: null,
  indexHash: null,
  stash: null,
  operation: null,
};

/** The repository whose work tree holds a directory. */
export interface UserRepository {
  /** Root of the work tree. */
  root: string;
  /** Of this work tree: HEAD, index and operations are here. */
  gitDir: string;
  /** Shared by all work trees of the repository: branches, stash and settings are here. */
  commonDir: string;
}

/** Files and directories that are there as long as an operation is under way. */
const OPERATIONS = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
] as const;
const DIGEST_BYTES = 20;

/** The repository above a directory; null where there is none. No program is started: this is read around each tool call. */
export async function findUserRepository(directory: string): Promise<UserRepository | null> {
  for (let root = directory; ; root = dirname(root)) {
    const gitDir = await gitDirOf(root);
    if (gitDir !== null) {
      const common = (await textOf(join(gitDir, 'commondir')))?.trim();
      return { root, gitDir, commonDir: common === undefined ? gitDir : resolve(gitDir, common) };
    }
    if (dirname(root) === root) return null;
  }
}

export async function readRepositoryState(repository: UserRepository): Promise<RepositoryState> {
  const { gitDir } = repository;
  const head = (await textOf(join(gitDir, 'HEAD')))?.trim() ?? '';
  const ref = head.startsWith('ref: ') ? head.slice('ref: '.length) : null;
  return {
    head: ref === null ? head || null : await commitOf(repository, ref),
    branch: ref?.replace(/^refs\/heads\//, '') ?? null,
    indexHash: await indexDigest(join(gitDir, 'index')),
    stash: await commitOf(repository, 'refs/stash'),
    operation: await operationOf(gitDir),
  };
}

async function gitDirOf(root: string): Promise<string | null> {
  const path = join(root, '.git');
  const facts = await unlessAbsent(stat(path));
  if (facts?.isDirectory()) return (await textOf(join(path, 'HEAD'))) === null ? null : path;
  if (!facts?.isFile()) return null;
  const named = /^gitdir: (.+?)\n?$/.exec((await textOf(path)) ?? '')?.[1];
  if (named === undefined) return null;
  return isAbsolute(named) ? named : resolve(root, named);
}

async function commitOf({ gitDir, commonDir, root }: UserRepository, ref: string): Promise<string | null> {
  for (const directory of new Set([gitDir, commonDir])) {
    const loose = (await textOf(join(directory, ref)))?.trim();
    if (loose !== undefined && /^[0-9a-f]{40,64}$/.test(loose)) return loose;
  }
  const packed = await textOf(join(commonDir, 'packed-refs'));
  const line = packed?.split('\n').find((each) => each.endsWith(` ${ref}`));
  if (line !== undefined) return line.slice(0, line.indexOf(' '));
  // Refs kept in another format, and those that point to others, are left to git.
  const elsewhere = await unlessAbsent(stat(join(commonDir, 'reftable')));
  if (elsewhere === null) return null;
  return gitText(['rev-parse', '--quiet', '--verify', ref], { cwd: root, asUser: true }).catch(() => null);
}

async function operationOf(gitDir: string): Promise<string | null> {
  for (const [name, operation] of OPERATIONS) {
    if (await unlessAbsent(stat(join(gitDir, name)))) return operation;
  }
  return null;
}

/** The digest that git keeps at the end of an index, or one of our own where it was told to leave that out. */
async function indexDigest(path: string): Promise<string | null> {
  const bytes = await unlessAbsent(readFile(path));
  if (bytes === null || bytes.length < DIGEST_BYTES) return null;
  const kept = bytes.subarray(-DIGEST_BYTES);
  return kept.some((byte) => byte !== 0) ? kept.toString('hex') : createHash('sha1').update(bytes).digest('hex');
}

function textOf(path: string): Promise<string | null> {
  return unlessAbsent(readFile(path, 'utf8'));
}

/** Nothing there, something else on the way, a directory in its place, a link that leads nowhere: all else must not be taken for that. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP'];

async function unlessAbsent<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
