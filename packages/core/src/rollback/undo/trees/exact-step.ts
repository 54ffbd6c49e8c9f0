import type { FileState } from '../undo.ts';
import { DIRECTORY_MODE, type TreeCache } from './tree-cache.ts';
import type { UndoStep } from './undo-step.ts';
import type { VirtualTree } from './virtual-tree.ts';

/**
 * Whether a step can be undone path by path with what git's merge would make of it, so that git need not be asked:
 * every path of it is just as the step left it, and none of the two things hold by which git moves other paths. Those
 * are directories that one side renamed while the other added files to them; since a renamed directory is one that is
 * gone, it is enough that those which matter are still there, or have nothing new.
 */
export async function isExact(tree: VirtualTree, step: UndoStep, cache: TreeCache): Promise<boolean> {
  for (const { path, after } of step.edits) {
    const found = await tree.look(path);
    if (after ? !same(found, after) : found !== 'absent') return false;
  }
  const returning = step.edits.filter(({ before, after }) => before && !after);
  if (returning.length === 0) return true;
  const checked = new Set<string>();
  for (const directory of returning.flatMap(({ path }) => directoriesOf(path))) {
    if (checked.has(directory)) continue;
    checked.add(directory);
    const stood = (await cache.find(step.afterTree, directory))?.mode === DIRECTORY_MODE;
    if (stood && (await tree.look(directory)) !== 'directory') return false;
  }
  const going = step.edits.filter(({ before, after }) => after && !before);
  for (const directory of new Set(going.flatMap(({ path }) => directoriesOf(path)))) {
    // Of a whole step we know which directories go; of a part, any may.
    if (step.whole && (await cache.find(step.beforeTree, directory))?.mode === DIRECTORY_MODE) continue;
    const left = await cache.find(step.afterTree, directory);
    if (left?.oid !== (await tree.directory(directory))) return false;
  }
  return true;
}

export function same(a: FileState | string | null, b: FileState | null): boolean {
  if (a === null || b === null || typeof a === 'string') return a === b;
  return a.oid === b.oid && a.mode === b.mode;
}

/** `a/b/c` lies in `a` and `a/b`. */
function directoriesOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
