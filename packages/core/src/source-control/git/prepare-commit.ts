import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import { git, gitText } from '../../workspaces/index.ts';
import { gitReason } from './git-reason.ts';
import {
  callOf,
  commitOfRef,
  endedTexts,
  nulList,
  pathWithin,
  type SourceRepository,
  settledHead,
} from './source-repository.ts';

/** Paths that one commit may change. */
export const MOST_CHANGES = 10_000;
/** A name and an address that git made up of the machine's are nobody's. */
const CONFIGURED = ['-c', 'user.useConfigOnly=true'];

export interface CommitWanted {
  /** Files and directories, relative to the workspace. */
  paths: readonly string[];
  message: string;
  /** Default: the branch that is checked out. Another one is made, and checked out, with the commit. */
  branch: string | undefined;
  at: Date;
}

/** A commit among the objects of a repository, to which no branch leads yet. */
export interface PreparedCommit {
  hash: string;
  branch: string;
  /** The branch that was checked out; null for none. */
  from: string | null;
  parent: string | null;
  /** What was named to be committed, and of it what it changed: relative to the workspace. */
  paths: string[];
  changes: string[];
  author: string;
}

/**
 * Makes the commit of some paths as they lie in the work tree, in an index of its own: what else is staged stays out. Changes nothing but
 * the repository's objects.
 * @throws SOURCE_OPERATION_UNDER_WAY, SOURCE_HEAD_DETACHED, SOURCE_BRANCH_EXISTS, SOURCE_IDENTITY_MISSING, SOURCE_PATH_REFUSED,
 * PATH_OUTSIDE_WORKSPACE, SOURCE_NOTHING_TO_COMMIT, SOURCE_COMMIT_TOO_LARGE, SOURCE_COMMIT_FAILED
 */
export async function prepareCommit(repository: SourceRepository, wanted: CommitWanted): Promise<PreparedCommit> {
  const paths = wanted.paths.map((path) => pathWithin(repository, path));
  const { head: parent, branch: from } = await settledHead(repository);
  const branch = wanted.branch ?? from;
  if (branch === null) throw new SignalboxError('SOURCE_HEAD_DETACHED', { path: repository.path });
  if (branch !== from && (await commitOfRef(repository, `refs/heads/${branch}`)) !== null)
    throw new SignalboxError('SOURCE_BRANCH_EXISTS', { branch });
  const author = await authorOf(repository);
  const before = parent === null ? await emptyTree(repository) : `${parent}^{tree}`;
  const tree = await treeOf(repository, parent, paths);
  const changes = await changedBetween(repository, before, tree);
  if (changes.length === 0) throw new SignalboxError('SOURCE_NOTHING_TO_COMMIT', { paths });
  if (changes.length > MOST_CHANGES)
    throw new SignalboxError('SOURCE_COMMIT_TOO_LARGE', { count: changes.length, limit: MOST_CHANGES });
  const hash = await commitTree(repository, tree, parent, wanted);
  return { hash, branch, from, parent, paths, changes, author };
}

/** @throws SOURCE_IDENTITY_MISSING */
async function authorOf(repository: SourceRepository): Promise<string> {
  const said = await gitText([...CONFIGURED, 'var', 'GIT_AUTHOR_IDENT'], callOf(repository)).catch((error) => {
    throw new SignalboxError('SOURCE_IDENTITY_MISSING', { reason: gitReason(error) }, { cause: error });
  });
  return said.replace(/ \d+ [+-]\d{4}$/, '');
}

async function treeOf(repository: SourceRepository, parent: string | null, paths: readonly string[]): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'signalbox-commit-'));
  const call = callOf(repository, { env: { GIT_INDEX_FILE: join(scratch, 'index') } });
  try {
    await git(parent === null ? ['read-tree', '--empty'] : ['read-tree', parent], call);
    const input = nulList(paths);
    await git(['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], { ...call, input }).catch((error) => {
      throw new SignalboxError('SOURCE_PATH_REFUSED', { reason: gitReason(error) }, { cause: error });
    });
    return await gitText(['write-tree'], call);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Of whatever kind of hash the repository is. */
function emptyTree(repository: SourceRepository): Promise<string> {
  return gitText(['hash-object', '-t', 'tree', '--stdin'], callOf(repository, { input: '' }));
}

async function changedBetween(repository: SourceRepository, before: string, after: string): Promise<string[]> {
  const words = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--relative', before, after];
  return endedTexts(await git(words, callOf(repository)));
}

async function commitTree(
  repository: SourceRepository,
  tree: string,
  parent: string | null,
  { message, at }: CommitWanted,
): Promise<string> {
  const accepts = (code: number) => code === 0 || code === 1;
  const signed = await gitText(['config', '--type=bool', '--get', 'commit.gpgSign'], callOf(repository, { accepts }));
  const date = `@${Math.floor(at.getTime() / 1_000)} +0000`;
  const call = callOf(repository, { input: message, env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } });
  const parents = parent === null ? [] : ['-p', parent];
  const signing = signed === 'true' ? ['-S'] : [];
  const words = [
    ...CONFIGURED,
    '-c',
    'i18n.commitEncoding=UTF-8',
    'commit-tree',
    ...signing,
    ...parents,
    '-F',
    '-',
    tree,
  ];
  return gitText(words, call).catch((error) => {
    throw new SignalboxError(
      'SOURCE_COMMIT_FAILED',
      { path: repository.path, reason: gitReason(error) },
      { cause: error },
    );
  });
}
