import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MIGRATIONS_DIRECTORY } from '../platform/database/schema/index.ts';

/** Where what is made once for many runs is kept. */
export const TEST_CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/signalbox', import.meta.url));

/** Names a state of all migrations: what was made with them is kept under it. */
export async function migrationsDigest(): Promise<string> {
  const digest = createHash('sha256');
  for (const file of (await readdir(MIGRATIONS_DIRECTORY)).sort())
    digest.update(await readFile(join(MIGRATIONS_DIRECTORY, file)));
  return digest.digest('hex').slice(0, 16);
}
