import { afterAll, beforeAll, expect, it } from 'vitest';
import { SignalboxError } from '../platform/errors/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('updating sessions', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  it('A4: of two updates from version 1 the first makes version 2, the second is told of it', async () => {
    const { id } = await f.make();
    const first = await f.sessions.update(f.projectId, id, { title: 'First' }, 'a', { version: 1 });
    expect(first).toMatchObject({ version: 2, title: 'First', updatedBy: 'a' });
    const second = f.sessions.update(f.projectId, id, { title: 'Second' }, 'b', { version: 1 });
    await expect(second).rejects.toMatchObject({
      code: 'OPTIMISTIC_LOCK',
      status: 412,
      details: { expected: 2, received: 1 },
    });
    expect(await f.sessions.get(f.projectId, id)).toMatchObject({ title: 'First', version: 2, updatedBy: 'a' });
  });

  /** Runs both at once, and checks that one won and the other was told both versions. */
  async function race(one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<void> {
    const results = await Promise.allSettled([one(), other()]);
    const losers = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(losers).toHaveLength(1);
    const [error] = losers;
    expect(SignalboxError.is(error, 'OPTIMISTIC_LOCK')).toBe(true);
    expect((error as SignalboxError).details).toMatchObject({ expected: 2, received: 1 });
  }

  it('two writers with one version at once: exactly one wins, whatever the two do', async () => {
    const { sessions, projectId } = f;
    const writers: Record<string, (id: string, name: string) => Promise<unknown>> = {
      update: (id, name) => sessions.update(projectId, id, { description: name }, name, { version: 1 }),
      bulkUpdate: (id, name) =>
        sessions.bulkUpdate(projectId, [{ id, version: 1, changes: { description: name } }], name),
      start: (id, name) => sessions.start(projectId, id, name, { version: 1 }),
    };
    for (const one of Object.values(writers)) {
      for (const other of Object.values(writers)) {
        const { id } = await f.make();
        await race(
          () => one(id, 'one'),
          () => other(id, 'other'),
        );
        expect((await sessions.get(projectId, id))?.version).toBe(2);
        expect(await f.audit(id)).toHaveLength(2);
        expect(await f.news(id)).toHaveLength(2);
      }
    }
  });

  it('a soft deletion against an update of the same version: one wins, and nothing is half-written', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await f.make();
      const results = await Promise.all([
        codeOf(f.sessions.delete(f.projectId, id, 'a', { version: 1 })),
        codeOf(f.sessions.update(f.projectId, id, { description: 'b' }, 'b', { version: 1 })),
      ]);
      const after = await f.sessions.get(f.projectId, id, { includeDeleted: true });
      expect(after?.version).toBe(2);
      if (results[0] === null) {
        expect(results[1]).toBe('SESSION_NOT_FOUND');
        expect(after).toMatchObject({ description: null });
        expect(after?.deletedAt).not.toBeNull();
      } else {
        expect(results).toEqual(['OPTIMISTIC_LOCK', null]);
        expect(after).toMatchObject({ description: 'b', deletedAt: null });
      }
    }
  });

  it('twenty writers without a version all get through, one after the other', async () => {
    const { id } = await f.make();
    const write = (n: number) => f.sessions.update(f.projectId, id, { metadata: { [`k${n}`]: n } }, `w${n}`);
    await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)));
    const after = await f.sessions.get(f.projectId, id);
    expect(after?.version).toBe(21);
    expect(Object.keys(after?.metadata ?? {})).toHaveLength(20);
  });

  it('merges metadata and limits, removes keys by null, and leaves the rest alone', async () => {
    const { id } = await f.make({ metadata: { a: 1, b: { deep: true } }, tags: ['x'] });
    const after = await f.sessions.update(
      f.projectId,
      id,
      { metadata: { a: null, c: 3 }, limits: { cpuLimit: 2 } },
      'u',
    );
    expect(after).toMatchObject({
      tags: ['x'],
      limits: { maxDurationSeconds: 3600, cpuLimit: 2, memoryLimitMb: null },
    });
    expect(after.metadata).toEqual({ b: { deep: true }, c: 3 });
    expect((await f.audit(id)).at(-1)).toMatchObject({
      action: 'session.update',
      version_before: 1,
      version_after: 2,
      changes: { metadata: { before: { a: 1 }, after: { c: 3 } }, limits: { after: { cpuLimit: 2 } } },
    });
  });

  it('writes nothing where nothing changes', async () => {
    const before = await f.make({ description: 'same', metadata: { a: [1] }, priority: 0 });
    const unchanged = {
      description: 'same',
      metadata: { a: [1] },
      priority: 0,
      title: before.title,
    };
    expect(await f.sessions.update(f.projectId, before.id, unchanged, 'somebody else')).toEqual(before);
    expect(await f.audit(before.id)).toHaveLength(1);
    expect(await f.news(before.id)).toHaveLength(1);
  });

  it('a status in an update goes the same way as by a verb, with one version for all', async () => {
    const { id } = await f.make();
    const after = await f.sessions.update(f.projectId, id, { status: 'running', title: 'On its way' }, 'u');
    expect(after).toMatchObject({ status: 'running', title: 'On its way', version: 2 });
    expect((await f.sessions.metrics(f.projectId, id)).startedAt).toBe(after.statusUpdatedAt);
    expect((await f.news(id)).at(-1)).toMatchObject({ change: 'status', oldStatus: 'pending', status: 'running' });
    expect(await codeOf(f.sessions.update(f.projectId, id, { status: 'pending', title: 'Back' }, 'u'))).toBe(
      'INVALID_TRANSITION',
    );
    expect(await f.sessions.get(f.projectId, id)).toEqual(after);
  });

  it('a title another live session of the creator has is refused', async () => {
    const taken = await f.make();
    const { id } = await f.make();
    expect(await codeOf(f.sessions.update(f.projectId, id, { title: taken.title }, 'u'))).toBe('SESSION_EXISTS');
  });

  it('the database refuses a stale version and a skipped one by itself', async () => {
    const { id } = await f.make();
    for (const version of ['version', 'version + 2', '1']) {
      const write = f.sql(`UPDATE sessions SET description = 'direct', version = ${version} WHERE id = $1`, [id]);
      await expect(write).rejects.toMatchObject({ sqlState: 'SB001' });
    }
  });
});
