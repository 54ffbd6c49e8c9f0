import { afterEach, describe, expect, test, vi } from 'vitest';
import { pgliteBackend, postgresBackend, type TestDatabase } from '../../testing/index.ts';
import { systemClock } from '../clock/clock.ts';
import { PgDatabase } from '../database/index.ts';
import { type Bus, InProcessBus, MAX_MESSAGE_BYTES, openBus, PostgresBus } from './index.ts';

interface Nodes {
  /** Two ends of one bus; the same object where there is but one node. */
  here: Bus;
  there: Bus;
  errors: unknown[];
  db: TestDatabase | null;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

async function inProcess(): Promise<Nodes> {
  const errors: unknown[] = [];
  const bus = new InProcessBus({ onError: (error) => errors.push(error) });
  closers.push(() => bus.close());
  return { here: bus, there: bus, errors, db: null };
}

async function postgres(): Promise<Nodes> {
  const errors: unknown[] = [];
  const db = await postgresBackend.open();
  closers.push(() => db.close());
  const open = (nodeId: string) => {
    const bus = new PostgresBus({
      database: db.database,
      nodeId,
      clock: systemClock,
      onError: (error) => errors.push(error),
    });
    closers.push(() => bus.close());
    return bus;
  };
  const [here, there] = [open('here'), open('there')];
  await until(() => expect([here.connected, there.connected]).toEqual([true, true]));
  return { here, there, errors, db };
}

describe.each([
  ['in process', inProcess],
  ['postgres', postgres],
])('bus conformance: %s', (_name, open) => {
  test('messages arrive in order at every subscriber, the publisher’s own included', async () => {
    const { here, there } = await open();
    const got: Record<string, unknown[]> = { here: [], there: [], again: [] };
    here.subscribe('numbers', (message) => got.here?.push(message));
    there.subscribe('numbers', (message) => got.there?.push(message));
    there.subscribe('numbers', (message) => got.again?.push(message));
    there.subscribe('letters', () => got.there?.push('wrong topic'));
    const sent = Array.from({ length: 500 }, (_, n) => ({ n }));
    for (const message of sent) here.publish('numbers', message);
    expect(got.here).toEqual([]);
    await until(() => expect([got.here, got.there, got.again].map((list) => list?.length)).toEqual([500, 500, 500]));
    expect(got).toEqual({ here: sent, there: sent, again: sent });
  });

  test('equal messages all arrive', async () => {
    const { here, there } = await open();
    const got: unknown[] = [];
    there.subscribe('tokens', (message) => got.push(message));
    for (let i = 0; i < 100; i += 1) here.publish('tokens', { text: 'the' });
    here.publish('tokens', 'end');
    await until(() => expect(got.at(-1)).toBe('end'));
    expect(got).toHaveLength(101);
  });

  test('after unsubscribing nothing arrives, and unsubscribing again harms nobody', async () => {
    const { here, there } = await open();
    const got: string[] = [];
    const listener = (message: unknown) => got.push(`first ${message}`);
    const first = there.subscribe('t', listener);
    there.subscribe('t', listener);
    there.subscribe('t', (message) => got.push(`other ${message}`));
    here.publish('t', 1);
    await until(() => expect(got).toEqual(['first 1', 'first 1', 'other 1']));
    first();
    first();
    here.publish('t', 2);
    await until(() => expect(got.slice(3)).toEqual(['first 2', 'other 2']));
  });

  test('a listener that throws is reported and keeps nothing from the others', async () => {
    const { here, there, errors } = await open();
    const got: unknown[] = [];
    there.subscribe('t', () => {
      throw new Error('listener');
    });
    there.subscribe('t', (message) => got.push(message));
    here.publish('t', 'x');
    await until(() => expect(got).toEqual(['x']));
    expect(String(errors[0])).toBe('Error: listener');
  });

  test('a message may be published from inside a transaction', async () => {
    const { here, there, db } = await open();
    const backend = db ?? (await pgliteBackend.open());
    if (!db) closers.push(() => backend.close());
    const got: unknown[] = [];
    there.subscribe('t', (message) => got.push(message));
    await backend.database.transaction(async () => here.publish('t', 'from inside'));
    await until(() => expect(got).toEqual(['from inside']));
  });

  test('a closed bus delivers nothing, and takes publications and a second close without harm', async () => {
    const { here, there, errors } = await open();
    const got: unknown[] = [];
    here.subscribe('t', (message) => got.push(message));
    here.publish('t', 'too late to be delivered');
    await here.close();
    await here.close();
    here.publish('t', 'x');
    there.publish('t', 'y');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(got).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('bus over PostgreSQL', () => {
  test('a message too large for a notification reaches other nodes as null', async () => {
    const { here, there } = await postgres();
    const got: unknown[] = [];
    there.subscribe('t', (message) => got.push(message));
    const largest = 'é'.repeat((MAX_MESSAGE_BYTES - 2) / 2);
    here.publish('t', largest);
    here.publish('t', `${largest}.`);
    await until(() => expect(got).toEqual([largest, null]));
  });

  test('reconnects, tells subscribers that they may have missed something, and goes on', async () => {
    const { here, there, db } = await postgres();
    const got: unknown[] = [];
    there.subscribe('t', (message) => got.push(message));
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`;
    expect(await db?.database.query({ name: '', text: kill })).toHaveLength(2);
    await until(() => expect(got).toEqual([null]));
    here.publish('t', 'after');
    await until(() => expect(got).toEqual([null, 'after']));
  });

  test('starts while its database is away, and connects when it comes', async () => {
    const db = await postgresBackend.open();
    closers.push(() => db.close());
    const name = `late_${process.pid}_${Date.now()}`;
    const url = new URL(db.connectionString ?? '');
    url.pathname = `/${name}`;
    const database = new PgDatabase({ kind: 'server', pool: { connectionString: url.href } });
    const errors: unknown[] = [];
    const bus = openBus({ database, nodeId: 'n', clock: systemClock, onError: (error) => errors.push(error) });
    await until(() => expect(errors.length).toBeGreaterThan(0));
    expect(bus.connected).toBe(false);
    await db.database.query({ name: '', text: `CREATE DATABASE ${name}` });
    await until(() => expect(bus.connected).toBe(true));
    await bus.close();
    await database.close();
    await db.database.query({ name: '', text: `DROP DATABASE ${name} WITH (FORCE)` });
  });

  test('PGlite gets the in-process bus', async () => {
    const db = await pgliteBackend.open();
    closers.push(() => db.close());
    const bus = openBus({ database: db.database, nodeId: 'n', clock: systemClock, onError: () => undefined });
    expect(bus).toBeInstanceOf(InProcessBus);
  });
});
