import { rm } from 'node:fs/promises';
import { git, gitText } from './git.ts';

/** A file of a tree that is made up. */
export interface TreeEntry {
  path: string;
  oid: string;
  mode: string;
}

/** A tree of exactly these files, whose contents the store holds. @param index path of an index for this alone. */
export async function syntheticTree(gitDir: string, index: string, entries: readonly TreeEntry[]): Promise<string> {
  const call = { cwd: gitDir, env: { GIT_DIR: gitDir, GIT_INDEX_FILE: index } };
  try {
    await git(['read-tree', '--empty'], call);
    const input = entries.map(({ path, oid, mode }) => `${mode} ${oid}\t${path}\0`).join('');
    if (input !== '') await git(['update-index', '--add', '--replace', '-z', '--index-info'], { ...call, input });
    return await gitText(['write-tree', '--missing-ok'], call);
  } finally {
    await rm(index, { force: true });
  }
}
