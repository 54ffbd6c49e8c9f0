import type { FileState } from '../undo.ts';
import { DIRECTORY_MODE, EMPTY_TREE, type TreeCache, type TreeEntry } from './tree-cache.ts';

/** What differs between two trees, path by path, in path order; renames are a path that goes and one that comes. */
export async function treeEdits(
  cache: TreeCache,
  before: string,
  after: string,
): Promise<{ path: string; before: FileState | null; after: FileState | null }[]> {
  if (before === after) return [];
  const [left, right] = await Promise.all([cache.read(before), cache.read(after)]);
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  const edits: { path: string; before: FileState | null; after: FileState | null }[] = [];
  for (const name of names) {
    const [was, is] = [left.get(name), right.get(name)];
    if (was?.oid === is?.oid && was?.mode === is?.mode) continue;
    const below = await treeEdits(cache, subtree(was), subtree(is));
    edits.push(...below.map((edit) => ({ ...edit, path: `${name}/${edit.path}` })));
    const [file, other] = [fileOf(was), fileOf(is)];
    if (file || other) edits.push({ path: name, before: file, after: other });
  }
  return edits;
}

function subtree(entry: TreeEntry | undefined): string {
  return entry?.mode === DIRECTORY_MODE ? entry.oid : EMPTY_TREE;
}

function fileOf(entry: TreeEntry | undefined): FileState | null {
  return entry && entry.mode !== DIRECTORY_MODE ? { mode: entry.mode, oid: entry.oid } : null;
}
