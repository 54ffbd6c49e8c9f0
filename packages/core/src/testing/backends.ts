import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { describe, inject } from 'vitest';
import { PgDatabase } from '../platform/database/index.ts';
import { openPgliteInMemory, type PgliteInMemory } from '../platform/database/tiers/index.ts';
import { databaseUrl, TEMPLATE } from './global-setup.ts';
import { ReusedDatabases } from './reused-databases.ts';

/** A migrated database of its own for one test or one file. */
export interface TestDatabase {
  database: PgDatabase;
  /** For a second process or a second pool; null on PGlite, which has one connection. */
  connectionString: string | null;
  /** Closes the database and drops it. */
  close(): Promise<void>;
}

export interface TestBackend {
  name: 'pglite' | 'postgres';
  /** Opens a fresh, migrated, empty database (about 30 ms on PostgreSQL; 0.7 s for the first PGlite of a file, then 0.1 s). */
  open(): Promise<TestDatabase>;
}

/** Runs the same tests on PGlite and on a real PostgreSQL: the same SQL must hold on both (design.md §9). */
export function describeOnBackends(title: string, body: (backend: TestBackend) => void): void {
  for (const backend of testBackends()) describe(`${title} [${backend.name}]`, () => body(backend));
}

/** Those of this run, the quicker one first. */
function testBackends(): [TestBackend, ...TestBackend[]] {
  return inject('postgresUrl') === null ? [pgliteBackend] : [postgresBackend, pgliteBackend];
}

/** For tests of which once is enough. */
export function firstBackend(): TestBackend {
  return testBackends()[0];
}

const pglites = new ReusedDatabases<PgliteInMemory>({
  make: async () => openPgliteInMemory(await readFile(inject('pglitePath'))),
  connection: ({ poolConfig }) => poolConfig,
  drop: (pglite) => pglite.close(),
});

export const pgliteBackend: TestBackend = {
  name: 'pglite',
  open: async () => {
    const pglite = await pglites.take();
    const database = new PgDatabase({ kind: 'pglite', pool: pglite.poolConfig });
    return {
      database,
      connectionString: null,
      close: async () => {
        await database.close();
        await pglites.leave(pglite);
      },
    };
  },
};

const postgresDatabases = new ReusedDatabases<string>({
  make: async () => {
    const name = `t_${randomUUID().replaceAll('-', '')}`;
    await asAdmin(serverUrl(), `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    return name;
  },
  connection: (name) => ({ connectionString: databaseUrl(serverUrl(), name) }),
  drop: (name) => asAdmin(serverUrl(), `DROP DATABASE ${name} WITH (FORCE)`),
});

export const postgresBackend: TestBackend = {
  name: 'postgres',
  open: async () => {
    const name = await postgresDatabases.take();
    const connectionString = databaseUrl(serverUrl(), name);
    const database = new PgDatabase({ kind: 'server', pool: { connectionString } });
    return {
      database,
      connectionString,
      close: async () => {
        await database.close();
        await postgresDatabases.leave(name);
      },
    };
  },
};

function serverUrl(): string {
  const url = inject('postgresUrl');
  if (url === null) throw new Error('this run has no PostgreSQL: its tests run on PGlite alone');
  return url;
}

async function asAdmin(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
