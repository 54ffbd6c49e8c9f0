import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { databaseUrl } from '../../../testing/global-setup.ts';
import { describeOnBackends } from '../../../testing/index.ts';
import { PgDatabase } from '../pg-database.ts';
import { describeSchema, Migrator, schemaDrift } from './index.ts';

describeOnBackends('migrations', (backend) => {
  test('A25: up makes what is described, down leaves nothing, up again succeeds', async () => {
    const { database, close } = await backend.open();
    const migrator = new Migrator(database);
    expect(await schemaDrift(database)).toEqual([]);
    const all = await migrator.status();
    expect(all.length).toBeGreaterThan(4);
    expect(all.every((migration) => migration.appliedAt)).toBe(true);

    expect((await migrator.down(all.length)).length).toBe(all.length);
    expect(await database.withClient(describeSchema)).toEqual([]);
    expect((await migrator.status()).every((migration) => migration.appliedAt === null)).toBe(true);

    expect((await migrator.up()).length).toBe(all.length);
    expect(await schemaDrift(database)).toEqual([]);
    await close();
  });

  test('a change made by hand is found as drift', async () => {
    const { database, close } = await backend.open();
    await database.withClient((client) => client.query('ALTER TABLE sessions ALTER COLUMN title DROP NOT NULL'));
    expect(await schemaDrift(database)).toEqual([
      '- column sessions.title text not null',
      '+ column sessions.title text',
    ]);
    await close();
  });

  test('a revision of a newer version is refused by name', async () => {
    const { database, close } = await backend.open();
    await database.withClient((client) =>
      client.query(`INSERT INTO schema_migrations (name, run_on) VALUES ('9999_future', now())`),
    );
    await expect(new Migrator(database).up()).rejects.toMatchObject({
      code: 'MIGRATION_UNKNOWN_REVISION',
      details: { name: '9999_future' },
    });
    await close();
  });
});

test('A25: two migrators at once apply each migration once', async () => {
  const server = inject('postgresUrl') ?? '';
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query('CREATE DATABASE two_migrators');
  await admin.end();
  const databases = [1, 2].map(
    () => new PgDatabase({ kind: 'server', pool: { connectionString: databaseUrl(server, 'two_migrators') } }),
  );
  const applied = await Promise.all(databases.map((database) => new Migrator(database).up()));
  const names = applied.flat();
  expect(new Set(names).size).toBe(names.length);
  const [first] = databases;
  expect(first && (await new Migrator(first).status()).map((migration) => migration.name)).toEqual(names.sort());
  for (const database of databases) await database.close();
});

test('a server older than 15 is refused before anything is done to it', async () => {
  const asked: string[] = [];
  const old = {
    query: async (text: string) => {
      asked.push(text);
      return { rows: [{ number: '140012', version: '14.12 (Debian)' }] };
    },
  };
  // No server that old can be had for a test; its answer stands in for it.
  const database = { withClient: (work: (client: never) => unknown) => work(old as never) } as unknown as PgDatabase;
  await expect(new Migrator(database).up()).rejects.toMatchObject({
    code: 'UNSUPPORTED_DATABASE',
    details: { version: '14.12' },
  });
  expect(asked.length).toBe(1);
});
