import { git } from './git.ts';
import { blobId } from './private-index.ts';
import type { FileChange } from './tree-diff.ts';
import type { RepositoryState } from './user-repository.ts';

/** Paths whose content git is asked to convert, at most: each takes a process. */
const MOST_CONVERTED = 50;

/** Which content paths have in a place of the user's repository; null where they are not there. */
type Contents = ReadonlyMap<string, string | null>;

/**
 * Of the changes in an interval, those that moves of the user's version control explain: what checkout, commit, pull, reset,
 * stash and the like leave behind is exactly what the place they went to holds. Answers their paths. Reads only.
 */
export async function explainedPaths(
  workspacePath: string,
  before: RepositoryState,
  after: RepositoryState,
  changes: readonly FileChange[],
): Promise<Set<string>> {
  const explained = new Set<string>();
  const explains = (test: (path: string, was: string | null, is: string | null) => boolean): void => {
    for (const change of changes) {
      const moved = change.oldPath !== null;
      const whole =
        test(change.path, moved ? null : change.beforeOid, change.afterOid) &&
        (!moved || test(change.oldPath as string, change.beforeOid, null));
      if (whole) explained.add(change.path);
    }
  };
  const paths = changes.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath]));
  const at = (commit: string | null) => contentsAt(workspacePath, commit, paths);

  if (before.head !== after.head || before.operation !== after.operation) {
    const [old, now] = await Promise.all([at(before.head), at(after.head)]);
    explains((path, _was, is) => same(now, path, is) && (is !== null || present(old, path)));
    for (const change of changes.slice(0, MOST_CONVERTED)) {
      if (explained.has(change.path) || change.oldPath !== null || !present(now, change.path)) continue;
      const written = await asWritten(workspacePath, after.head as string, change.path);
      if (written === change.afterOid) explained.add(change.path);
    }
  }
  if (after.operation !== null && after.operation !== before.operation) {
    const staged = await contentsStaged(workspacePath, paths);
    explains((path, _was, is) => staged.unmerged.has(path) || same(staged.contents, path, is));
  }
  for (const stash of new Set([before.stash, after.stash])) {
    if (stash === null) continue;
    const [base, kept, untracked] = await Promise.all([at(`${stash}^1`), at(stash), at(`${stash}^3`)]);
    const inStash = (path: string, oid: string | null) =>
      oid !== null && (kept.get(path) === oid || untracked.get(path) === oid);
    const inBase = (path: string, oid: string | null) => (base.get(path) ?? null) === oid;
    const differs = (path: string) => (kept.get(path) ?? null) !== (base.get(path) ?? null) || present(untracked, path);
    const gone = (path: string, oid: string | null) =>
      oid === null && !present(kept, path) && !present(untracked, path);
    const pushed = stash === after.stash && stash !== before.stash;
    explains((path, was, is) => {
      if (!differs(path)) return false;
      return pushed
        ? inBase(path, is) && (inStash(path, was) || gone(path, was))
        : inBase(path, was) && (inStash(path, is) || gone(path, is));
    });
  }
  return explained;
}

function present(contents: Contents, path: string): boolean {
  return (contents.get(path) ?? null) !== null;
}

function same(contents: Contents, path: string, oid: string | null): boolean {
  return (contents.get(path) ?? null) === oid;
}

/** What paths hold in a commit. Nothing where there is no such commit. */
async function contentsAt(workspacePath: string, commit: string | null, paths: readonly string[]): Promise<Contents> {
  if (commit === null || paths.length === 0) return new Map();
  const listed = await git(['ls-tree', '-r', '-z', commit], { cwd: workspacePath, asUser: true }).catch(() => null);
  const wanted = new Set(paths);
  const contents = new Map<string, string>();
  // `mode type oid\tpath`
  for (const line of listed?.toString('utf8').split('\0') ?? []) {
    const path = line.slice(line.indexOf('\t') + 1);
    const oid = line.split(/[ \t]/, 3)[2];
    if (oid !== undefined && wanted.has(path)) contents.set(path, oid);
  }
  return contents;
}

/** What the index holds of paths, and which of them are in conflict. */
async function contentsStaged(
  workspacePath: string,
  paths: readonly string[],
): Promise<{ contents: Contents; unmerged: ReadonlySet<string> }> {
  const listed = await git(['ls-files', '-s', '-z'], { cwd: workspacePath, asUser: true });
  const wanted = new Set(paths);
  const contents = new Map<string, string>();
  const unmerged = new Set<string>();
  // `mode oid stage\tpath`
  for (const line of listed.toString('utf8').split('\0')) {
    const path = line.slice(line.indexOf('\t') + 1);
    const [, oid, stage] = line.split(/[ \t]/, 3);
    if (oid === undefined || !wanted.has(path)) continue;
    if (stage === '0') contents.set(path, oid);
    else unmerged.add(path);
  }
  return { contents, unmerged };
}

/** The object id of what a checkout would write for a path: with the user's line ends and filters. */
async function asWritten(workspacePath: string, commit: string, path: string): Promise<string | null> {
  const bytes = await git(['cat-file', '--filters', `${commit}:./${path}`], { cwd: workspacePath, asUser: true }).catch(
    () => null,
  );
  return bytes === null ? null : blobId(bytes);
}
