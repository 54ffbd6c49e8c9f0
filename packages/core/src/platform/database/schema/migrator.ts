import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { SignalboxError } from '../../errors/index.ts';
import type { PgDatabase } from '../pg-database.ts';
import { supportedVersion } from '../tiers/server-tier.ts';

/** Where the hand-written migrations are: beside `src` and `dist`, so that both find them. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../../migrations', import.meta.url));
export const MIGRATIONS_TABLE = 'schema_migrations';
/** Tables that migrations fill: a new database is not empty of these. */
export const SEEDED_TABLES: readonly string[] = ['session_status_transitions'];

export interface MigrationStatus {
  name: string;
  /** Null while it is pending. */
  appliedAt: Date | null;
}

/**
 * Brings the database to the newest schema and back (ORC-149…157). Each migration is one transaction; a lock in the
 * database makes concurrent starters wait for each other, so that each migration is applied once.
 */
export class Migrator {
  readonly #database: PgDatabase;

  constructor(database: PgDatabase) {
    this.#database = database;
  }

  /** Every migration this program knows, oldest first. @throws UNSUPPORTED_DATABASE, MIGRATION_UNKNOWN_REVISION when the database holds another. */
  async status(): Promise<MigrationStatus[]> {
    return this.#database.withClient((client) => readStatus(client));
  }

  /** Applies what is pending; answers the names applied. @throws UNSUPPORTED_DATABASE, MIGRATION_FAILED, MIGRATION_UNKNOWN_REVISION */
  async up(): Promise<string[]> {
    return this.#database.withClient(async (client) => {
      const pending = (await readStatus(client)).filter((migration) => !migration.appliedAt);
      return pending.length === 0 ? [] : run(client, 'up', pending.length);
    });
  }

  /** Takes back the newest `count` migrations; answers their names. */
  async down(count: number): Promise<string[]> {
    return this.#database.withClient(async (client) => {
      const applied = (await readStatus(client)).filter((migration) => migration.appliedAt);
      return applied.length === 0 ? [] : run(client, 'down', Math.min(count, applied.length));
    });
  }
}

/** A server that was away at the start is looked at here, before anything is done to it. */
async function readStatus(client: pg.ClientBase): Promise<MigrationStatus[]> {
  await supportedVersion(client);
  const known = (await readdir(MIGRATIONS_DIRECTORY))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
  const there = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('${MIGRATIONS_TABLE}') IS NOT NULL AS exists`,
  );
  const rows = there.rows[0]?.exists
    ? (await client.query<{ name: string; run_on: Date }>(`SELECT name, run_on FROM ${MIGRATIONS_TABLE} ORDER BY id`))
        .rows
    : [];
  const unknown = rows.find((row) => !known.includes(row.name));
  if (unknown) throw new SignalboxError('MIGRATION_UNKNOWN_REVISION', { name: unknown.name });
  const applied = new Map(rows.map((row) => [row.name, row.run_on]));
  return known.map((name) => ({ name, appliedAt: applied.get(name) ?? null }));
}

async function run(client: pg.ClientBase, direction: 'up' | 'down', count: number): Promise<string[]> {
  // Loaded only when there is something to do: a start with nothing pending does not pay for it.
  const { runner } = await import('node-pg-migrate');
  try {
    const done = await runner({
      dbClient: client,
      dir: MIGRATIONS_DIRECTORY,
      migrationsTable: MIGRATIONS_TABLE,
      direction,
      count,
      singleTransaction: false,
      advisoryLockMode: 'wait',
      log: () => undefined,
    });
    return done.map((migration) => migration.name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SignalboxError('MIGRATION_FAILED', { name: direction, reason }, { cause: error });
  }
}
