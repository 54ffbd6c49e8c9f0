import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { FileState } from './file-change.ts';

/**
 * A file as it is now, read as a stream; null where there is none any more (WATCH-05). Symbolic links are not followed: what one says is
 * where it leads.
 * @throws what reading failed with, but for a file that went meanwhile
 */
export async function readState(file: string, mostBytes: number): Promise<FileState | null> {
  try {
    const stat = await lstat(file);
    const { size, mtime } = stat;
    if (stat.isDirectory()) return { isDirectory: true, size: 0, mtime, hash: null };
    if (stat.isSymbolicLink()) {
      const hash = createHash('sha256')
        .update(await readlink(file))
        .digest('hex');
      return { isDirectory: false, size, mtime, hash };
    }
    if (!stat.isFile()) return null;
    return { isDirectory: false, size, mtime, hash: size > mostBytes ? null : await hashOf(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
