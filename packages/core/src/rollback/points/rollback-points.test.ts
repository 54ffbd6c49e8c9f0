import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { outsideTransaction, statement } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { type FileSnapshot, type FileState, filePort } from '../ports/index.ts';
import type { RollbackRoomOptions } from '../rollback.ts';
import { openRollbackFixture, type RollbackFixture } from '../testing/fixture.ts';

const DAY = 86_400_000;
const LOOK = statement('look', 'SELECT 1');

describeOnBackends('rollback points', (backend) => {
  let db: TestDatabase;
  let f: RollbackFixture;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  const open = async (options: Parameters<typeof openRollbackFixture>[1] = {}) => {
    await f?.close();
    f = await openRollbackFixture(db, options);
    f.graph.set({ id: 'a', v: 1 });
  };
  beforeEach(async () => {
    f = await openRollbackFixture(db);
    f.graph.set({ id: 'a', v: 1 });
  });
  afterEach(() => f.close());
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );
  const session = (title: string) => f.sessions.create(f.projectId, { title, initialPrompt: 'do it' }, 'me');

  it('read all of the database as it was at one moment', async () => {
    const read = f.graph.getRelationships.bind(f.graph);
    const { id } = await session('One moment');
    f.graph.getRelationships = async (executor, projectId, ids) => {
      // Between two readings of one capture somebody else renames the session. The double reads no rows: this stands for it.
      await executor.query(LOOK);
      if (db.connectionString !== null) {
        await outsideTransaction(() => f.sessions.update(f.projectId, id, { title: 'Another moment' }, 'them'));
      }
      return read(executor, projectId, ids);
    };
    const point = await f.point('cut', { sessionId: id });
    const snapshots = await f.rollback.points.snapshots(f.projectId, point.id);
    const state = snapshots.find(({ type }) => type === 'session_state');
    const held = await f.rollback.points.readSnapshot(f.projectId, state?.id as string);
    expect(held).toMatchObject({ items: [{ key: id, value: { title: 'One moment' } }] });
  });

  it('put a session back as it was, but for what tells of rollbacks', async () => {
    const { id } = await session('Before');
    await f.sessions.update(f.projectId, id, { metadata: { keep: 1, change: 1 } }, 'me');
    const point = await f.point('session', { sessionId: id });
    await f.sessions.update(f.projectId, id, { title: 'After', tags: ['x'], metadata: { change: 2, more: 3 } }, 'me');
    expect((await f.run(point)).status).toBe('completed');
    await f.rollback.close();
    const after = await f.sessions.get(f.projectId, id);
    expect(after).toMatchObject({
      title: 'Before',
      tags: [],
      metadata: { keep: 1, change: 1, lastRollback: { success: true } },
    });
    expect(after?.metadata).not.toHaveProperty('more');
    expect((await f.rollback.points.diff(f.projectId, point.id)).changeCount).toBe(0);
  });

  it('are refused for what is not there, leaving nothing', async () => {
    const unknown = '01800000-0000-7000-8000-000000000000';
    expect(await codeOf(f.point('x', { sessionId: unknown }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(f.point('x', { workspaceId: unknown }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await codeOf(f.point('x', { capture: ['file'] }))).toBe('SNAPSHOT_CAPTURE_FAILED');
    expect(await codeOf(f.rollback.points.recapture(f.projectId, unknown, 'me'))).toBe('ROLLBACK_NOT_FOUND');
    expect(await codeOf(f.rollback.points.readSnapshot(f.projectId, unknown))).toBe('SNAPSHOT_NOT_FOUND');
    expect(await f.rollback.points.delete(f.projectId, unknown, 'me')).toBe(false);
    expect((await f.rollback.snapshotUsage(f.projectId)).totalSnapshots).toBe(0);
    const failures = await f.sql(
      `SELECT 1 FROM audit_events WHERE project_id = $1 AND action = 'rollback_point.create_failed'`,
      [f.projectId],
    );
    expect(failures).toHaveLength(2);
  });

  it('are refused where nothing can be captured', async () => {
    await open({ ports: [] });
    expect(await codeOf(f.point())).toBe('SNAPSHOT_CAPTURE_FAILED');
  });

  it('hold what is now once they are captured again', async () => {
    const point = await f.point();
    f.graph.set({ id: 'a', v: 2 });
    expect((await f.rollback.points.diff(f.projectId, point.id)).changeCount).toBe(1);
    expect(await f.rollback.points.recapture(f.projectId, point.id, 'me')).toMatchObject({ id: point.id, version: 2 });
    expect((await f.rollback.points.diff(f.projectId, point.id)).changeCount).toBe(0);
    expect(await f.rollback.snapshotUsage(f.projectId)).toMatchObject({
      totalSnapshots: 2,
      snapshotsByType: { entity: 1, relationship: 1 },
    });
  });

  it('live as long as they say, as is configured, or for ever', async () => {
    const lives = async (options: Partial<RollbackRoomOptions>, ttl?: number | null) => {
      const room = f.restart(options);
      const point = await room.points.create(f.projectId, { name: 'x', ...(ttl !== undefined && { ttl }) }, 'me');
      return point.expiresAt === null ? null : Date.parse(point.expiresAt) - Date.parse(point.createdAt);
    };
    expect([await lives({}), await lives({}, 5), await lives({}, null)]).toEqual([DAY, 5, null]);
    expect([await lives({ settings: { defaultTtl: null } }), await lives({ settings: { defaultTtl: 7 } })]).toEqual([
      null,
      7,
    ]);
  });

  it('are refused beyond the limit where none may give way', async () => {
    await open({ settings: { maxPoints: 1, evict: false } });
    await f.point('first');
    expect(await codeOf(f.point('second'))).toBe('STORE_CAPACITY_EXCEEDED');
    expect((await f.rollback.points.list(f.projectId, 1, 10)).items.map(({ name }) => name)).toEqual(['first']);
  });

  it('take no room once they have expired', async () => {
    await open({ settings: { maxPoints: 1, evict: false } });
    await f.point('first', { ttl: 10 });
    await f.clock.advance(20);
    expect((await f.point('second')).name).toBe('second');
  });

  it('go when their session is over, unless they shall be kept', async () => {
    const over = async (onSessionEnd: 'delete' | 'keep') => {
      await open({ settings: { onSessionEnd } });
      const { id } = await session(`Work that is to ${onSessionEnd}`);
      const point = await f.point('of session', { sessionId: id });
      await f.rollback.cleanup();
      expect(await f.rollback.points.get(f.projectId, point.id)).not.toBeNull();
      await f.sessions.update(f.projectId, id, { status: 'cancelled' }, 'me');
      await f.rollback.cleanup();
      return (await f.rollback.points.get(f.projectId, point.id)) === null;
    };
    expect([await over('delete'), await over('keep')]).toEqual([true, false]);
  });

  it('go on record where they are cleaned up, and nowhere else', async () => {
    const { id } = await session('Over soon');
    const ofSession = await f.point('of session', { sessionId: id });
    const short = await f.point('short', { ttl: 10 });
    await f.point('stays');
    await f.sessions.update(f.projectId, id, { status: 'cancelled' }, 'me');
    await f.clock.advance(20);
    expect((await f.rollback.cleanup()).removedPoints).toBeGreaterThanOrEqual(2);
    // Projects of other tests are cleaned up as well.
    expect(f.named('rollback-point-removed')).toContainEqual({ projectId: f.projectId, rollbackPointId: ofSession.id });
    expect(f.named('rollback-point-expired')).toContainEqual({ projectId: f.projectId, rollbackPointId: short.id });
    const [told] = f.named('cleanup-completed') as { removedCount: number; projectIds: string[] }[];
    expect([told?.projectIds.includes(f.projectId), told?.projectIds.includes(f.otherProjectId)]).toEqual([
      true,
      false,
    ]);
    const audited = () =>
      f.sql(`SELECT details FROM audit_events WHERE project_id = $1 AND action = 'rollback.cleanup'`, [f.projectId]);
    expect(await audited()).toEqual([{ details: { removedPoints: 2, removedOperations: 0 } }]);
    const news = await f.sql(
      `SELECT 1 FROM feed_entries WHERE project_id = $1 AND payload ->> 'rollbackPointId' = $2`,
      [f.projectId, ofSession.id],
    );
    expect(news).toHaveLength(2);
    await f.rollback.cleanup();
    expect(await audited()).toHaveLength(1);
  });

  it('forget operations that were over long ago', async () => {
    const point = await f.point('kept', { ttl: null });
    const { id } = await f.run(point, { dryRun: true });
    await f.rollback.cleanup();
    expect(await f.rollback.operations.get(f.projectId, id)).not.toBeNull();
    await f.clock.advance(DAY + 1_000);
    expect((await f.rollback.cleanup()).removedOperations).toBeGreaterThanOrEqual(1);
    expect(await f.rollback.operations.get(f.projectId, id)).toBeNull();
    expect((await f.rollback.metrics(f.projectId)).lastCleanup).toBe(f.clock.now().toISOString());
  });

  it('say when files changed while they were made, after three tries', async () => {
    let captures = 0;
    let restless = true;
    const files = new Map<string, FileState>([['a.txt', { oid: '1', mode: '100644' }]]);
    await open({
      morePorts: () => [
        filePort({
          capture: async (_projectId, workspaceId): Promise<FileSnapshot> => {
            captures += 1;
            return { workspaceId, treeId: restless ? `tree-${captures}` : 'tree', position: null };
          },
          filesOf: async () => files,
          content: () => Promise.reject(new Error('nobody asks for contents here')),
          read: async (_projectId, _workspaceId, paths) =>
            new Map(paths.flatMap((path) => (files.has(path) ? [[path, files.get(path) as FileState]] : []))),
          changedAt: async () => new Map(),
          restore: async () => [],
        }),
      ],
    });
    const [workspace] = await f.sql<{ id: string }>(
      `INSERT INTO workspaces (id, project_id, name, path) VALUES (gen_random_uuid(), $1, 'w', '/tmp/' || gen_random_uuid()) RETURNING id`,
      [f.projectId],
    );
    const make = () => f.point('files', { workspaceId: workspace?.id });
    expect(await make()).toMatchObject({ consistent: false, captured: ['entity', 'relationship', 'file'] });
    expect(captures).toBe(4);
    restless = false;
    captures = 0;
    expect((await make()).consistent).toBe(true);
    expect(captures).toBe(2);
  });
});
