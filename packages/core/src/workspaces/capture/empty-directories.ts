import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Of directories given as `path/`, relative to `root`, and what is below them: those that hold nothing at all. */
export async function emptyDirectoriesBelow(root: string, directories: readonly string[]): Promise<string[]> {
  const found = await Promise.all(directories.map((directory) => emptyIn(root, directory.replace(/\/$/, ''))));
  return found.flatMap((empty) => empty ?? []);
}

/** Null where a file is in it: then it is not empty, and what it holds is ignored. */
async function emptyIn(root: string, directory: string): Promise<string[] | null> {
  const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => null);
  if (entries === null || entries.some((entry) => !entry.isDirectory())) return null;
  if (entries.length === 0) return [directory];
  const found: string[] = [];
  for (const { name } of entries) {
    const empty = await emptyIn(root, `${directory}/${name}`);
    if (empty === null) return null;
    found.push(...empty);
  }
  return found;
}

/** Directories that hold nothing any more after these paths have gone from them. */
export async function emptiedDirectories(root: string, gone: readonly string[]): Promise<string[]> {
  const emptied = new Set<string>();
  for (const path of gone) {
    for (let directory = dirname(path); directory !== '.'; directory = dirname(directory)) {
      const entries = await readdir(join(root, directory)).catch(() => null);
      if (entries?.length === 0) emptied.add(directory);
      if (entries !== null) break;
    }
  }
  return [...emptied];
}
