import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPgliteInMemory, type PgliteInMemory } from './index.ts';

describe('PGlite in its thread, through pg', () => {
  let pglite: PgliteInMemory;
  let pool: pg.Pool;
  beforeAll(async () => {
    pglite = await openPgliteInMemory();
    pool = new pg.Pool(pglite.poolConfig);
    await pool.query('CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL CHECK (name <> $$$$), data jsonb)');
  });
  afterAll(async () => {
    await pool.end();
    await pglite.close();
  });

  it('runs named statements again and again', async () => {
    for (let id = 1; id <= 50; id += 1) {
      const { rowCount } = await pool.query({
        name: 'item.insert',
        text: 'INSERT INTO item VALUES ($1, $2, $3)',
        values: [id, `n${id}`, { id }],
      });
      expect(rowCount).toBe(1);
    }
    const { rows } = await pool.query(
      `SELECT count(*)::int AS count FROM pg_prepared_statements WHERE name = 'item.insert'`,
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('reports a refused statement with its code, constraint, table and column, and goes on', async () => {
    await expect(pool.query(`INSERT INTO item VALUES (1, 'again')`)).rejects.toMatchObject({
      code: '23505',
      constraint: 'item_pkey',
      table: 'item',
    });
    await expect(pool.query('INSERT INTO item VALUES ($1, $2)', [-1, null])).rejects.toMatchObject({
      code: '23502',
      column: 'name',
    });
    await expect(pool.query('SELEC')).rejects.toMatchObject({ code: '42601', position: '1' });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('keeps transactions and savepoints apart from what comes after them', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO item VALUES (1000, 'a')`);
    await client.query('SAVEPOINT s');
    await expect(client.query(`INSERT INTO item VALUES (1000, 'b')`)).rejects.toMatchObject({ code: '23505' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK TO s');
    await client.query(`INSERT INTO item VALUES (1001, 'c')`);
    await client.query('COMMIT');
    await client.query('BEGIN');
    await client.query('DELETE FROM item');
    await client.query('ROLLBACK');
    client.release();
    expect((await pool.query('SELECT id FROM item WHERE id >= 1000 ORDER BY id')).rows).toEqual([
      { id: 1000 },
      { id: 1001 },
    ]);
  });

  it('delivers notifications after commit', async () => {
    const client = await pool.connect();
    const heard: (string | undefined)[] = [];
    client.on('notification', (message) => heard.push(message.payload));
    await client.query('LISTEN news');
    await client.query('BEGIN');
    await client.query(`SELECT pg_notify('news', 'hello')`);
    expect(heard).toEqual([]);
    await client.query('COMMIT');
    await client.query('UNLISTEN *');
    client.release();
    expect(heard).toEqual(['hello']);
  });

  it('carries megabytes in both directions unharmed', async () => {
    const text = 'päckchen '.repeat(700_000);
    const { rows } = await pool.query('SELECT $1::text AS text FROM generate_series(1, 3)', [text]);
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.text === text).toBe(true);
  });

  it('serves connections one after the other, each with a session of its own', async () => {
    const first = new pg.Client(pglite.poolConfig);
    const second = new pg.Client(pglite.poolConfig);
    // The pool's idle connection holds the only backend.
    await pool.end();
    await first.connect();
    const connected = second.connect().then(() => 'second');
    await first.query({ name: 'same', text: 'SELECT 1' });
    await first.query(`SET search_path TO nowhere`);
    await first.query('BEGIN');
    await first.query('CREATE TABLE public.unfinished (id int)');
    const order: string[] = [];
    connected.then((who) => order.push(who));
    await first.query('SELECT 1');
    order.push('first');
    await first.end();
    await connected;
    expect(order).toEqual(['first', 'second']);
    expect((await second.query({ name: 'same', text: 'SELECT 2 AS two' })).rows).toEqual([{ two: 2 }]);
    expect(
      (await second.query(`SELECT to_regclass('public.unfinished') AS t, current_setting('search_path') AS p`)).rows,
    ).toEqual([{ t: null, p: expect.stringContaining('public') }]);
    await second.end();
    pool = new pg.Pool(pglite.poolConfig);
  });

  it('does not block our event loop while a statement runs', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    await pool.query('SELECT count(*) FROM generate_series(1, 3000000) AS a(b) WHERE sqrt(b) > 3');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('starts again from an image of itself', async () => {
    const copy = await openPgliteInMemory(await pglite.dump());
    const copied = new pg.Pool(copy.poolConfig);
    await copied.query('DELETE FROM item WHERE id = 1');
    const count = 'SELECT count(*)::int AS count FROM item WHERE id <= 50';
    expect((await copied.query(count)).rows).toEqual([{ count: 49 }]);
    expect((await pool.query(count)).rows).toEqual([{ count: 50 }]);
    await copied.end();
    await copy.close();
  });
});
