import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeOnBackends, insertTestProject, postgresBackend, type TestDatabase } from '../../testing/index.ts';
import type { Database } from '../database/index.ts';
import {
  dropFeedPartitions,
  type FeedCursor,
  formatCursor,
  makeFeedPartitions,
  parseCursor,
  placeEntries,
  readFeed,
  recordFeed,
  renewFeedEpochs,
} from './index.ts';

const record = (database: Database, projectId: string, n: number) =>
  database.transaction((tx) => recordFeed(tx, projectId, 'task', { n }));

async function start(database: Database, projectId: string): Promise<FeedCursor> {
  return (await readFeed(database, projectId, null)).head;
}

describeOnBackends('change feed', (backend) => {
  let db: TestDatabase;
  let database: Database;
  let projectId: string;
  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(database);
  });
  const sql = (text: string, values: unknown[] = []) => database.query({ name: '', text }, values);

  test('entries get consecutive positions per project, and only what committed is there', async () => {
    const other = await insertTestProject(database);
    for (let n = 1; n <= 3; n += 1) {
      await record(database, projectId, n);
      await record(database, other, n * 10);
    }
    const rolledBack = database.transaction(async (tx) => {
      await recordFeed(tx, projectId, 'task', { n: 99 });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    const before = await start(database, projectId);
    expect((await readFeed(database, projectId, before)).entries).toEqual([]);
    expect(await placeEntries(database, 1_000)).toHaveLength(2);
    const { entries, head, reset } = await readFeed(database, projectId, before);
    expect(entries.map(({ position, topic, payload }) => [position, topic, payload])).toEqual([
      [1, 'task', { n: 1 }],
      [2, 'task', { n: 2 }],
      [3, 'task', { n: 3 }],
    ]);
    expect([reset, head.position]).toEqual([false, 3]);
    const next = await readFeed(database, projectId, { epoch: head.epoch, position: 1 }, 1);
    expect(next.entries.map(({ position }) => position)).toEqual([2]);
    expect(await placeEntries(database, 1_000)).toEqual([]);
  });

  test('places no more than asked for, and goes on where it stopped', async () => {
    for (let n = 1; n <= 5; n += 1) await record(database, projectId, n);
    expect(await placeEntries(database, 2)).toEqual([{ projectId, first: 1, last: 2 }]);
    expect(await placeEntries(database, 2)).toEqual([{ projectId, first: 3, last: 4 }]);
    expect(await placeEntries(database, 2)).toEqual([{ projectId, first: 5, last: 5 }]);
  });

  test('a place that is unknown here is answered with a reset and where to go on', async () => {
    await record(database, projectId, 1);
    await placeEntries(database, 100);
    const { epoch } = await start(database, projectId);
    const reset = { reset: true, entries: [], head: { epoch, position: 1 } };
    expect(await readFeed(database, projectId, { epoch: randomUUID(), position: 0 })).toEqual(reset);
    expect(await readFeed(database, projectId, { epoch, position: 2 })).toEqual(reset);
    expect((await readFeed(database, projectId, { epoch, position: 0 })).entries).toHaveLength(1);
    await renewFeedEpochs(database);
    expect(await readFeed(database, projectId, { epoch, position: 0 })).toMatchObject({ reset: true, entries: [] });
    await expect(readFeed(database, randomUUID(), null)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  test('days are kept in partitions and forgotten with them; who stands further back is reset', async () => {
    const now = new Date();
    const day = (n: number) => new Date(Math.floor(now.getTime() / 86_400_000 + n) * 86_400_000);
    await sql('DELETE FROM feed_entries');
    await sql(`INSERT INTO feed_entries (project_id, topic, payload, created_at) VALUES ($1, 'task', '{"n":0}', $2)`, [
      projectId,
      day(-5),
    ]);
    const made = await makeFeedPartitions(database, day(-5), 7);
    // The first day's row is in the default partition already, so that day stays there.
    expect(made).toEqual([-4, -3, -2, -1, 0, 1].map(day));
    expect(await makeFeedPartitions(database, day(-5), 7)).toEqual([]);
    for (const [n, at] of [
      [1, day(-4)],
      [2, day(-3)],
      [3, now],
    ] as const) {
      await sql('INSERT INTO feed_entries (project_id, topic, payload, created_at) VALUES ($1, $2, $3, $4)', [
        projectId,
        'task',
        { n },
        at,
      ]);
    }
    await placeEntries(database, 100);
    const { epoch } = await start(database, projectId);
    // Placing left nothing behind: the row that never got its turn is placed before it is forgotten.
    expect(await dropFeedPartitions(database, day(-2))).toEqual([-4, -3].map(day));
    expect(await readFeed(database, projectId, { epoch, position: 0 })).toMatchObject({ reset: true, entries: [] });
    expect((await readFeed(database, projectId, { epoch, position: 3 })).entries).toMatchObject([
      { position: 4, payload: { n: 3 } },
    ]);
    expect(await dropFeedPartitions(database, day(2))).toHaveLength(4);
    expect(await readFeed(database, projectId, { epoch, position: 3 })).toMatchObject({ reset: true });
    expect(await readFeed(database, projectId, { epoch, position: 4 })).toMatchObject({ reset: false, entries: [] });
    await record(database, projectId, 4);
    await placeEntries(database, 100);
    expect((await readFeed(database, projectId, { epoch, position: 4 })).entries).toMatchObject([{ position: 5 }]);
  });
});

describe('change feed under concurrency [postgres]', () => {
  let db: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    db = await postgresBackend.open();
    database = db.database;
  });
  afterAll(() => db.close());

  test('a change that commits late gets a later position, so nobody who read on misses it', async () => {
    const projectId = await insertTestProject(database);
    const from = await start(database, projectId);
    const written = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const late = database.transaction(async (tx) => {
      await recordFeed(tx, projectId, 'task', { n: 'written first, committed last' });
      written.resolve();
      await mayCommit.promise;
    });
    await written.promise;
    await record(database, projectId, 2);
    await placeEntries(database, 100);
    const seen = await readFeed(database, projectId, from);
    expect(seen.entries.map(({ payload }) => payload.n)).toEqual([2]);
    mayCommit.resolve();
    await late;
    await placeEntries(database, 100);
    const rest = await readFeed(database, projectId, seen.head);
    expect(rest.entries.map(({ position, payload }) => [position, payload.n])).toEqual([
      [2, 'written first, committed last'],
    ]);
  });

  test('readers see each of many concurrent changes once, in one order, while four nodes place them', async () => {
    const projects = await Promise.all([1, 2, 3].map(() => insertTestProject(database)));
    const starts = await Promise.all(projects.map((project) => start(database, project)));
    const perWriter = 60;
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: 12 }, async (_, writer) => {
        for (let n = 0; n < perWriter; n += 1) {
          await database.transaction((tx) =>
            recordFeed(tx, projects[(writer + n) % 3] ?? '', 'task', { id: writer * perWriter + n }),
          );
        }
      }),
    );
    const placers = Array.from({ length: 4 }, async () => {
      while (writing) await placeEntries(database, 7);
    });
    const readers = projects.map(async (project, index) => {
      const seen: { position: number; id: unknown }[] = [];
      let cursor = starts[index] ?? null;
      for (let last = false; ; last = !writing) {
        const page = await readFeed(database, project, cursor, 5);
        expect(page.reset).toBe(false);
        for (const { position, payload } of page.entries) seen.push({ position, id: payload.id });
        const position = page.entries.at(-1)?.position;
        if (cursor && position !== undefined) cursor = { epoch: cursor.epoch, position };
        else if (last) return seen;
      }
    });
    await writers;
    while ((await placeEntries(database, 100)).length > 0);
    writing = false;
    await Promise.all(placers);
    const seen = await Promise.all(readers);
    for (const list of seen) expect(list.map(({ position }) => position)).toEqual(list.map((_, index) => index + 1));
    const ids = seen.flat().map(({ id }) => Number(id));
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 * perWriter }, (_, id) => id));
  });
});

describe('feed cursor', () => {
  test('is read back as it was written, and anything else is none', () => {
    const cursor = { epoch: randomUUID(), position: 42 };
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    const { epoch } = cursor;
    for (const text of [
      '',
      '42',
      `${epoch}`,
      `${epoch}:`,
      `${epoch}:-1`,
      `${epoch}:1.5`,
      `${epoch}:1e3`,
      `x${epoch}:1`,
    ]) {
      expect(parseCursor(text)).toBeNull();
    }
  });
});
