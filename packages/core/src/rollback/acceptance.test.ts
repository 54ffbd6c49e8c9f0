import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../platform/errors/index.ts';
import { describeOnBackends, type TestDatabase } from '../testing/index.ts';
import type { ResolutionStrategy } from './conflicts/index.ts';
import type { GraphRelationship } from './ports/index.ts';
import type { RollbackRoomOptions } from './rollback.ts';
import { openRollbackFixture, type RollbackFixture } from './testing/fixture.ts';

const DAY = 86_400_000;

describeOnBackends('rollback acceptance', (backend) => {
  let db: TestDatabase;
  let f: RollbackFixture;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  const open = async (options: Partial<RollbackRoomOptions> = {}) => {
    await f?.close();
    f = await openRollbackFixture(db, options);
  };
  beforeEach(async () => {
    f = await openRollbackFixture(db);
  });
  afterEach(() => f.close());

  const count = async (table: string) =>
    Number(
      (await f.sql<{ n: string }>(`SELECT count(*) AS n FROM ${table} WHERE project_id = $1`, [f.projectId]))[0]?.n,
    );
  const error = async (call: Promise<unknown>): Promise<SignalboxError> => {
    const thrown = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!SignalboxError.is(thrown)) throw new Error(`expected a SignalboxError, got ${String(thrown)}`);
    return thrown;
  };
  const numbered = (n: number, v: number) =>
    Array.from({ length: n }, (_, at) => ({ id: `e${String(at).padStart(3, '0')}`, v }));
  /** A point, with that many entities changed since. */
  const changed = async (n: number, input: object = {}) => {
    f.graph.set(...numbered(n, 1));
    const point = await f.point('before', input);
    f.graph.set(...numbered(n, 2));
    return point;
  };
  const metrics = () => f.rollback.metrics(f.projectId);

  const a1 = async () => {
    f.graph.set({ id: 'a', v: 1 }, { id: 'b', v: 2 });
    const point = await f.point();
    f.graph.set({ id: 'a', v: 9 }, { id: 'c', v: 3 });
    return point;
  };

  it('A1: puts back what was changed and takes away what came since', async () => {
    const point = await a1();
    const diff = await f.rollback.points.diff(f.projectId, point.id);
    expect(diff).toMatchObject({ from: 'current', to: point.id, changeCount: 2 });
    expect(diff.changes.map(({ operation, path }) => [operation, path])).toEqual([
      ['delete', 'entity:c'],
      ['update', 'entity:a'],
    ]);
    const operation = await f.run(point);
    expect(operation).toMatchObject({ status: 'completed', progress: 100, error: null });
    expect(operation.result).toMatchObject({
      success: true,
      rolledBackEntities: 2,
      rolledBackRelationships: 0,
      partialSuccess: false,
    });
    expect(f.graph.state).toEqual({ a: { id: 'a', v: 1 }, b: { id: 'b', v: 2 } });
    expect((await f.rollback.points.diff(f.projectId, point.id)).changeCount).toBe(0);
    const names = f.events
      .map(({ name }) => name)
      .filter((name) => name.startsWith('rollback-') && name !== 'rollback-progress');
    expect(names).toEqual(['rollback-point-created', 'rollback-started', 'rollback-completed']);
  });

  it.each([{ dryRun: true }, { type: 'dry_run' as const }])(
    'A2: %o changes nothing and says what would be done',
    async (input) => {
      const point = await a1();
      const operation = await f.run(point, input);
      expect(operation).toMatchObject({ status: 'completed', strategy: 'dry_run', mutating: false, result: null });
      expect(operation.preview).toMatchObject({
        strategy: 'immediate',
        totalChanges: 2,
        changesByType: { create: 0, update: 1, delete: 1, move: 0 },
        estimatedDuration: 1_100,
        analysisDuration: 520,
        problems: [],
      });
      expect(f.graph.writes).toEqual([]);
      expect(await metrics()).toMatchObject({ successfulRollbacks: 0, averageRollbackTime: 0 });
    },
  );

  it('A3: captures nothing while the database is not ready', async () => {
    await open({ isReady: async () => false });
    f.graph.set({ id: 'a' });
    expect((await error(f.point())).code).toBe('DATABASE_NOT_READY');
    expect([await count('rollback_points'), await count('rollback_snapshots'), f.events]).toEqual([0, 0, []]);
  });

  it('A4: leaves nothing behind when a part of the capture fails', async () => {
    f.graph.set({ id: 'a' });
    f.graph.beforeRelationships = () => {
      throw new Error('boom');
    };
    const thrown = await error(f.point());
    expect([thrown.code, thrown.details.error]).toEqual(['SNAPSHOT_CAPTURE_FAILED', 'boom']);
    expect((thrown.cause as Error).message).toBe('boom');
    expect((await f.rollback.snapshotUsage(f.projectId)).totalSnapshots).toBe(0);
    expect([await count('rollback_points'), f.named('rollback-point-created')]).toEqual([0, []]);
  });

  it('A5: says that a point has expired, once told', async () => {
    const point = await f.point('short', { ttl: 50 });
    await f.clock.advance(100);
    expect((await error(f.rollback.points.get(f.projectId, point.id))).code).toBe('ROLLBACK_EXPIRED');
    expect((await error(f.rollback.operations.start(f.projectId, point.id, {}, 'me'))).code).toBe('ROLLBACK_EXPIRED');
    expect(await f.rollback.points.list(f.projectId, 1, 10)).toEqual({ items: [], total: 0 });
    expect((await f.rollback.snapshotUsage(f.projectId)).totalSnapshots).toBe(0);
    await f.rollback.cleanup();
    expect(f.named('rollback-point-expired')).toEqual([{ projectId: f.projectId, rollbackPointId: point.id }]);
    await f.clock.advance(DAY + 1);
    await f.rollback.cleanup();
    expect(await f.rollback.points.get(f.projectId, point.id)).toBeNull();
  });

  it('A6: keeps a point whose life is longer than a timer can be', async () => {
    const point = await f.point('long', { ttl: 30 * DAY });
    await f.clock.advance(60_000);
    await f.rollback.cleanup();
    expect((await f.rollback.points.list(f.projectId, 1, 10)).items.map(({ id }) => id)).toEqual([point.id]);
  });

  it('A7: lets the point give way that was not asked for for longest', async () => {
    await open({ settings: { maxPoints: 2 } });
    f.graph.set({ id: 'a' });
    const points = [];
    for (const name of ['P1', 'P2']) {
      points.push(await f.point(name));
      await f.clock.advance(1);
    }
    const [p1, p2] = points as unknown as [{ id: string }, { id: string }];
    await f.rollback.points.get(f.projectId, p1.id);
    await f.clock.advance(1);
    await f.point('P3');
    const { items, total } = await f.rollback.points.list(f.projectId, 1, 10);
    expect([items.map(({ name }) => name), total]).toEqual([['P3', 'P1'], 2]);
    expect(f.named('capacity-reached')).toEqual([{ projectId: f.projectId, currentSize: 2, maxSize: 2 }]);
    expect(f.named('rollback-point-evicted')).toEqual([{ projectId: f.projectId, rollbackPointId: p2.id }]);
    expect(await f.sql('SELECT 1 FROM rollback_snapshots WHERE point_id = $1', [p2.id])).toEqual([]);
    expect(await count('rollback_snapshots')).toBe(4);
  });

  it('A8: takes a snapshot of the greatest size and none above', async () => {
    f.graph.set({ id: 'ä', text: '€' });
    const { id } = await f.point('measured', { capture: ['entity'] });
    const [snapshot] = await f.rollback.points.snapshots(f.projectId, id);
    const size = snapshot?.size as number;
    expect(size).toBe(Buffer.byteLength('{"items":[{"key":"ä","value":{"id":"ä","text":"€"}}]}'));
    const create = (maxSnapshotSize: number) =>
      f.restart({ settings: { maxSnapshotSize } }).points.create(f.projectId, { name: 'x', capture: ['entity'] }, 'me');
    await create(size);
    const thrown = await error(create(size - 1));
    expect(thrown.code).toBe('SNAPSHOT_CAPTURE_FAILED');
    expect(thrown.cause).toMatchObject({
      code: 'SNAPSHOT_TOO_LARGE',
      details: { size, maxSize: size - 1, type: 'entity' },
    });
  });

  it('A10: goes in batches with pauses between them', async () => {
    const point = await changed(25);
    const preview = await f.rollback.operations.preview(f.projectId, point.id, { strategy: 'gradual' }, 'me');
    expect(preview.estimatedDuration).toBe(4_500);
    const pauses: number[] = [];
    const sleep = f.clock.sleep.bind(f.clock);
    f.clock.sleep = (ms, signal) => {
      // Whoever waits for the end sleeps as well: until it is too late for them.
      if (ms <= 1_000) pauses.push(f.graph.writes.length, ms);
      return sleep(ms, signal);
    };
    const operation = await f.run(point, { strategy: 'gradual' });
    expect(pauses).toEqual([10, 1_000, 20, 1_000]);
    expect(f.graph.writes).toHaveLength(25);
    const progress = f.named('rollback-progress').map((one) => (one as { progress: number }).progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect([progress.at(-1), operation.progress, operation.status]).toEqual([100, 100, 'completed']);
  });

  it('A11: refuses batches for five changes', async () => {
    const point = await changed(5);
    const operation = await f.run(point, { strategy: 'gradual' });
    expect(operation).toMatchObject({
      status: 'failed',
      error: { code: 'STRATEGY_VALIDATION_FAILED', details: { strategy: 'gradual', rollbackPointId: point.id } },
    });
    expect(f.graph.writes).toEqual([]);
    expect(f.named('rollback-failed')).toHaveLength(1);
  });

  it('A12: safe puts everything back when a write fails', async () => {
    const point = await changed(4);
    const before = f.graph.state;
    f.graph.beforeWrite = (n) => {
      if (n === 3) throw new Error('the disk is full');
    };
    const operation = await f.run(point, { strategy: 'safe' });
    expect(operation).toMatchObject({
      status: 'failed',
      error: { message: 'the disk is full' },
      result: { success: false, restored: 'old', appliedChanges: 0 },
    });
    expect(f.graph.state).toEqual(before);
    const said = operation.log.map(({ message }) => message);
    expect(said).toContain('the rollback failed: the disk is full');
    expect(said).toContain('the backup was restored: everything is as it was');
    expect(f.graph.writes).toEqual([
      'upsert entity:e000',
      'upsert entity:e001',
      'upsert entity:e002',
      'upsert entity:e001',
      'upsert entity:e000',
    ]);
    expect(await metrics()).toMatchObject({ failedRollbacks: 1, successfulRollbacks: 0 });
  });

  it.each([1, 2, 3, 4])('A12: safe leaves no trace of a fault at write %i', async (fault) => {
    const point = await changed(4);
    const before = f.graph.state;
    f.graph.beforeWrite = (n) => {
      if (n === fault) throw new Error('fault');
    };
    const operation = await f.run(point, { strategy: 'safe' });
    expect([operation.status, operation.result?.restored]).toEqual(['failed', 'old']);
    expect(f.graph.state).toEqual(before);
  });

  it('A13: safe refuses a point of eight days ago', async () => {
    const point = await changed(4, { ttl: 30 * DAY });
    await f.clock.advance(8 * DAY);
    const operation = await f.run(point, { strategy: 'safe' });
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'STRATEGY_VALIDATION_FAILED' } });
    expect(f.graph.writes).toEqual([]);
  });

  it('A14: recommends a strategy only where none is asked for, and says which one ran', async () => {
    const point = await changed(60);
    const first = await f.run(point);
    expect(first).toMatchObject({ status: 'completed', strategy: 'gradual' });
    f.graph.set(...numbered(60, 3));
    expect(await f.run(point, { strategy: 'immediate' })).toMatchObject({ status: 'completed', strategy: 'immediate' });
  });

  it('A15: stops between two changes when it is cancelled, for good', async () => {
    const point = await changed(100);
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    f.graph.beforeWrite = async (n) => {
      if (n !== 11) return;
      reached.resolve();
      await go.promise;
    };
    const { id } = await f.rollback.operations.start(f.projectId, point.id, { strategy: 'immediate' }, 'me');
    await reached.promise;
    const cancelling = f.rollback.operations.cancel(f.projectId, id, 'boss');
    const asked = async () => (await f.rollback.operations.existing(f.projectId, id)).cancelRequestedAt;
    await expect.poll(asked, { timeout: 20_000 }).not.toBeNull();
    go.resolve();
    expect((await cancelling).cancelled).toBe(true);
    expect(f.graph.writes).toHaveLength(11);
    expect((await f.rollback.operations.cancel(f.projectId, id, 'boss')).cancelled).toBe(false);
    const operation = await f.rollback.operations.existing(f.projectId, id);
    expect(operation).toMatchObject({
      status: 'cancelled',
      cancelledBy: 'boss',
      result: { success: false, appliedChanges: 11, partialSuccess: true },
    });
    expect(f.named('rollback-cancelled')).toHaveLength(1);
    expect([f.named('rollback-completed'), f.named('rollback-failed')]).toEqual([[], []]);
    expect(await metrics()).toMatchObject({ successfulRollbacks: 0, failedRollbacks: 0 });
  });

  /** Three changes, one of whose targets somebody changes between the comparison and the writes. */
  const interfered = async (
    conflictResolution: ResolutionStrategy,
    resolver?: (path: string) => ResolutionStrategy,
  ) => {
    const point = await changed(3);
    let asked = 0;
    const read = f.graph.getEntities.bind(f.graph);
    f.graph.getEntities = async (executor, projectId, ids) => {
      if (ids !== undefined) f.graph.set({ id: 'e001', v: 7 });
      return read(executor, projectId, ids);
    };
    const answer = resolver && {
      resolver: ({ path }: { path: string }) => {
        asked += 1;
        return { strategy: resolver(path) };
      },
    };
    const operation = await f.run(point, { strategy: 'immediate', conflictResolution }, answer);
    return { operation, asked };
  };

  it('A16: abort writes nothing and names the conflict', async () => {
    const { operation } = await interfered('abort');
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_CONFLICT' } });
    expect(operation.error?.details.conflicts).toEqual([
      {
        path: 'entity:e001',
        type: 'value_mismatch',
        currentValue: { id: 'e001', v: 7 },
        rollbackValue: { id: 'e001', v: 1 },
      },
    ]);
    expect(f.graph.writes).toEqual([]);
    expect(f.named('conflict-detected')).toHaveLength(1);
  });

  it('A16: skip leaves the altered one and applies the others', async () => {
    const { operation } = await interfered('skip');
    expect(operation).toMatchObject({
      status: 'completed',
      result: { success: true, rolledBackEntities: 2, skipped: ['entity:e001'], partialSuccess: true },
    });
    expect(Object.values(f.graph.state).map(({ v }) => v)).toEqual([1, 7, 1]);
    expect(await metrics()).toMatchObject({ conflictsFound: 1, conflictsResolved: 1 });
  });

  it('A16: overwrite applies all three', async () => {
    f.graph.beforeWrite = () => undefined;
    const { operation } = await interfered('overwrite');
    expect(operation).toMatchObject({
      status: 'completed',
      result: { success: true, rolledBackEntities: 3, skipped: [] },
    });
    expect(Object.values(f.graph.state).map(({ v }) => v)).toEqual([1, 1, 1]);
    expect(
      operation.log.some(({ level, message }) => level === 'warn' && message === 'entity:e001 is overwritten'),
    ).toBe(true);
  });

  it('A17: asking without anybody to answer is a conflict', async () => {
    const { operation } = await interfered('ask_user');
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_CONFLICT' } });
    expect(f.graph.writes).toEqual([]);
  });

  it('A17: whoever answers is asked once, and obeyed', async () => {
    const { operation, asked } = await interfered('ask_user', () => 'skip');
    expect(operation).toMatchObject({
      status: 'completed',
      result: { rolledBackEntities: 2, skipped: ['entity:e001'] },
    });
    expect(asked).toBe(1);
    expect(Object.values(f.graph.state).map(({ v }) => v)).toEqual([1, 7, 1]);
  });

  it('A18: applies what is selected and nothing else, and says what it needs', async () => {
    const link: GraphRelationship = { id: 'user-auth-depends', from: 'user-service', to: 'auth-service' };
    f.graph.set({ id: 'user-service', v: 1 }, { id: 'auth-service', v: 1 }).connect(link);
    const point = await f.point();
    f.graph.set({ id: 'user-service', v: 2 }, { id: 'auth-service', v: 2 }).relationships.clear();
    const partialSelections = [
      { type: 'entity' as const, identifiers: ['user-service'], priority: 10 },
      { type: 'component' as const, identifiers: ['auth'], includePattern: '/auth/', priority: 5 },
    ];
    const preview = (more: object) =>
      f.rollback.operations.preview(f.projectId, point.id, { type: 'partial', partialSelections, ...more }, 'me');
    expect(await preview({})).toMatchObject({
      strategy: 'partial',
      totalChanges: 1,
      affectedItems: { entities: ['entity:user-service'], relationships: [], files: [] },
      estimatedDuration: 1_075,
      problems: [],
    });
    const dependencyGraph = {
      dependencies: { 'entity:user-service': ['entity:auth-service'] },
      reverseDependencies: { 'entity:auth-service': ['entity:user-service'] },
    };
    const { dependencies, problems } = await preview({ dependencyGraph });
    expect(dependencies).toEqual({ required: ['entity:auth-service'], affected: [], circular: [] });
    expect(problems[0]).toContain('entity:auth-service');
    expect(await preview({ dependencyGraph, allowMissingDependencies: true })).toMatchObject({ problems: [] });
    const operation = await f.run(point, { type: 'partial', partialSelections });
    expect(operation).toMatchObject({ status: 'completed', strategy: 'partial', result: { rolledBackEntities: 1 } });
    expect(f.graph.writes).toEqual(['upsert entity:user-service']);
    expect([f.graph.state['auth-service'], f.graph.relationships.size]).toEqual([{ id: 'auth-service', v: 2 }, 0]);
  });

  it('A19: applies what was changed in the given time', async () => {
    f.graph.set({ id: 'early', v: 1 }, { id: 'late', v: 1 });
    const point = await f.point();
    await f.clock.advance(DAY - 1_000);
    const ago = (ms: number) => new Date(f.clock.now().getTime() - ms).toISOString();
    f.graph.set({ id: 'early', v: 2 }, { id: 'late', v: 2 });
    f.graph.times.set('late', ago(2 * 60_000)).set('early', ago(23 * 3_600_000));
    const timebasedFilter = { rollbackToTimestamp: ago(10 * 60_000), maxChangeAge: 30 * 60_000 };
    const operation = await f.run(point, { type: 'selective', timebasedFilter });
    expect(operation).toMatchObject({ status: 'completed', strategy: 'time_based', result: { rolledBackEntities: 1 } });
    expect(f.graph.state).toEqual({ early: { id: 'early', v: 2 }, late: { id: 'late', v: 1 } });
  });

  it('A19: refuses a filter that has an upper bound alone', async () => {
    const point = await changed(1);
    const timebasedFilter = { excludeChangesAfter: f.clock.now().toISOString() };
    expect(await f.run(point, { type: 'selective', timebasedFilter })).toMatchObject({
      status: 'failed',
      error: { code: 'STRATEGY_VALIDATION_FAILED' },
    });
    expect(f.graph.writes).toEqual([]);
  });

  it('A23: goes back after a restart to a point made before, apart from other projects', async () => {
    const point = await changed(3);
    const other = await f.rollback.points.create(f.otherProjectId, { name: 'theirs' }, 'them');
    const restarted = f.restart();
    expect(await restarted.points.snapshots(f.projectId, point.id)).toHaveLength(2);
    const { id } = await restarted.operations.start(f.projectId, point.id, {}, 'me');
    const operation = await f.ended({ id } as Parameters<RollbackFixture['ended']>[0]);
    expect(operation).toMatchObject({ status: 'completed', progress: 100 });
    expect(Object.values(f.graph.state).map(({ v }) => v)).toEqual([1, 1, 1]);
    expect(await f.rollback.points.get(f.otherProjectId, point.id)).toBeNull();
    expect((await f.rollback.points.list(f.otherProjectId, 1, 10)).items.map((one) => one.id)).toEqual([other.id]);
    expect(await f.rollback.points.delete(f.projectId, point.id, 'me')).toBe(true);
    expect(await f.rollback.operations.existing(f.projectId, id)).toMatchObject({
      targetRollbackPointId: point.id,
      targetRollbackPointName: 'before',
    });
    expect(await f.rollback.points.get(f.otherProjectId, other.id)).not.toBeNull();
  });

  it('A24: keeps the newest points of a session and makes checkpoints by count, whatever listeners do', async () => {
    await open({
      notifier: {
        send: async () => {
          throw new Error('nobody is there');
        },
      },
    });
    f.rollback.events.on('rollback-point-created', () => {
      throw new Error('the audit is broken');
    });
    f.graph.set({ id: 'a' });
    const session = await f.sessions.create(f.projectId, { title: 'Work with points', initialPrompt: 'do it' }, 'me');
    const made: string[] = [];
    for (let n = 1; n <= 21; n++) {
      made.push((await f.point(`P${n}`, { sessionId: session.id })).id);
      await f.clock.advance(1);
    }
    const { rollbackPoints, checkpoints } = await f.rollback.sessionHistory(f.projectId, session.id);
    expect(rollbackPoints.map(({ id }) => id)).toEqual(made.slice(1).reverse());
    expect(await f.rollback.points.get(f.projectId, made[0] as string)).toBeNull();
    expect(checkpoints.map(({ metadata }) => metadata.rollbackPointCount)).toEqual([20, 15, 10, 5]);
    expect(checkpoints.map(({ metadata }) => metadata.rollbackPointId)).toEqual([made[19], made[14], made[9], made[4]]);
  });
});
