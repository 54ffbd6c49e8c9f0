import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('deleting sessions', (backend) => {
  let f: SessionFixture;
  beforeEach(async () => {
    f = await openFixture(backend);
  });
  afterEach(() => f.db.close());

  it('A5: a session is soft-deleted once, and found only by those who ask for deleted ones', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.make();
    expect(await sessions.delete(projectId, id, 'op')).toBe(true);
    expect(await sessions.delete(projectId, id, 'op')).toBe(false);
    expect(await sessions.get(projectId, id)).toBeNull();
    const deleted = await sessions.get(projectId, id, { includeDeleted: true });
    expect(deleted).toMatchObject({ id, status: 'pending', version: 2, updatedBy: 'op' });
    expect(deleted?.deletedAt).not.toBeNull();
    expect(await sessions.get(projectId, id)).toBeNull();
    expect(await sessions.exists(projectId, id)).toBe(false);
    expect(await sessions.count(projectId)).toBe(0);
    expect(await sessions.count(projectId, { includeDeleted: true })).toBe(1);
    expect((await sessions.list(projectId)).items).toEqual([]);
    expect((await sessions.search(projectId, 'work')).total).toBe(0);
    expect((await f.news(id)).map((one) => one.change)).toEqual(['created', 'deleted']);
    expect(await codeOf(sessions.update(projectId, id, { title: 'Back' }, 'a'))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.start(projectId, id, 'a'))).toBe('SESSION_NOT_FOUND');
  });

  it('restores what was deleted, unless its title has been taken meanwhile', async () => {
    const { sessions, projectId } = f;
    const old = await f.make({ title: 'Wanted title', createdBy: 'a' });
    await sessions.delete(projectId, old.id, 'a');
    const other = await f.make({ title: 'Wanted title', createdBy: 'a' });
    expect(await codeOf(sessions.restore(projectId, old.id, 'a'))).toBe('SESSION_EXISTS');
    expect(await sessions.exists(projectId, old.id)).toBe(false);
    await sessions.update(projectId, other.id, { title: 'Another title' }, 'a');
    expect(await sessions.restore(projectId, old.id, 'a')).toMatchObject({ deletedAt: null, version: 3 });
    expect(await sessions.restore(projectId, old.id, 'a')).toMatchObject({ version: 3 });
    expect((await f.news(old.id)).map((one) => one.change)).toEqual(['created', 'deleted', 'restored']);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await codeOf(sessions.restore(projectId, unknown, 'a'))).toBe('SESSION_NOT_FOUND');
  });

  it('cancels what is under way with its deletion, in one change of version', async () => {
    const { id } = await f.makeIn('running');
    await f.sessions.delete(f.projectId, id, 'op');
    const deleted = await f.sessions.get(f.projectId, id, { includeDeleted: true, include: ['metrics'] });
    expect(deleted).toMatchObject({ status: 'cancelled', version: 3 });
    expect(deleted?.metrics?.endedAt).not.toBeNull();
    expect((await f.news(id)).slice(2).map((one) => one.change)).toEqual(['status', 'deleted']);
  });

  it('A17: cleans up old finished sessions in batches, and leaves running and young ones', async () => {
    const { sessions, projectId } = f;
    const age = (status: string, count: number, days: number) =>
      f.sql(
        `WITH made AS (
           INSERT INTO sessions (id, project_id, title, initial_prompt, status, created_at)
           SELECT gen_random_uuid(), $1::uuid, $2 || n, 'x', $2, now() - $4 * interval '1 day' FROM generate_series(1, $3) n
           RETURNING id, project_id, created_at
         ), measured AS (
           INSERT INTO session_metrics (session_id, project_id, created_at) SELECT id, project_id, created_at FROM made
         )
         INSERT INTO journal_heads (session_id, project_id) SELECT id, project_id FROM made`,
        [projectId, status, count, days],
      );
    await age('completed', 2500, 40);
    await age('running', 10, 40);
    await age('completed', 5, 10);
    const progress: number[] = [];
    const figures = await sessions.cleanup(projectId, { olderThanDays: 30, batchSize: 1000 }, 'op', {
      onProgress: ({ sessionsCleaned }) => progress.push(sessionsCleaned),
    });
    expect(figures).toEqual({
      totalSessions: 2500,
      sessionsCleaned: 2500,
      batchesProcessed: 3,
      errors: 0,
      lastError: null,
    });
    expect(progress).toEqual([1000, 2000, 2500]);
    const live = await sessions.stats(projectId);
    expect(live.statusDistribution.map(({ status, count }) => [status, count])).toEqual([
      ['running', 10],
      ['completed', 5],
    ]);
    expect(await f.news()).toHaveLength(2500);
    expect(await sessions.cleanup(projectId, {}, 'op')).toMatchObject({ sessionsCleaned: 0, batchesProcessed: 0 });
  });

  it('several cleanups at once share the work, and one that is called off ends after its batch', async () => {
    const made = await f.sessions.bulkInsert(
      f.projectId,
      Array.from({ length: 60 }, (_, n) => ({ title: `Old ${n}`, initialPrompt: 'x' })),
      'a',
    );
    const ids = made.map((session) => session.id);
    await f.sessions.bulkStatus(f.projectId, ids, 'cancelled', 'a');
    await f.sql(`UPDATE sessions SET created_at = now() - interval '40 days', version = version + 1`);
    const off = new AbortController();
    const called = await f.sessions.cleanup(f.projectId, { batchSize: 10 }, 'a', {
      signal: off.signal,
      onProgress: () => off.abort(),
    });
    expect(called).toMatchObject({ sessionsCleaned: 10, batchesProcessed: 1 });
    const runs = await Promise.all([1, 2, 3].map(() => f.sessions.cleanup(f.projectId, { batchSize: 10 }, 'a')));
    expect(runs.reduce((sum, run) => sum + run.sessionsCleaned, 0)).toBe(50);
    expect(runs.map((run) => run.errors)).toEqual([0, 0, 0]);
    expect(await f.sql('SELECT DISTINCT version FROM sessions')).toEqual([{ version: 4 }]);
  });
});
