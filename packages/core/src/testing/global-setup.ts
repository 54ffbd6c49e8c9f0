import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { PgDatabase } from '../platform/database/index.ts';
import { MIGRATIONS_DIRECTORY, Migrator } from '../platform/database/schema/index.ts';
import { startServerPostgres } from './server-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the throwaway server, database `postgres`. */
    postgresUrl: string;
    /** A dump of a PGlite data directory with all migrations applied. */
    pglitePath: string;
  }
}

/** Name of the database from which each test's own is copied. */
export const TEMPLATE = 'signalbox_template';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/signalbox', import.meta.url));

/** Starts what every test file shares: one PostgreSQL 15 with a migrated template, and a migrated PGlite image. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server, pglitePath] = await Promise.all([
    startServerPostgres({ settings: { max_connections: '300' } }),
    migratedPglite(),
  ]);
  const admin = new pg.Client({ connectionString: server.connectionString });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const template = new PgDatabase({
    kind: 'server',
    pool: { connectionString: databaseUrl(server.connectionString, TEMPLATE) },
  });
  await new Migrator(template).up();
  await template.close();
  project.provide('postgresUrl', server.connectionString);
  project.provide('pglitePath', pglitePath);
  return () => server.stop();
}

export function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Making a PGlite takes seconds, loading a dump does not; the dump is kept under a digest of the migrations. */
async function migratedPglite(): Promise<string> {
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
