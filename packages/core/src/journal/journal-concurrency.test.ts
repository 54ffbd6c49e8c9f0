import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PgDatabase } from '../platform/database/index.ts';
import {
  describeOnBackends,
  insertTestProject,
  insertTestSession,
  postgresBackend,
  type TestDatabase,
} from '../testing/index.ts';
import { type AppendReceipt, Journal, type JournalEvent, setFence } from './index.ts';

async function readAll(journal: Journal, projectId: string, sessionId: string): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for (let afterSeq: number | null = 0; afterSeq !== null; ) {
    const page = await journal.read(projectId, sessionId, { afterSeq, limit: 1_000 });
    events.push(...page.items);
    afterSeq = page.nextAfterSeq;
  }
  return events;
}

interface Written {
  writer: number;
  n: number;
}

describeOnBackends('journal under concurrent writers', (backend) => {
  const size = backend.name === 'postgres' ? { events: 20_000, nodes: 4 } : { events: 1_920, nodes: 1 };
  let db: TestDatabase;
  let pools: PgDatabase[];
  beforeAll(async () => {
    db = await backend.open();
    const { connectionString } = db;
    pools = connectionString
      ? Array.from({ length: size.nodes }, () => new PgDatabase({ kind: 'server', pool: { connectionString } }))
      : [];
  });
  afterAll(async () => {
    for (const pool of pools) await pool.close();
    await db.close();
  });

  test(`32 writers append ${size.events} events to 50 sessions: no gap, no repeat, order per writer kept`, async () => {
    const projectId = await insertTestProject(db.database);
    const sessions: string[] = [];
    for (let i = 0; i < 50; i += 1) sessions.push(await insertTestSession(db.database, projectId));
    const journals = (pools.length > 0 ? pools : [db.database]).map((database) => new Journal({ database }));
    const answered = new Map<string, Map<number, Written>>(sessions.map((id) => [id, new Map()]));
    const perWriter = size.events / 32;
    await Promise.all(
      Array.from({ length: 32 }, async (_, writer) => {
        const journal = journals[writer % journals.length];
        let inFlight: Promise<void>[] = [];
        for (let n = 0; n < perWriter; ) {
          const count = Math.min(1 + ((writer + n) % 5), perWriter - n);
          const sessionId = sessions[(writer * 7 + n) % 50] ?? '';
          const given = Array.from({ length: count }, (_, i): Written => ({ writer, n: n + i }));
          const events = given.map((payload) => ({
            type: 'output' as const,
            actor: `w${writer}`,
            payload: { ...payload },
          }));
          n += count;
          // Called in order and not awaited one by one: the order must hold although several are under way.
          const appended = journal?.append(projectId, sessionId, events).then((receipts: AppendReceipt[]) => {
            for (const [i, { seq }] of receipts.entries()) {
              const one = given[i];
              if (one) answered.get(sessionId)?.set(seq, one);
            }
          });
          if (appended) inFlight.push(appended);
          if (inFlight.length === 8) {
            await Promise.all(inFlight);
            inFlight = [];
          }
        }
        await Promise.all(inFlight);
      }),
    );

    let total = 0;
    for (const sessionId of sessions) {
      const events = await readAll(journals[0] as Journal, projectId, sessionId);
      total += events.length;
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      // What was answered is what is stored, event by event.
      expect(new Map(events.map(({ seq, payload }) => [seq, payload]))).toEqual(
        new Map([...(answered.get(sessionId) ?? [])].sort(([a], [b]) => a - b)),
      );
      const lastOf = new Map<number, number>();
      for (const { payload } of events) {
        const { writer, n } = payload as unknown as Written;
        expect(n).toBeGreaterThan(lastOf.get(writer) ?? -1);
        lastOf.set(writer, n);
      }
    }
    expect(total).toBe(size.events);
  }, 300_000);
});

describe('journal across nodes and fences [postgres]', () => {
  let db: TestDatabase;
  let other: PgDatabase;
  let projectId: string;
  beforeAll(async () => {
    db = await postgresBackend.open();
    other = new PgDatabase({ kind: 'server', pool: { connectionString: db.connectionString ?? '' } });
    projectId = await insertTestProject(db.database);
  });
  afterAll(async () => {
    await other.close();
    await db.close();
  });
  const event = (payload: number) => ({ type: 'output' as const, actor: 'runner', payload });

  test('an append that waits for a fence being raised is refused when it is', async () => {
    const sessionId = await insertTestSession(db.database, projectId);
    const journal = new Journal({ database: other });
    await db.database.transaction((tx) => setFence(tx, projectId, sessionId, 1));
    await journal.append(projectId, sessionId, [event(1)], { fencingToken: 1 });
    const raised = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const fencing = db.database.transaction(async (tx) => {
      await setFence(tx, projectId, sessionId, 2);
      raised.resolve();
      await mayCommit.promise;
    });
    await raised.promise;
    // Expected before it is waited for: the refusal may come before the fencing transaction's own answer does.
    const stale = expect(journal.append(projectId, sessionId, [event(2)], { fencingToken: 1 })).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
    await waitingForLock(db);
    mayCommit.resolve();
    await fencing;
    await stale;
    await journal.append(projectId, sessionId, [event(3)], { fencingToken: 2 });
    expect((await readAll(journal, projectId, sessionId)).map(({ seq, payload }) => [seq, payload])).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });

  test('however appends race with a fence, none with the old token commits after it', async () => {
    const journals = [new Journal({ database: other }), new Journal({ database: db.database })];
    for (let round = 0; round < 25; round += 1) {
      const sessionId = await insertTestSession(db.database, projectId);
      await db.database.transaction((tx) => setFence(tx, projectId, sessionId, 1));
      let raised = false;
      const writers = journals.map(async (journal) => {
        let refused = 0;
        for (let n = 0; refused === 0 && n < 10_000; n += 1) {
          const known = raised;
          await journal.append(projectId, sessionId, [event(n)], { fencingToken: 1 }).then(
            () => {
              // One that began after the fence had committed must not come through.
              if (known) throw new Error('a stale append came through');
            },
            (error: { code?: string }) => {
              expect(error.code).toBe('CLAIM_LOST');
              refused += 1;
            },
          );
        }
        return refused;
      });
      await journals[0]?.append(projectId, sessionId, [event(-1)]);
      await db.database.transaction((tx) => setFence(tx, projectId, sessionId, 2));
      raised = true;
      const { lastSeq } = await (journals[0] as Journal).head(projectId, sessionId);
      expect(await Promise.all(writers)).toEqual([1, 1]);
      expect((await (journals[0] as Journal).head(projectId, sessionId)).lastSeq).toBe(lastSeq);
    }
  });

  test('a repeat that races with the first doubles nothing, on two nodes', async () => {
    const sessionId = await insertTestSession(db.database, projectId);
    const nodes = [new Journal({ database: other }), new Journal({ database: db.database })];
    const ids = Array.from({ length: 200 }, () => crypto.randomUUID());
    const answers = await Promise.all(
      ids.flatMap((eventId) => nodes.map((node) => node.append(projectId, sessionId, [{ ...event(0), eventId }]))),
    );
    const events = await readAll(nodes[0] as Journal, projectId, sessionId);
    expect(events.map(({ seq }) => seq)).toEqual(ids.map((_, index) => index + 1));
    const places = new Map(events.map(({ eventId, seq }) => [eventId, seq]));
    for (const { eventId, seq } of answers.flat()) expect(seq).toBe(places.get(eventId));
    expect(answers.flat().filter(({ duplicate }) => duplicate)).toHaveLength(200);
  });

  test('SES scenario 3: two processes emit 100 events each to one session; seq is 1 to 200, and goes on after a restart', async () => {
    const sessionId = await insertTestSession(db.database, projectId);
    await Promise.all([emitFromProcess('a', sessionId, 100), emitFromProcess('b', sessionId, 100)]);
    const journal = new Journal({ database: db.database });
    const events = await readAll(journal, projectId, sessionId);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    for (const actor of ['a', 'b']) {
      const own = events.filter((one) => one.actor === actor).map(({ payload }) => payload);
      expect(own).toEqual(Array.from({ length: 100 }, (_, n) => n));
    }
    await emitFromProcess('c', sessionId, 1);
    expect((await journal.latest(projectId, sessionId, 1))[0]).toMatchObject({ seq: 201, actor: 'c' });
  });

  /** Runs a process of its own that appends `count` events, ten at a time under way. */
  async function emitFromProcess(actor: string, sessionId: string, count: number): Promise<void> {
    const script = `
      import { Journal } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      import { PgDatabase } from ${JSON.stringify(new URL('../platform/database/index.ts', import.meta.url).href)};
      const [connectionString, projectId, sessionId, actor, count] = process.argv.slice(1);
      const database = new PgDatabase({ kind: 'server', pool: { connectionString } });
      const journal = new Journal({ database });
      for (let n = 0; n < Number(count); n += 10) {
        const numbers = Array.from({ length: Math.min(10, Number(count) - n) }, (_, i) => n + i);
        await Promise.all(numbers.map((payload) => journal.append(projectId, sessionId, [{ type: 'output', actor, payload }])));
      }
      await database.close();`;
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--input-type=module',
        '-e',
        script,
        db.connectionString ?? '',
        projectId,
        sessionId,
        actor,
        String(count),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    if (code !== 0) throw new Error(errors);
  }
});

/** Resolves once some statement of this database waits for a lock. */
async function waitingForLock({ database }: TestDatabase): Promise<void> {
  const text = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await database.query({ name: '', text })).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}
