import { expect, test } from 'vitest';
import { PgDatabase } from '../platform/database/index.ts';
import { Migrator } from '../platform/database/schema/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { insertTestProject, insertTestSession, startServerPostgres } from '../testing/index.ts';
import { type AppendReceipt, Journal } from './index.ts';

test('when PostgreSQL crashes under load no acknowledged event is lost, and repeating by id doubles none', async () => {
  const server = await startServerPostgres({ durable: true });
  const database = new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } });
  await new Migrator(database).up();
  const projectId = await insertTestProject(database);
  const sessions = [await insertTestSession(database, projectId), await insertTestSession(database, projectId)];
  const journal = new Journal({ database });
  const acknowledged = new Map<string, number>();
  const met = new Set<string>();
  let crashing = true;

  /** What a careful caller does: the same ids again until there is an answer. */
  async function appendSurely(sessionId: string, eventId: string): Promise<AppendReceipt | undefined> {
    for (;;) {
      try {
        return (await journal.append(projectId, sessionId, [{ eventId, type: 'output', actor: 'w' }]))[0];
      } catch (error) {
        if (!SignalboxError.is(error, 'OUTCOME_UNKNOWN') && !SignalboxError.is(error, 'DATABASE_UNAVAILABLE'))
          throw error;
        met.add(error.code);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let n = 0; crashing || n < 50; n += 1) {
      const eventId = crypto.randomUUID();
      const receipt = await appendSurely(sessions[(writer + n) % 2] ?? '', eventId);
      if (receipt) acknowledged.set(eventId, receipt.seq);
    }
  });
  for (let crash = 0; crash < 3; crash += 1) {
    const before = acknowledged.size;
    while (acknowledged.size < before + 200) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.restart('SIGQUIT');
  }
  crashing = false;
  await Promise.all(writers);

  const stored = new Map<string, number>();
  for (const sessionId of sessions) {
    let expected = 1;
    for (let afterSeq: number | null = 0; afterSeq !== null; ) {
      const page = await journal.read(projectId, sessionId, { afterSeq, limit: 1_000 });
      for (const { seq, eventId } of page.items) {
        expect(seq).toBe(expected);
        expected += 1;
        stored.set(eventId, seq);
      }
      afterSeq = page.nextAfterSeq;
    }
  }
  // Every event was answered in the end, so what is stored and what was answered are one set, with the same places.
  expect(stored.size).toBe(acknowledged.size);
  for (const [eventId, seq] of acknowledged) expect(stored.get(eventId)).toBe(seq);
  // The crash did hit appends under way, whose callers could not know.
  expect([...met]).toContain('OUTCOME_UNKNOWN');
  await database.close();
  await server.stop();
}, 120_000);
