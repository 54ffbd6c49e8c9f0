import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeOnBackends, insertTestProject, postgresBackend, type TestDatabase } from '../../testing/index.ts';
import { type Bus, InProcessBus, PostgresBus } from '../bus/index.ts';
import { systemClock } from '../clock/clock.ts';
import type { Database } from '../database/index.ts';
import { FeedSequencer } from './feed-sequencer.ts';
import { FeedHub, type FeedItem, type FeedSubscription, placeEntries, recordFeed, signalFeed } from './index.ts';

/** So long that nothing in a test can be explained by polling. */
const NEVER_MS = 3_600_000;
const unexpected = (error: unknown) => {
  throw error;
};
const record = (database: Database, projectId: string, n: number) =>
  database.transaction((tx) => recordFeed(tx, projectId, 'task', { n }));

async function take(subscription: FeedSubscription, count: number): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for await (const item of { [Symbol.asyncIterator]: () => ({ next: () => subscription.next() }) }) {
    items.push(item);
    if (items.length === count) break;
  }
  return items;
}
const numbers = (items: FeedItem[]) => items.map((item) => (item.kind === 'entry' ? item.entry.payload.n : item.kind));

describeOnBackends('feed hub', (backend) => {
  let db: TestDatabase;
  let database: Database;
  let projectId: string;
  let hub: FeedHub;
  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(database);
    hub = new FeedHub({ database, bus: new InProcessBus(), clock: systemClock, onError: unexpected, pollMs: NEVER_MS });
    hub.start();
  });
  afterEach(() => hub.stop());

  test('says hello, then tells each change of its own project without being polled', async () => {
    const subscription = await hub.subscribe(projectId, null);
    const other = await insertTestProject(database);
    expect(await take(subscription, 1)).toMatchObject([{ kind: 'hello', cursor: { position: 0 } }]);
    await record(database, projectId, 1);
    await record(database, other, 100);
    await record(database, projectId, 2);
    const items = await take(subscription, 2);
    expect(numbers(items)).toEqual([1, 2]);
    expect(items[1]?.cursor).toEqual({ epoch: subscription.cursor.epoch, position: 2 });
  });

  test('goes on from a given place, without a hello, also from before what memory holds', async () => {
    const first = await hub.subscribe(projectId, null);
    for (let n = 1; n <= 5; n += 1) await record(database, projectId, n);
    const seen = await take(first, 4);
    const again = await hub.subscribe(projectId, seen[2]?.cursor ?? null);
    expect(numbers(await take(again, 3))).toEqual([3, 4, 5]);
  });

  test('answers an unknown place with a reset and goes on from the head', async () => {
    await record(database, projectId, 1);
    const { epoch } = (await hub.subscribe(projectId, null)).cursor;
    const lost = await hub.subscribe(projectId, { epoch, position: 999 });
    const [reset] = await take(lost, 1);
    expect(reset).toMatchObject({ kind: 'reset', cursor: { epoch } });
    await record(database, projectId, 2);
    expect(numbers(await take(lost, 1)).at(-1)).toSatisfy((n: unknown) => n === 1 || n === 2);
  });

  test('a subscriber that stands far back gets everything, at its own pace', async () => {
    const slow = await hub.subscribe(projectId, null);
    const quick = await hub.subscribe(projectId, null);
    const total = 2_500;
    await database.query(
      {
        name: '',
        text: `INSERT INTO feed_entries (project_id, topic, payload)
               SELECT $1, 'task', jsonb_build_object('n', n) FROM generate_series(1, $2::int) AS n`,
      },
      [projectId, total],
    );
    signalFeed();
    expect(numbers(await take(quick, total + 1)).at(-1)).toBe(total);
    expect(numbers(await take(slow, total + 1)).slice(1)).toEqual(Array.from({ length: total }, (_, n) => n + 1));
  });

  test('closing ends the one who waits, stop ends all, and both may be repeated', async () => {
    const one = await hub.subscribe(projectId, null);
    const two = await hub.subscribe(projectId, null);
    await Promise.all([take(one, 1), take(two, 1)]);
    const waiting = [one.next(), two.next()];
    expect(hub.subscribers).toBe(2);
    one.close();
    one.close();
    expect(await waiting[0]).toEqual({ done: true, value: undefined });
    expect(hub.subscribers).toBe(1);
    await hub.stop();
    await hub.stop();
    expect(await waiting[1]).toEqual({ done: true, value: undefined });
    expect(await two.next()).toEqual({ done: true, value: undefined });
    expect(hub.subscribers).toBe(0);
  });

  test('leaving the loop closes the subscription', async () => {
    const subscription = await hub.subscribe(projectId, null);
    for await (const item of subscription) {
      expect(item.kind).toBe('hello');
      break;
    }
    expect(hub.subscribers).toBe(0);
  });

  test('an unknown project is refused', async () => {
    await expect(hub.subscribe('0190c0de-0000-7000-8000-000000000000', null)).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
    });
  });

  test('the lag counts what has no position yet', async () => {
    await hub.stop();
    while ((await placeEntries(database, 1_000)).length > 0);
    await record(database, projectId, 1);
    const lag = await hub.lag();
    expect(lag.unplaced).toBe(1);
    expect(lag.oldestSeconds).toBeGreaterThanOrEqual(0);
    hub.start();
    await vi.waitFor(async () => expect(await hub.lag()).toEqual({ unplaced: 0, oldestSeconds: null }), 20_000);
  });

  test('finds by polling what nobody told it', async () => {
    const deaf: Bus = {
      ...new InProcessBus(),
      connected: false,
      publish: () => undefined,
      subscribe: () => () => undefined,
      close: async () => undefined,
    };
    const polling = new FeedHub({ database, bus: deaf, clock: systemClock, onError: unexpected, pollMs: 20 });
    polling.start();
    const subscription = await polling.subscribe(projectId, null);
    const waiting = take(subscription, 2);
    await database.query(
      { name: '', text: `INSERT INTO feed_entries (project_id, topic, payload) VALUES ($1, 'task', '{"n":7}')` },
      [projectId],
    );
    expect(numbers(await waiting)).toEqual(['hello', 7]);
    await polling.stop();
  });
});

describe('feed hub on several nodes [postgres]', () => {
  test('a change committed on one node wakes the readers of another', async () => {
    const db = await postgresBackend.open();
    const projectId = await insertTestProject(db.database);
    const openBus = (nodeId: string) =>
      new PostgresBus({ database: db.database, nodeId, clock: systemClock, onError: unexpected });
    const [here, there] = [openBus('here'), openBus('there')];
    await vi.waitFor(() => expect([here.connected, there.connected]).toEqual([true, true]), 10_000);
    const hub = new FeedHub({
      database: db.database,
      bus: there,
      clock: systemClock,
      onError: unexpected,
      pollMs: NEVER_MS,
    });
    hub.start();
    const subscription = await hub.subscribe(projectId, null);
    const waiting = take(subscription, 21);
    const sequencer = new FeedSequencer(db.database, here, systemClock, unexpected);
    for (let n = 1; n <= 20; n += 1) {
      // Straight into the table: in this process recordFeed would wake the reader's own hub.
      const text = `INSERT INTO feed_entries (project_id, topic, payload) VALUES ($1, 'task', jsonb_build_object('n', $2::int))`;
      await db.database.query({ name: '', text }, [projectId, n]);
      sequencer.request();
    }
    expect(numbers(await waiting).slice(1)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    await sequencer.settled();
    await hub.stop();
    for (const bus of [here, there]) await bus.close();
    await db.close();
  });
});
