import { copyFile, stat, truncate } from 'node:fs/promises';

/** Bytes after which the server's log is put aside. */
const LIMIT = 4 * 1024 * 1024;

/**
 * Keeps the server's log from growing without end: past 4 MB it becomes `<file>.1` (the one before is dropped) and goes on empty. The server holds
 * the file open for appending, so it is copied and cut, not renamed.
 */
export async function boundLog(file: string): Promise<void> {
  let size: number;
  try {
    size = (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (size <= LIMIT) return;
  await copyFile(file, `${file}.1`);
  await truncate(file, 0);
}
