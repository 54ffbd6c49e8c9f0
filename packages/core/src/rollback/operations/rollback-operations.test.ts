import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { openRollbackFixture, type RollbackFixture } from '../testing/fixture.ts';
import { mayBecome, OPERATION_STATUSES } from './operation-status.ts';

describeOnBackends('rollback operations', (backend) => {
  let db: TestDatabase;
  let f: RollbackFixture;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    f = await openRollbackFixture(db);
  });
  afterEach(() => f.close());

  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );
  const changed = async () => {
    f.graph.set({ id: 'a', v: 1 }, { id: 'b', v: 1 });
    const point = await f.point();
    f.graph.set({ id: 'a', v: 2 }, { id: 'b', v: 2 });
    return point;
  };
  /** Holds the first write until it is let go. */
  const held = () => {
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    f.graph.beforeWrite = async (n) => {
      if (n !== 1) return;
      reached.resolve();
      await go.promise;
    };
    return { reached: reached.promise, go: () => go.resolve() };
  };

  it('go only where they may, and the database sees to it', async () => {
    const point = await changed();
    const { id } = await f.run(point, { dryRun: true });
    for (const from of OPERATION_STATUSES) {
      for (const to of OPERATION_STATUSES) {
        if (from === to) continue;
        const done = to === 'completed' || to === 'failed' || to === 'cancelled';
        const attempt = db.database.transaction(async (tx) => {
          const run = (text: string, values: unknown[]) => tx.query({ name: '', text }, values);
          await run('ALTER TABLE rollback_operations DISABLE TRIGGER USER', []);
          const set = `UPDATE rollback_operations SET status = $2, progress = 100, completed_at = CASE WHEN $3 THEN now() END,
            error = CASE WHEN $2 = 'failed' THEN '{}'::jsonb END WHERE id = $1`;
          await run(set, [id, from, ['completed', 'failed', 'cancelled'].includes(from)]);
          await run('ALTER TABLE rollback_operations ENABLE TRIGGER USER', []);
          await run(set, [id, to, done]);
          throw new Error('allowed');
        });
        const outcome = await attempt.catch((error: Error) => error.message);
        expect([from, to, outcome === 'allowed']).toEqual([from, to, mayBecome(from, to)]);
      }
    }
    const fall = f.sql('UPDATE rollback_operations SET progress = 99 WHERE id = $1', [id]);
    await expect(fall).rejects.toThrow('cannot fall');
  });

  it('are one at a time in a project, while previews and other projects go on', async () => {
    const point = await changed();
    const { reached, go } = held();
    const first = await f.rollback.operations.start(f.projectId, point.id, {}, 'me');
    await reached;
    expect(await codeOf(f.rollback.operations.start(f.projectId, point.id, {}, 'me'))).toBe('ROLLBACK_IN_PROGRESS');
    expect(await codeOf(f.rollback.points.delete(f.projectId, point.id, 'me'))).toBe('ROLLBACK_IN_PROGRESS');
    expect((await f.rollback.operations.preview(f.projectId, point.id, {}, 'me')).totalChanges).toBe(2);
    expect((await f.run(point, { dryRun: true })).status).toBe('completed');
    go();
    expect((await f.ended(first)).status).toBe('completed');
    expect((await f.run(point)).status).toBe('completed');
  });

  it('fail when their process is gone, and only then', async () => {
    const point = await changed();
    const { reached, go } = held();
    const operation = await f.rollback.operations.start(f.projectId, point.id, {}, 'me');
    await reached;
    const next = f.restart();
    expect(await next.operations.failGone()).toBe(0);
    await f.sql(`UPDATE rollback_operations SET lease_until = now() - interval '1 second' WHERE id = $1`, [
      operation.id,
    ]);
    expect(await next.operations.failGone()).toBe(1);
    const failed = await next.operations.existing(f.projectId, operation.id);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_INTERRUPTED' } });
    expect(failed.log.at(-1)).toMatchObject({ level: 'error', message: 'the process that ran it is gone' });
    go();
    await f.rollback.close();
    // It was taken from its runner: that writes no more than what it was at, and says nothing.
    expect(f.graph.writes).toHaveLength(1);
    expect(await next.operations.existing(f.projectId, operation.id)).toEqual(failed);
    expect(f.named('rollback-completed')).toEqual([]);
    expect((await f.rollback.metrics(f.projectId)).failedRollbacks).toBe(1);
  });

  it('make way for a new one when their process is gone', async () => {
    const point = await changed();
    const { reached, go } = held();
    const { id } = await f.rollback.operations.start(f.projectId, point.id, {}, 'me');
    await reached;
    await f.sql(`UPDATE rollback_operations SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    const second = await f.restart().operations.start(f.projectId, point.id, { conflictResolution: 'overwrite' }, 'me');
    go();
    expect((await f.ended(second)).status).toBe('completed');
  });

  it('are undone by going back to where everything was before', async () => {
    const point = await changed();
    const before = f.graph.state;
    const { id, backupPointId } = await f.run(point, { backup: true });
    expect(backupPointId).not.toBeNull();
    expect(f.graph.state).not.toEqual(before);
    expect((await f.ended(await f.rollback.operations.undo(f.projectId, id, {}, 'me'))).status).toBe('completed');
    expect(f.graph.state).toEqual(before);
    const without = await f.run(point);
    expect(await codeOf(f.rollback.operations.undo(f.projectId, without.id, {}, 'me'))).toBe('ROLLBACK_NOT_FOUND');
  });

  it('are answered as they were asked for, not as they become', async () => {
    const point = await changed();
    const started = await f.rollback.operations.start(f.projectId, point.id, {}, 'me');
    expect(started).toMatchObject({ status: 'pending', progress: 0, strategy: null, result: null, log: [] });
    await f.ended(started);
    expect(started.status).toBe('pending');
    expect(await f.rollback.operations.get(f.projectId, '01800000-0000-7000-8000-000000000000')).toBeNull();
    expect(await f.rollback.operations.get(f.otherProjectId, started.id)).toBeNull();
  });

  it('are waited for until they are over, or it is too late', async () => {
    const point = await changed();
    const { reached, go } = held();
    const { id } = await f.rollback.operations.start(f.projectId, point.id, {}, 'me');
    await reached;
    const impatient = codeOf(f.rollback.operations.wait(f.projectId, id, 5_000));
    await expect
      .poll(async () => f.clock.advance(1_000).then(() => Promise.race([impatient, null])), { timeout: 20_000 })
      .toBe('OPERATION_TIMEOUT');
    expect((await f.rollback.operations.existing(f.projectId, id)).status).toBe('in_progress');
    const patient = f.rollback.operations.wait(f.projectId, id);
    go();
    expect((await patient).status).toBe('completed');
    expect(await codeOf(f.rollback.operations.wait(f.projectId, '01800000-0000-7000-8000-000000000000'))).toBe(
      'OPERATION_NOT_FOUND',
    );
  });

  it('are waited for until people were told of their end, which comes after it', async () => {
    await f.close();
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const send = async ({ kind }: { kind: string }) => {
      if (kind !== 'executed') return;
      asked.resolve();
      await go.promise;
    };
    f = await openRollbackFixture(db, { notifier: { send } });
    const { id } = await f.rollback.operations.start(f.projectId, (await changed()).id, {}, 'me');
    await asked.promise;
    expect((await f.rollback.operations.existing(f.projectId, id)).status).toBe('completed');
    const answered: string[] = [];
    const waited = f.rollback.operations.wait(f.projectId, id).then(() => answered.push('waited'));
    await f.rollback.operations.existing(f.projectId, id);
    await f.rollback.operations.existing(f.projectId, id);
    answered.push('told');
    go.resolve();
    await waited;
    expect(answered).toEqual(['told', 'waited']);
  });

  it('tell the feed how far they are, also where no change ends at a whole step', async () => {
    const ids = ['a', 'b', 'c'];
    f.graph.set(...ids.map((id) => ({ id, v: 1 })));
    const point = await f.point();
    f.graph.set(...ids.map((id) => ({ id, v: 2 })));
    await f.run(point);
    const told = await f.sql<{ progress: number }>(
      `SELECT (payload -> 'progress')::integer AS progress FROM feed_entries
       WHERE project_id = $1 AND payload ->> 'event' = 'rollback-progress' ORDER BY id`,
      [f.projectId],
    );
    expect(told.map(({ progress }) => progress)).toEqual([33, 66, 100]);
  });

  it('show no secrets, and put them back all the same', async () => {
    const secrets = { old: 'hunter2-old', now: 'hunter2-new', key: `sk-${'a'.repeat(24)}` };
    f.graph.set({ id: 'a', auth: { apiToken: secrets.old }, note: 'first' }, { id: 'b', v: 1 });
    const point = await f.point();
    f.graph.set({ id: 'a', auth: { apiToken: secrets.now }, note: `uses ${secrets.key}` });
    const shows = (what: unknown) => Object.values(secrets).filter((secret) => JSON.stringify(what).includes(secret));
    const preview = await f.rollback.operations.preview(f.projectId, point.id, {}, 'me');
    expect(shows(preview)).toEqual([]);
    // That the secret changed can be seen, of the whole item and of the property.
    const [change] = preview.changes;
    expect(change?.oldValue).toMatchObject({ auth: { apiToken: '[redacted] (changed)' } });
    expect(change?.metadata?.properties).toContainEqual({
      path: 'entity:a#auth.apiToken',
      operation: 'update',
      oldValue: '[redacted] (changed)',
      newValue: '[redacted]',
    });
    const rehearsed = await f.run(point, { dryRun: true });
    expect([shows(rehearsed), rehearsed.preview?.totalChanges]).toEqual([[], 1]);

    // In conflict: another wrote between the comparison and the look.
    f.graph.beforeWrite = () => {
      throw new Error(`refused with Bearer ${secrets.key}`);
    };
    const failed = await f.run(point, { strategy: 'force', confirm: true });
    expect(failed.result?.errors[0]?.error).toBe('refused with Bearer [redacted]');
    expect([shows(failed), failed.log.some(({ message }) => message.includes('[redacted]'))]).toEqual([[], true]);
    f.graph.beforeWrite = () => undefined;
    expect((await f.run(point)).status).toBe('completed');
    expect(f.graph.entities.get('a')).toEqual({ id: 'a', auth: { apiToken: secrets.old }, note: 'first' });
  });

  it('are in conflict where changes need each other in a ring, as the preview says', async () => {
    const point = await changed();
    const ring = { dependencies: { 'entity:a': ['entity:b'], 'entity:b': ['entity:a', 'entity:elsewhere'] } };
    const options = { dependencyGraph: ring, strategy: 'immediate' as const };
    const circular = ['entity:a', 'entity:b', 'entity:a'];
    const { potentialConflicts } = await f.rollback.operations.preview(f.projectId, point.id, options, 'me');
    expect(potentialConflicts).toMatchObject([
      { path: 'entity:a', type: 'dependency_conflict', context: { circular } },
    ]);
    const refused = await f.run(point, options);
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_CONFLICT' } });
    expect(f.graph.writes).toEqual([]);
    expect(f.named('conflict-detected')).toMatchObject([{ conflict: { context: { circular } } }]);
    const skipped = await f.run(point, { ...options, conflictResolution: 'skip' });
    expect(skipped.result).toMatchObject({ appliedChanges: 1, skipped: ['entity:a'] });
    // The ring is broken: b alone is changed by now, and a is left.
    expect((await f.run(point, options)).status).toBe('completed');
    expect([f.graph.entities.get('a'), f.graph.entities.get('b')]).toEqual([
      { id: 'a', v: 1 },
      { id: 'b', v: 1 },
    ]);
  });

  it('refuse a snapshot that is not what was stored', async () => {
    const point = await changed();
    await f.sql(`UPDATE rollback_snapshots SET data = replace(data, '"v":1', '"v":3') WHERE point_id = $1`, [point.id]);
    expect(await f.run(point)).toMatchObject({ status: 'failed', error: { code: 'SNAPSHOT_CORRUPTED' } });
    expect(f.graph.writes).toEqual([]);
    await f.sql('DELETE FROM rollback_snapshots WHERE point_id = $1', [point.id]);
    expect(await codeOf(f.rollback.points.diff(f.projectId, point.id))).toBe('NO_SNAPSHOTS_FOUND');
  });

  it('are on record: who started what, how it ended, and the events in order', async () => {
    const point = await changed();
    f.graph.beforeWrite = () => {
      throw new SignalboxError('FORBIDDEN', { role: 'viewer', action: 'write', needed: 'operator' });
    };
    const { id } = await f.run(point);
    const rows = await f.sql<{ action: string; details: { severity?: string } }>(
      'SELECT action, details FROM audit_events WHERE subject_id = $1 ORDER BY id',
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['rollback.start', 'rollback.fail']);
    expect(rows[1]?.details.severity).toBe('error');
    const names = f.events.map(({ name }) => name);
    expect(names.filter((name) => name === 'rollback-failed')).toHaveLength(1);
    expect(names.indexOf('rollback-started')).toBeLessThan(names.indexOf('rollback-failed'));
    expect(f.named('conflict-detected')).toHaveLength(2);
    const feed = await f.sql<{ event: string }>(
      `SELECT payload ->> 'event' AS event FROM feed_entries WHERE project_id = $1 AND topic = 'rollback' ORDER BY id`,
      [f.projectId],
    );
    expect(feed.map(({ event }) => event)).toEqual([
      'rollback-point-created',
      'rollback-started',
      'rollback-progress',
      'rollback-progress',
      'rollback-failed',
    ]);
    expect(await f.rollback.metrics(f.projectId)).toMatchObject({ failedRollbacks: 1, itemErrors: 2, itemsWritten: 0 });
  });
});
