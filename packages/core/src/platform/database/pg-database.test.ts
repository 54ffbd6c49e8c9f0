import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HalfOpenProxy, postgresBackend, type TestDatabase } from '../../testing/index.ts';
import { systemClock } from '../clock/clock.ts';
import { PgDatabase, type PgDatabaseOptions, statement } from './index.ts';

/** How long something may take that ends by itself; the bounds under test are far below. */
const SOON = 20_000;

const write = statement('test.write', 'INSERT INTO marks VALUES ($1)');
const read = statement('test.read', 'SELECT n FROM marks ORDER BY n');

describe('a database whose peer is gone', () => {
  let opened: TestDatabase;
  const closers: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    opened = await postgresBackend.open();
    await opened.database.query({ name: '', text: 'CREATE TABLE marks (n integer PRIMARY KEY)' });
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await opened.close();
  });

  const through = (connectionString: string, limits: Partial<PgDatabaseOptions>) => {
    const database = new PgDatabase({
      kind: 'server',
      pool: { connectionString },
      onIdleError: () => undefined,
      ...limits,
    });
    closers.push(() => database.close());
    return database;
  };

  test('a transaction that stands idle is ended by the server, its locks freed and its commit refused', {
    timeout: 2 * SOON,
  }, async () => {
    const stopped = through(opened.connectionString ?? '', { idleInTransactionMs: 1_500 });
    const written = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const commit = stopped.transaction(async (tx) => {
      await tx.query(write, [1]);
      written.resolve();
      await goOn.promise;
    });
    commit.catch(() => undefined);
    await written.promise;
    // Waits for the other's key, which only the end of its transaction gives free.
    await opened.database.query(write, [1]);
    goOn.resolve();
    await expect(commit).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await opened.database.query(read)).toEqual([{ n: 1 }]);
    await stopped.transaction((tx) => tx.query(write, [2]));
    expect(await opened.database.query(read)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('one that works for longer than that is not ended', async () => {
    const slow = through(opened.connectionString ?? '', { idleInTransactionMs: 1_500 });
    await slow.transaction(async (tx) => {
      await tx.query(write, [1]);
      await tx.query({ name: '', text: 'SELECT pg_sleep(3)' });
    });
    expect(await opened.database.query(read)).toEqual([{ n: 1 }]);
  });

  test('each transaction is told with what became of it and how long it took (ORC-126)', {
    timeout: 3 * SOON,
  }, async () => {
    const url = new URL(opened.connectionString ?? '');
    const proxy = await HalfOpenProxy.to(Number(url.port));
    closers.push(() => proxy.close());
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const told: [string, number][] = [];
    const database = through(url.href, { answerMs: 3_000, onTransaction: (...one) => told.push(one) });
    await database.transaction((tx) => tx.query({ name: '', text: 'SELECT pg_sleep(0.2)' }));
    await expect(database.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const dark = database.transaction(async (tx) => {
      await tx.query(write, [1]);
      proxy.darken();
    });
    await expect(dark).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(told.map(([outcome]) => outcome)).toEqual(['committed', 'rolled_back', 'unknown']);
    expect(told[0]?.[1]).toBeGreaterThanOrEqual(200);
    expect(told[2]?.[1]).toBeGreaterThanOrEqual(3_000);
  });

  test('a half-open connection is given up in time, whatever is under way on it, and the next call gets another', {
    timeout: 3 * SOON,
  }, async () => {
    const url = new URL(opened.connectionString ?? '');
    const proxy = await HalfOpenProxy.to(Number(url.port));
    closers.push(() => proxy.close());
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const database = through(url.href, { answerMs: 3_000 });
    // Two connections: one for the transaction, and an idle one.
    await Promise.all([database.query(write, [1]), database.query(read)]);
    const held = Promise.withResolvers<void>();
    const dark = Promise.withResolvers<void>();
    const open = database.transaction(async (tx) => {
      await tx.query(write, [2]);
      held.resolve();
      await dark.promise;
    });
    open.catch(() => undefined);
    await held.promise;
    proxy.darken();
    dark.resolve();
    const begun = systemClock.monotonic();
    await expect(database.query(write, [3])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await expect(open).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(systemClock.monotonic() - begun).toBeLessThan(SOON);
    proxy.light();
    await expect.poll(() => database.query(read).catch(() => null), { timeout: SOON }).toContainEqual({ n: 1 });
    await database.query(write, [4]);
    expect(await opened.database.query(read)).toContainEqual({ n: 4 });
  });

  test('of several that went half-open one alone costs a caller the wait: after that the others are not tried', {
    timeout: 3 * SOON,
  }, async () => {
    const url = new URL(opened.connectionString ?? '');
    const proxy = await HalfOpenProxy.to(Number(url.port));
    closers.push(() => proxy.close());
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const database = through(url.href, { answerMs: 3_000 });
    await Promise.all([1, 2, 3, 4].map((n) => database.query(write, [n])));
    expect(database.connections).toMatchObject({ open: 4, idle: 4 });
    proxy.darken();
    proxy.light();
    await expect(database.query(read)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    for (let call = 0; call < 3; call += 1) expect(await database.query(read)).toHaveLength(4);
    expect(database.connections).toMatchObject({ open: 1, idle: 1 });
  });
});

test('work on a lent connection that is aborted gives it back, and its caller learns of the abort', async () => {
  const opened = await postgresBackend.open();
  const database = new PgDatabase({
    kind: 'server',
    pool: { connectionString: opened.connectionString ?? '' },
    maxConnections: 1,
  });
  const aborted = database.withClient(async () => AbortSignal.abort().throwIfAborted());
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  expect(await database.query({ name: '', text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
  await database.close();
  await opened.close();
});

describe('idle connections', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('that the server has ended are dropped at once: no call is given one of them, and the database is not taken for away', async () => {
    const opened = await postgresBackend.open();
    const url = opened.connectionString ?? '';
    const told: Error[] = [];
    const options = { pool: { connectionString: url }, onIdleError: (error: Error) => told.push(error) };
    const database = new PgDatabase({ kind: 'server', ...options });
    await Promise.all([1, 2, 3].map((n) => database.query({ name: '', text: 'SELECT $1::int' }, [n])));
    const others = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    await opened.database.query({ name: '', text: others });
    await expect.poll(() => database.connections).toMatchObject({ open: 0, idle: 0 });
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(await database.query({ name: '', text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
    expect(await database.health()).toMatchObject({ available: true });
    await database.close();
    await opened.close();
  });

  test('stay open over a quiet time, so that the next burst finds them warm, and are closed in the end', async () => {
    const opened = await postgresBackend.open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const database = new PgDatabase({ kind: 'server', pool: { connectionString: opened.connectionString ?? '' } });
    await Promise.all([1, 2, 3].map((n) => database.query({ name: '', text: 'SELECT $1::int' }, [n])));
    expect(database.connections).toMatchObject({ open: 3, idle: 3 });
    vi.advanceTimersByTime(60_000);
    expect(database.connections).toMatchObject({ open: 3, idle: 3 });
    vi.advanceTimersByTime(600_000);
    expect(database.connections).toMatchObject({ open: 0 });
    vi.useRealTimers();
    await database.close();
    await opened.close();
  });
});
