import { isAbsolute, posix, relative } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import {
  findUserRepository,
  type GitCall,
  git,
  gitText,
  isInside,
  readRepositoryState,
  type UserRepository,
} from '../../workspaces/index.ts';

/** The repository of a workspace, as its user has set it up: settings, ignore rules and identity are theirs; hooks do not run. */
export interface SourceRepository extends UserRepository {
  /** The workspace: paths are relative to it. */
  path: string;
  /** The workspace below the root of the work tree, with a slash at its end; empty where it is the root. */
  prefix: string;
}

/** @throws SOURCE_NO_REPOSITORY */
export async function openRepository(path: string): Promise<SourceRepository> {
  const found = await findUserRepository(path);
  if (!found) throw new SignalboxError('SOURCE_NO_REPOSITORY', { path });
  const below = relative(found.root, path);
  return { ...found, path, prefix: below === '' ? '' : `${below}/` };
}

/** How its git is called: each path is meant as it is written, whatever signs are in it. */
export function callOf(repository: SourceRepository, call: Omit<GitCall, 'cwd' | 'asUser'> = {}): GitCall {
  return { cwd: repository.path, ...call, asUser: true, env: { GIT_LITERAL_PATHSPECS: '1', ...call.env } };
}

/** Where HEAD is. @throws SOURCE_OPERATION_UNDER_WAY in the middle of a merge, a rebase and the like */
export async function settledHead(
  repository: SourceRepository,
): Promise<{ head: string | null; branch: string | null }> {
  const { head, branch, operation } = await readRepositoryState(repository);
  if (operation !== null) throw new SignalboxError('SOURCE_OPERATION_UNDER_WAY', { operation, path: repository.path });
  return { head, branch };
}

/** The commit of a ref, by its full name; null where there is none. */
export async function commitOfRef(repository: SourceRepository, ref: string): Promise<string | null> {
  const accepts = (code: number) => code === 0 || code === 1;
  const found = await gitText(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], callOf(repository, { accepts }));
  return found === '' ? null : found;
}

/** Whether one commit has another in its history. */
export async function hasInHistory(repository: SourceRepository, commit: string, earlier: string): Promise<boolean> {
  return git(['merge-base', '--is-ancestor', earlier, commit], callOf(repository)).then(
    () => true,
    () => false,
  );
}

/** A path inside the workspace, in its shortest form. @throws PATH_OUTSIDE_WORKSPACE, also for what is git's own */
export function pathWithin(repository: SourceRepository, path: string): string {
  const short = posix.normalize(path).replace(/(?<=.)\/$/, '');
  const isGits = short.split('/').some((part) => part.toLowerCase() === '.git');
  if (isAbsolute(path) || isGits || !isInside(repository.path, posix.join(repository.path, short)))
    throw new SignalboxError('PATH_OUTSIDE_WORKSPACE', { path });
  return short;
}

/** Texts that end with NUL each. */
export function endedTexts(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\0').slice(0, -1);
}

/** Paths as git reads them from its input. */
export function nulList(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
