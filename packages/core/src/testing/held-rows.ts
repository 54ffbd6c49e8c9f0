import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../platform/database/index.ts';

// For tests of how verbs lock rows. PostgreSQL only: PGlite has one connection, on which nobody waits for anybody.

const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** Resolves once some connection waits for a lock of another, or once the signal is aborted. */
export async function somebodyWaits(database: Database, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted && (await database.query({ name: '', text: WAITING })).length === 0) await pause(5);
}

/** Holds the rows that a `SELECT … FOR UPDATE` names while `meanwhile` runs, in a transaction of its own. */
async function holding<T>(
  database: Database,
  rows: string,
  meanwhile: (run: (text: string) => Promise<unknown[]>) => Promise<T>,
): Promise<T> {
  return database.transaction(async (tx) => {
    const run = (text: string) => tx.query({ name: '', text });
    if ((await run(rows)).length === 0) throw new Error(`There are no rows to hold: ${rows}`);
    return meanwhile(run);
  });
}

/**
 * Lets a verb come while somebody holds rows for which it must wait.
 * @returns how many of the rows that `others` names (`SELECT … FOR UPDATE SKIP LOCKED`) it has left to others by then
 */
export async function freeWhileWaiting(
  database: Database,
  { held, others }: { held: string; others: string },
  verb: () => Promise<unknown>,
): Promise<number> {
  const done = Promise.withResolvers<void>();
  const come = Promise.withResolvers<void>();
  const holder = holding(database, held, async (run) => {
    come.resolve();
    await done.promise;
    return (await run(others)).length;
  });
  await Promise.race([come.promise, holder]);
  const verbDone = verb();
  await somebodyWaits(database);
  done.resolve();
  const free = await holder;
  await verbDone;
  return free;
}

/** {@link freeWhileWaiting} of the rows of one table, of which the first by its key is held. */
export function freeBehindFirst(
  database: Database,
  table: string,
  key: string,
  verb: () => Promise<unknown>,
): Promise<number> {
  const held = `SELECT FROM ${table} ORDER BY ${key} LIMIT 1 FOR UPDATE`;
  return freeWhileWaiting(
    database,
    { held, others: `SELECT FROM ${table} ORDER BY ${key} FOR UPDATE SKIP LOCKED` },
    verb,
  );
}

/**
 * Runs a verb while somebody holds the rows that `held` names.
 * @throws when it waits for them
 */
export async function pastHeld<T>(database: Database, held: string, verb: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const come = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const holder = holding(database, held, () => {
    come.resolve();
    return released.promise;
  });
  await Promise.race([come.promise, holder]);
  const running = verb();
  const waits = somebodyWaits(database, over.signal).then(() => !over.signal.aborted);
  try {
    if ((await Promise.race([running.then(() => false), waits])) === true)
      throw new Error('The verb waits for the rows.');
    return await running;
  } finally {
    over.abort();
    released.resolve();
    await Promise.all([holder, waits, running.catch(() => undefined)]);
  }
}
