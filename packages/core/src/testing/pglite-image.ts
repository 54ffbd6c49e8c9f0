import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type pg from 'pg';
import { PgDatabase } from '../platform/database/index.ts';
import { Migrator } from '../platform/database/schema/index.ts';
import { migrationsDigest, TEST_CACHE } from './migrations-digest.ts';

/** Making a PGlite takes seconds, loading a dump does not; the dump is kept under a digest of the migrations. */
export async function migratedPglite(): Promise<string> {
  const path = join(TEST_CACHE, `pglite-${await migrationsDigest()}.tar`);
  if (existsSync(path)) return path;
  const pglite = new PGlite();
  const database = new PgDatabase({ kind: 'pglite', pool: createPgConfig(pglite) as unknown as pg.PoolConfig });
  await new Migrator(database).up();
  await database.close();
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  await mkdir(TEST_CACHE, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()));
  await rename(draft, path);
  return path;
}
