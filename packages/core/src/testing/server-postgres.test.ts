import pg from 'pg';
import { expect, it } from 'vitest';
import { isAlive } from '../platform/database/tiers/system-process.ts';
import { startServerPostgres } from './server-postgres.ts';

it.each([
  ["the machine's own or the embedded PostgreSQL", {}],
  ['the embedded PostgreSQL where the machine has none that is old enough', { newest: 14 }],
])('a throwaway server runs %s, keeps its data over a crash, and goes', async (_, options) => {
  const server = await startServerPostgres({ ...options, durable: true });
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: server.connectionString });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  expect(await query(`SELECT split_part(current_setting('server_version'), '.', 1) AS major`)).toEqual([
    { major: server.major },
  ]);
  await query('CREATE TABLE kept AS SELECT 1 AS id');
  const before = server.pid();
  await server.restart('SIGQUIT');
  expect(server.pid()).not.toBe(before);
  expect(await query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
  const last = server.pid();
  await server.stop();
  expect(isAlive(last)).toBe(false);
});
