import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { PgDatabase } from '../platform/database/index.ts';
import { Migrator } from '../platform/database/schema/index.ts';
import { migratedPglite } from './pglite-image.ts';
import { startServerPostgres } from './server-postgres.ts';
import { temporaryFilesInMemory } from './temporary-root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the throwaway server, database `postgres`; null where the tests run on PGlite alone. */
    postgresUrl: string | null;
    /** A dump of a PGlite data directory with all migrations applied. */
    pglitePath: string;
  }
}

/** Name of the database from which each test's own is copied. */
export const TEMPLATE = 'signalbox_template';

interface Shared {
  postgresUrl: string;
  pglitePath: string;
  stop(): Promise<void>;
}

/** Both projects of the configuration call {@link setup}, each with a copy of this module of its own; they share one server. */
const place = globalThis as { signalboxTests?: { users: number; started: Promise<Shared> } };

/** Starts what every test file shares: one PostgreSQL 15 with a migrated template, and a migrated PGlite image. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  place.signalboxTests ??= { users: 0, started: start() };
  const shared = place.signalboxTests;
  shared.users += 1;
  const { postgresUrl, pglitePath, stop } = await shared.started;
  project.provide('postgresUrl', postgresUrl);
  project.provide('pglitePath', pglitePath);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete place.signalboxTests;
    await stop();
  };
}

async function start(): Promise<Shared> {
  const removeTemporaryFiles = await temporaryFilesInMemory();
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
  return {
    postgresUrl: server.connectionString,
    pglitePath,
    stop: async () => {
      await server.stop();
      await removeTemporaryFiles();
    },
  };
}

export function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
