import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendInTransaction } from '../journal/index.ts';
import { statement } from '../platform/database/index.ts';
import { describeOnBackends, freeWhileWaiting, postgresBackend } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('a unit of work over several rooms', (backend) => {
  let f: SessionFixture;
  beforeEach(async () => {
    f = await openFixture(backend);
  });
  afterEach(() => f.db.close());

  const counts = async () => {
    const tables = ['sessions', 'session_metrics', 'journal_events', 'tasks', 'feed_entries', 'audit_events'];
    const [row] = await f.sql<Record<string, number>>(
      `SELECT ${tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`)}`,
    );
    return row;
  };
  const input = (title: string) => ({ title, initialPrompt: 'x' });

  it('A18: what throws leaves nothing behind, in any room; what a savepoint undoes is all that is undone', async () => {
    const before = await counts();
    let told = 0;
    const boom = f.db.database.transaction(async (tx) => {
      const session = await f.sessions.within(tx).create(f.projectId, input('Never to be seen'), 'a');
      await f.sessions.within(tx).start(f.projectId, session.id, 'a');
      await appendInTransaction(tx, f.projectId, session.id, [{ type: 'message', actor: 'a', payload: {} }]);
      await f.tasks.within(tx).enqueue(f.projectId, { type: 'other.work' });
      tx.afterCommit(() => (told += 1));
      throw new Error('boom');
    });
    await expect(boom).rejects.toThrow('boom');
    expect(await counts()).toEqual(before);
    expect(told).toBe(0);

    const kept = await f.db.database.transaction(async (tx) => {
      const outer = await f.sessions.within(tx).create(f.projectId, input('Outer work'), 'a');
      const inner = tx.savepoint(async (point) => {
        await f.sessions.within(point).create(f.projectId, input('Inner work'), 'a');
        await f.sessions.within(point).update(f.projectId, outer.id, { description: 'inner' }, 'a');
        await f.sessions.within(point).create(f.projectId, input('Outer work'), 'a');
      });
      expect(await codeOf(inner)).toBe('SESSION_EXISTS');
      await f.sessions.within(tx).update(f.projectId, outer.id, { priority: 0 }, 'a');
      return outer.id;
    });
    const { items } = await f.sessions.list(f.projectId);
    expect(items).toMatchObject([{ id: kept, title: 'Outer work', description: null, priority: 0, version: 2 }]);
    expect((await f.news()).map((one) => [one.sessionId, one.change])).toEqual([
      [kept, 'created'],
      [kept, 'updated'],
    ]);
  });

  it('A19: a read right after a write sees it, by whichever way it was written', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make();
    const version = async () => (await sessions.get(projectId, id, { includeDeleted: true }))?.version;
    await sessions.update(projectId, id, { title: 'Fresh' }, 'a');
    expect([await version(), (await sessions.list(projectId)).items[0]?.title]).toEqual([2, 'Fresh']);
    await f.sql(`UPDATE sessions SET title = 'Fresher', version = version + 1 WHERE id = $1`, [id]);
    expect((await sessions.get(projectId, id))?.title).toBe('Fresher');
    await sessions.bulkStatus(projectId, [id], 'cancelled', 'a');
    expect((await sessions.get(projectId, id))?.status).toBe('cancelled');
    await sessions.delete(projectId, id, 'a');
    expect([await sessions.get(projectId, id), await version()]).toEqual([null, 5]);
  });
});

describe('the database away for a while', () => {
  it('A19: calls say so, nothing is half-written, and afterwards nothing stale is served', async () => {
    const f = await openFixture(postgresBackend);
    const { id } = await f.make();
    const terminate = statement(
      'test.terminate',
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const codes: (string | null)[] = [];
    for (let n = 0; n < 20; n += 1) {
      const write = codeOf(f.sessions.update(f.projectId, id, { metadata: { [`n${n}`]: n } }, 'a'));
      if (n % 4 === 0) await codeOf(f.db.database.query(terminate));
      codes.push(await write);
    }
    // Whether one of these was under way when its connection went is a matter of luck; this one is: it waits for the row.
    const { database } = f.db;
    const row = { held: `SELECT FROM sessions WHERE id = '${id}' FOR UPDATE`, others: terminate.text };
    await freeWhileWaiting(database, row, async () => {
      const write = codeOf(f.sessions.update(f.projectId, id, { metadata: { waited: true } }, 'a'));
      codes.push(await write);
    });
    expect(codes.at(-1)).toBe('DATABASE_UNAVAILABLE');
    const away = codes.filter((code) => code !== null);
    expect(away.every((code) => code === 'DATABASE_UNAVAILABLE' || code === 'OUTCOME_UNKNOWN')).toBe(true);
    const session = await f.sessions.get(f.projectId, id);
    const written = Object.keys(session?.metadata ?? {});
    expect(written).not.toContain('waited');
    for (const [n, code] of codes.entries()) {
      if (code === null) expect(written).toContain(`n${n}`);
      if (code === 'DATABASE_UNAVAILABLE') expect(written).not.toContain(`n${n}`);
    }
    expect(session?.version).toBe(1 + written.length);
    expect(await f.audit(id)).toHaveLength(1 + written.length);
    await f.db.close();
  });
});
