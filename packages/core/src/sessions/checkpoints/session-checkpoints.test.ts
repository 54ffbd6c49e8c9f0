import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends } from '../../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../testing/session-fixture.ts';

describeOnBackends('checkpoints', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  it('A11: twenty at once are numbered 1 to 20, and an update of the session leaves them alone', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.makeIn('running');
    const add = (n: number) =>
      sessions.addCheckpoint(projectId, id, { data: { n }, metadata: { from: `writer ${n}` } });
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => add(n)));
    const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
    expect(made.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual(numbers);
    const stored = await sessions.listCheckpoints(projectId, id);
    expect(stored.map(({ sequence }) => sequence)).toEqual(numbers);
    for (const { data, metadata } of stored) {
      expect(metadata).toEqual({ from: `writer ${(data as { n: number }).n}` });
    }
    const metrics = await sessions.metrics(projectId, id);
    expect(metrics.checkpointCount).toBe(20);
    const times = stored.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort());
    expect(metrics.lastCheckpointAt).toBe(times.at(-1));
    await sessions.update(projectId, id, { title: 'Another title' }, 'a');
    expect(await sessions.listCheckpoints(projectId, id)).toEqual(stored);
    const details = await sessions.get(projectId, id, { include: ['checkpoints', 'metrics', 'children'] });
    expect(details?.checkpoints).toEqual(stored);
    expect(details).toMatchObject({ version: 3, childIds: [] });
    const told = await f.sql(`SELECT payload FROM feed_entries WHERE topic = 'checkpoint' ORDER BY id`);
    expect(told).toHaveLength(20);
  });

  it('keeps data as it is, notes the place in the journal, and refuses what is gone', async () => {
    const { sessions, projectId } = f;
    const { id } = await f.makeIn('running');
    const data = [1, 'two', null, { three: [3.5] }];
    const made = await sessions.addCheckpoint(projectId, id, { data });
    expect(made).toMatchObject({ sequence: 1, data, metadata: {}, journalSeq: 1, sessionId: id });
    expect(await sessions.getCheckpoint(projectId, id, 1)).toEqual(made);
    expect(await codeOf(sessions.getCheckpoint(projectId, id, 2))).toBe('CHECKPOINT_NOT_FOUND');
    await sessions.delete(projectId, id, 'a');
    expect(await codeOf(sessions.addCheckpoint(projectId, id, { data }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.getCheckpoint(projectId, id, 1))).toBe('SESSION_NOT_FOUND');
  });

  it('the database lets nobody change or remove a checkpoint', async () => {
    const { id } = await f.makeIn('running');
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1 });
    const update = f.sql(`UPDATE session_checkpoints SET data = '2' WHERE session_id = $1`, [id]);
    await expect(update).rejects.toMatchObject({ sqlState: 'SB003' });
    const remove = f.sql('DELETE FROM session_checkpoints WHERE session_id = $1', [id]);
    await expect(remove).rejects.toMatchObject({ sqlState: 'SB003' });
    expect(await f.sessions.hardDelete(f.projectId, id, 'a')).toBe(true);
    expect(await f.sql('SELECT id FROM session_checkpoints WHERE session_id = $1', [id])).toEqual([]);
  });
});
