import type { WorkspaceCapture } from '../../workspaces/index.ts';
import type { ChangedPath } from './describe-paths.ts';
import type { UndoStep } from './trees/index.ts';

/**
 * Directories without files, which trees cannot hold: those that selected steps removed come back, those that they made
 * go, and so do those that the undo empties, unless they stood empty before the steps.
 */
export async function planDirectories(input: {
  steps: readonly UndoStep[];
  changed: readonly ChangedPath[];
  capture: WorkspaceCapture;
  emptyDirectoriesAt: (position: number) => Promise<readonly string[]>;
  /** Whether the target has files below a directory. */
  holdsFiles: (directory: string) => Promise<boolean>;
}): Promise<{ created: string[]; removed: string[] }> {
  const { steps, changed, capture, emptyDirectoriesAt, holdsFiles } = input;
  const now = new Set(capture.emptyDirectories);
  const wanted = new Set(now);
  for (const step of steps) {
    const [before, after] = await Promise.all([
      emptyDirectoriesAt(step.position - 1),
      emptyDirectoriesAt(step.position),
    ]);
    // Of a part of a step only what its own files are about: a directory that they were put into, or taken out of.
    const mine = (directory: string) => step.whole || step.edits.some(({ path }) => path.startsWith(`${directory}/`));
    for (const directory of after) if (!before.includes(directory) && mine(directory)) wanted.delete(directory);
    for (const directory of before) if (!after.includes(directory) && mine(directory)) wanted.add(directory);
  }
  const coming = changed.filter(({ after }) => after).map(({ path }) => path);
  const created = [...wanted].filter(
    (directory) => !now.has(directory) && !coming.some((path) => within(path, directory)),
  );
  const emptied = new Set<string>();
  for (const { path, after } of changed) {
    if (after) continue;
    for (const directory of directoriesOf(path)) if (!wanted.has(directory)) emptied.add(directory);
  }
  const gone = [...now].filter((directory) => !wanted.has(directory));
  const removed: string[] = [];
  for (const directory of new Set([...gone, ...emptied])) {
    const holdsWanted = [...wanted].some((other) => within(other, directory));
    if (!holdsWanted && !(await holdsFiles(directory))) removed.push(directory);
  }
  return { created: created.sort(), removed: removed.sort().reverse() };
}

function within(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function directoriesOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
