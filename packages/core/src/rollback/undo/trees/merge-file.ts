import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../../../workspaces/index.ts';

/** Longest text that is merged or shown, in bytes. */
export const TEXT_LIMIT = 1_048_576;

/** Whether content is text by git's own rule: no NUL in its first 8,000 bytes. */
export function isText(content: Uint8Array): boolean {
  return !content.subarray(0, 8000).includes(0);
}

/**
 * Git's three-way merge of three contents. With a favour, places in conflict take that side; without one, `clean` is
 * false when there are any, and the content holds markers.
 */
export async function mergeContents(
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
  favour: 'ours' | 'theirs' | null,
): Promise<{ clean: boolean; content: Buffer }> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-merge-'));
  try {
    const files = ['ours', 'base', 'theirs'].map((name) => join(directory, name));
    await Promise.all([ours, base, theirs].map((content, index) => writeFile(files[index] as string, content)));
    let clean = true;
    const call = {
      cwd: directory,
      // It answers with the number of conflicts, at most 127.
      accepts: (code: number) => {
        clean = code === 0;
        return code >= 0 && code <= 127;
      },
    };
    const content = await git(['merge-file', '-p', ...(favour ? [`--${favour}`] : []), ...files], call);
    return { clean, content };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
