import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Transaction } from '../platform/database/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('sessions in bulk', (backend) => {
  let f: SessionFixture;
  beforeEach(async () => {
    f = await openFixture(backend);
  });
  afterEach(() => f.db.close());

  const inputs = (count: number, createdBy = 'a') =>
    Array.from({ length: count }, (_, n) => ({ title: `Bulk ${n}`, initialPrompt: 'x', createdBy }));

  it('A16: one duplicate among 1000 and none is stored; one stale among 5 and none is changed', async () => {
    await f.sessions.create(f.projectId, { title: 'Bulk 500', initialPrompt: 'x', createdBy: 'a' }, 'a');
    expect(await codeOf(f.sessions.bulkInsert(f.projectId, inputs(1000), 'a'))).toBe('SESSION_EXISTS');
    expect(await f.sessions.count(f.projectId)).toBe(1);
    expect(await f.sql('SELECT count(*)::int AS n FROM session_metrics')).toEqual([{ n: 1 }]);

    const made = await f.sessions.bulkInsert(f.projectId, inputs(5), 'a');
    await f.sessions.update(f.projectId, made[3]?.id ?? '', { description: 'newer' }, 'b');
    const items = made.map(({ id, version }) => ({ id, version, changes: { description: 'bulk' } }));
    const stale = f.sessions.bulkUpdate(f.projectId, items, 'a');
    await expect(stale).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK', details: { expected: 2, received: 1 } });
    const after = await f.sessions.find(f.projectId, {
      filters: [{ field: 'description', operator: 'eq', value: 'bulk' }],
    });
    expect(after).toEqual([]);
  });

  it('inserts 1000 in the order given, each with journal, metrics, audit and news', async () => {
    const made = await f.sessions.bulkInsert(f.projectId, inputs(1000), 'a');
    expect(made.map((session) => session.title)).toEqual(inputs(1000).map((input) => input.title));
    for (const table of ['session_metrics', 'journal_heads', 'audit_events', 'session_agents']) {
      expect(await f.sql(`SELECT count(*)::int AS n FROM ${table} WHERE project_id = $1`, [f.projectId])).toEqual([
        { n: table === 'audit_events' ? 1001 : 1000 },
      ]);
    }
    expect(await f.news()).toHaveLength(1000);
  });

  it('takes parents from the same batch, and refuses a circle among them', async () => {
    const a = '00000000-0000-4000-8000-00000000000a';
    const b = '00000000-0000-4000-8000-00000000000b';
    const circle = [
      { id: a, parentId: b, title: 'A', initialPrompt: 'x' },
      { id: b, parentId: a, title: 'B', initialPrompt: 'x' },
    ];
    expect(await codeOf(f.sessions.bulkInsert(f.projectId, circle, 'a'))).toBe('SESSION_PARENT_CYCLE');
    const family = [
      { id: a, parentId: b, title: 'A', initialPrompt: 'x' },
      { id: b, title: 'B', initialPrompt: 'x' },
    ];
    const [child] = await f.sessions.bulkInsert(f.projectId, family, 'a');
    expect(child?.parentId).toBe(b);
  });

  it('bulk update changes all, and names the ids it did not find', async () => {
    const made = await f.sessions.bulkInsert(f.projectId, inputs(5), 'a');
    const unknown = '00000000-0000-4000-8000-000000000000';
    const items = made.map(({ id }, n) => ({ id, changes: { title: `Renamed ${n}` } }));
    const result = await f.sessions.bulkUpdate(f.projectId, [...items, { id: unknown, changes: { priority: 0 } }], 'u');
    expect(result.skipped).toEqual([unknown]);
    expect(result.updated.map((session) => [session.title, session.version])).toEqual(
      made.map((_, n) => [`Renamed ${n}`, 2]),
    );
  });

  it('bulk update needs no more statements for fifty sessions than for five', async () => {
    const statements = async (count: number) => {
      const made = await f.sessions.bulkInsert(f.projectId, inputs(count, `maker of ${count}`), 'a');
      const items = made.map(({ id }) => ({ id, changes: { priority: 0, status: 'running' as const } }));
      let sent = 0;
      await f.db.database.transaction(async (tx) => {
        const counting: Transaction = {
          query: (statement, values) => {
            sent += 1;
            return tx.query(statement, values);
          },
          savepoint: (work) => tx.savepoint(work),
          afterCommit: (effect) => tx.afterCommit(effect),
        };
        await f.sessions.within(counting).bulkUpdate(f.projectId, items, 'u');
      });
      return sent;
    };
    const few = await statements(5);
    expect(few).toBeGreaterThan(3);
    expect(await statements(50)).toBe(few);
  });

  it('bulk status changes the legal ones with all that goes with it, and says why the others stay', async () => {
    const pending = await f.make();
    const completed = await f.makeIn('completed');
    const paused = await f.makeIn('paused');
    const deleted = await f.makeIn('running');
    await f.sessions.delete(f.projectId, deleted.id, 'x');
    const unknown = '00000000-0000-4000-8000-000000000000';
    const ids = [pending.id, completed.id, paused.id, deleted.id, unknown, pending.id];
    const result = await f.sessions.bulkStatus(f.projectId, ids, 'cancelled', 'op');
    expect(result).toEqual({
      changed: 2,
      skipped: [
        { id: completed.id, reason: 'INVALID_TRANSITION', status: 'completed' },
        { id: deleted.id, reason: 'SESSION_NOT_FOUND', status: 'cancelled' },
        { id: unknown, reason: 'SESSION_NOT_FOUND' },
      ],
    });
    const after = await f.sessions.get(f.projectId, paused.id, { include: ['metrics'] });
    expect(after).toMatchObject({ status: 'cancelled', version: paused.version + 1, updatedBy: 'op' });
    expect(after?.metrics?.endedAt).toBe(after?.statusUpdatedAt);
    expect((await f.news(paused.id)).at(-1)).toMatchObject({ oldStatus: 'paused', status: 'cancelled' });
    expect((await f.sessions.get(f.projectId, completed.id))?.version).toBe(completed.version);
    expect(await codeOf(f.sessions.bulkStatus(f.projectId, ids, 'done', 'op'))).toBe('INVALID_STATUS');
  });

  it('two bulk changes of the same sessions in opposite order do not lock each other out', async () => {
    const made = await f.sessions.bulkInsert(f.projectId, inputs(40), 'a');
    const ids = made.map((session) => session.id);
    const results = await Promise.all([
      f.sessions.bulkStatus(f.projectId, ids, 'cancelled', 'one'),
      f.sessions.bulkStatus(f.projectId, [...ids].reverse(), 'cancelled', 'other'),
    ]);
    expect(results.map((result) => result.changed).sort((a, b) => a - b)).toEqual([0, 40]);
  });
});
