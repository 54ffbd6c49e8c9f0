import { type FileState, priorityOf, type WatchedChange } from './file-change.ts';

export type NetChange = Omit<WatchedChange, 'absolutePath'>;

const RANK = { high: 0, medium: 1, low: 2 } as const;

/**
 * What became of paths between two looks: one change each, whatever happened to them meanwhile (WATCH-08). What is gone and what came with
 * the same contents is one rename (WATCH-09). The most urgent first (WATCH-12).
 *
 * @param paths those that may have changed
 * @param before by path, as they were when they were told of last; those that were not are left out
 * @param now the same as they are
 */
export function netChanges(
  paths: Iterable<string>,
  before: ReadonlyMap<string, FileState>,
  now: ReadonlyMap<string, FileState>,
): NetChange[] {
  const gone: string[] = [];
  const came: string[] = [];
  const changes: NetChange[] = [];
  for (const path of new Set(paths)) {
    const [was, is] = [before.get(path), now.get(path)];
    if (was && is && was.isDirectory === is.isDirectory) {
      if (!isSame(was, is)) changes.push(change('modify', path, is));
      continue;
    }
    if (was) gone.push(path);
    if (is) came.push(path);
  }
  const moved = renames(gone, came, before, now);
  const left = new Set(moved.values());
  for (const path of gone) if (!left.has(path)) changes.push(change('delete', path, before.get(path) as FileState));
  for (const path of came) {
    const oldPath = moved.get(path);
    const is = now.get(path) as FileState;
    changes.push(oldPath === undefined ? change('create', path, is) : { ...change('rename', path, is), oldPath });
  }
  return changes.sort((a, b) => RANK[a.priority] - RANK[b.priority] || (a.path < b.path ? -1 : 1));
}

/** New path → old path. Of several with the same contents those whose names are the same go together first. */
function renames(
  gone: readonly string[],
  came: readonly string[],
  before: ReadonlyMap<string, FileState>,
  now: ReadonlyMap<string, FileState>,
): Map<string, string> {
  const moved = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (keyOf: (hash: string, path: string) => string) => {
    // By what may go together: of a directory that was moved each file has as many others beside it.
    const left = new Map<string, string[]>();
    for (const path of gone.toSorted().reverse()) {
      const hash = before.get(path)?.hash ?? null;
      if (hash === null || taken.has(path)) continue;
      const key = keyOf(hash, path);
      const same = left.get(key);
      if (same) same.push(path);
      else left.set(key, [path]);
    }
    for (const path of came.toSorted()) {
      const hash = now.get(path)?.hash ?? null;
      const from = hash === null || moved.has(path) ? undefined : left.get(keyOf(hash, path))?.pop();
      if (from === undefined) continue;
      taken.add(from);
      moved.set(path, from);
    }
  };
  pair((hash, path) => `${hash} ${nameOf(path)}`);
  pair((hash) => hash);
  return moved;
}

function change(type: NetChange['type'], path: string, { isDirectory, size, mtime, hash }: FileState): NetChange {
  return { type, path, isDirectory, stats: { size, mtime }, hash, priority: priorityOf(path) };
}

/** What was not read is another one if its size or time is. */
function isSame(was: FileState, is: FileState): boolean {
  if (is.isDirectory) return true;
  if (was.hash !== null || is.hash !== null) return was.hash === is.hash;
  return was.size === is.size && was.mtime.getTime() === is.mtime.getTime();
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
