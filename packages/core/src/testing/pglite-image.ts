import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type pg from 'pg';
import { PgDatabase } from '../platform/database/index.ts';
import { MIGRATIONS_DIRECTORY, Migrator } from '../platform/database/schema/index.ts';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/signalbox', import.meta.url));

/** Making a PGlite takes seconds, loading a dump does not; the dump is kept under a digest of the migrations. */
export async function migratedPglite(): Promise<string> {
  const digest = createHash('sha256');
  for (const file of (await readdir(MIGRATIONS_DIRECTORY)).sort())
    digest.update(await readFile(join(MIGRATIONS_DIRECTORY, file)));
  const path = join(CACHE, `pglite-${digest.digest('hex').slice(0, 16)}.tar`);
  if (existsSync(path)) return path;
  const pglite = new PGlite();
  const database = new PgDatabase({ kind: 'pglite', pool: createPgConfig(pglite) as unknown as pg.PoolConfig });
  await new Migrator(database).up();
  await database.close();
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  await mkdir(CACHE, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()));
  await rename(draft, path);
  return path;
}
