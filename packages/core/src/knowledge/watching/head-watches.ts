import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitText } from '../../workspaces/index.ts';
import { MOST_WATCHED } from './workspace-watchers.ts';

interface Watched {
  projectId: string;
  root: string;
  /** What git writes when HEAD moves; null where there is no repository yet. */
  files: readonly string[] | null;
  /** As these were when they were looked at last; null before that. */
  last: string | null;
}

/** Looks whether the HEAD of watched workspaces moved, by a commit, a checkout or a pull: none of that need change a file of theirs. */
export class HeadWatches {
  readonly #watched = new Map<string, Watched>();

  /** The one that is named longest ago goes first, as with their files. */
  watch(projectId: string, workspaceId: string, root: string): void {
    const known = this.#watched.get(workspaceId);
    this.#watched.delete(workspaceId);
    this.#watched.set(workspaceId, known?.root === root ? known : { projectId, root, files: null, last: null });
    for (const oldest of [...this.#watched.keys()].slice(0, -MOST_WATCHED)) this.#watched.delete(oldest);
  }

  /** Whose HEAD may have moved since this was asked last; a workspace that is looked at for the first time has not. */
  async moved(): Promise<{ projectId: string; workspaceId: string }[]> {
    const found: { projectId: string; workspaceId: string }[] = [];
    for (const [workspaceId, one] of this.#watched) {
      if (one.last === null || (one.files === null && existsSync(join(one.root, '.git'))))
        one.files = await filesOf(one.root);
      const now = (await Promise.all((one.files ?? []).map(signatureOf))).join(' ');
      if (one.last !== null && one.last !== now) found.push({ projectId: one.projectId, workspaceId });
      one.last = now;
    }
    return found;
  }
}

/** HEAD, and the log of where it was, which also a commit adds to that only moves its branch. */
async function filesOf(root: string): Promise<string[] | null> {
  try {
    const directory = await gitText(['rev-parse', '--absolute-git-dir'], { cwd: root, asUser: true });
    return [join(directory, 'HEAD'), join(directory, 'logs/HEAD')];
  } catch {
    return null;
  }
}

async function signatureOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'none';
  }
}
