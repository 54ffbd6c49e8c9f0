import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ids } from '@signalbox/core';

const BYTES = 32;

/**
 * Secrets that stand in a file of the data directory, one a line, the newest last. The file is made at the first start with one in it, and
 * can be read by its owner only.
 * @throws Error where the file is empty
 */
export async function keptSecrets(file: string, ids: Ids): Promise<string[]> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, `${ids.secret(BYTES)}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readSecrets(file);
}

/** {@link keptSecrets} that are there; none are made. @throws Error where there is no such file, or nothing in it */
export async function readSecrets(file: string): Promise<string[]> {
  const secrets = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  if (secrets.length === 0) throw new Error(`The file of keys ${file} is empty. Restore it from a backup.`);
  return secrets;
}
