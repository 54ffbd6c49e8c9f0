import { expect, it } from 'vitest';
import { Journal } from '../journal/index.ts';
import { PgDatabase } from '../platform/database/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('sessions and their journals', (backend) => {
  /** A second program on the same database, where the backend takes one. */
  const secondDatabase = (f: SessionFixture) =>
    f.db.connectionString === null
      ? f.db.database
      : new PgDatabase({ kind: 'server', pool: { connectionString: f.db.connectionString } });

  it('SES scenario 3: two programs append 100 events each; the numbers are 1 to 200, and go on after a restart', async () => {
    const f = await openFixture(backend);
    const { id } = await f.make({ agentIds: ['a', 'b'] });
    const other = secondDatabase(f);
    const writers = [new Journal({ database: f.db.database }), new Journal({ database: other })];
    const receipts = await Promise.all(
      writers.flatMap((journal, writer) =>
        Array.from({ length: 100 }, (_, n) =>
          journal.append(f.projectId, id, [{ type: 'modified', actor: writer === 0 ? 'a' : 'b', payload: { n } }]),
        ),
      ),
    );
    const numbers = receipts.flat().map(({ seq }) => seq);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    const restarted = new Journal({ database: f.db.database });
    const [next] = await restarted.append(f.projectId, id, [{ type: 'modified', actor: 'a', payload: {} }]);
    expect(next?.seq).toBe(201);
    expect(await f.sessions.get(f.projectId, id)).toMatchObject({ lastSeq: 201, version: 1 });
    if (other !== f.db.database) await other.close();
    await f.db.close();
  });

  it('events renew a lifetime to its own length, and a deleted session takes none', async () => {
    const f = await openFixture(backend);
    const journal = new Journal({ database: f.db.database });
    const { id } = await f.make({ ttl: 120 });
    const left = async () => {
      const session = await f.sessions.get(f.projectId, id);
      return (Date.parse(session?.expiresAt ?? '') - Date.now()) / 1000;
    };
    await f.sql(`UPDATE journal_heads SET expires_at = now() + interval '5 seconds' WHERE session_id = $1`, [id]);
    await journal.append(f.projectId, id, [{ type: 'modified', actor: 'a', payload: {} }]);
    expect(await left()).toBeGreaterThan(110);
    expect(await left()).toBeLessThanOrEqual(120);
    await f.sessions.delete(f.projectId, id, 'a');
    const append = journal.append(f.projectId, id, [{ type: 'modified', actor: 'a', payload: {} }]);
    expect(await codeOf(append)).toBe('SESSION_NOT_FOUND');
    await f.db.close();
  });
});
