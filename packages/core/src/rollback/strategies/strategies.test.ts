import { beforeEach, describe, expect, it } from 'vitest';
import type { DiffEntry } from '../diff/index.ts';
import { RunStopped } from '../operations/rollback-run.ts';
import type { Snapshot } from '../points/snapshot.ts';
import { pointMadeAt, RunWorld } from '../testing/run-harness.ts';
import { forceStrategy } from './force-strategy.ts';
import { gradualStrategy } from './gradual-strategy.ts';
import { immediateStrategy } from './immediate-strategy.ts';
import { partialStrategy } from './partial-strategy.ts';
import { safeStrategy } from './safe-strategy.ts';
import type { Strategy } from './strategy.ts';
import { timeBasedStrategy } from './time-based-strategy.ts';

const DAY = 86_400_000;
let world: RunWorld;
beforeEach(() => {
  world = new RunWorld();
});

/** Updates of entities from 2 to 1, which are there. */
function updates(n: number, metadata?: Record<string, unknown>): DiffEntry[] {
  return Array.from({ length: n }, (_, at) => {
    world.set(`entity:e${at}`, { v: 2 });
    return {
      path: `entity:e${at}`,
      operation: 'update' as const,
      oldValue: { v: 2 },
      newValue: { v: 1 },
      ...(metadata && { metadata }),
    };
  });
}
const values = () => Object.values(world.state).map((value) => (value as { v: number }).v);
const said = () => world.log.map(({ level, message }) => `${level}: ${message}`);
const refusal = (strategy: Strategy, changes: DiffEntry[], input = {}, more = {}) => {
  const context = world.context(changes, input, more);
  return strategy.refusal(context, strategy.plan(context));
};

describe('immediate', () => {
  it('applies everything, and tells how far it is', async () => {
    const { run, error } = await world.carryOut(immediateStrategy, updates(4));
    expect([error, values()]).toEqual([null, [1, 1, 1, 1]]);
    expect(world.progress).toEqual([25, 50, 75, 100]);
    expect(run.result(true)).toMatchObject({
      success: true,
      totalChanges: 4,
      appliedChanges: 4,
      rolledBackEntities: 4,
      partialSuccess: false,
      restored: null,
    });
    expect(said()).toEqual(['info: applied 4 of 4 change(s)']);
    expect([refusal(immediateStrategy, []), world.backups]).toEqual([null, 0]);
  });

  it('goes on after a change that failed, and names it', async () => {
    world.beforeWrite = (n) => {
      if (n === 2) throw new Error('no room');
    };
    const { run, error } = await world.carryOut(immediateStrategy, updates(3));
    expect([error, values()]).toEqual([null, [1, 2, 1]]);
    expect(run.result(true)).toMatchObject({
      success: false,
      appliedChanges: 2,
      partialSuccess: true,
      errors: [{ type: 'entity', id: 'e1', action: 'update', code: 'INTERNAL', error: 'no room', recoverable: false }],
    });
    expect(said()[0]).toBe('error: entity:e1 could not be written: no room');
  });

  it('writes nothing when one of the changes is in conflict', async () => {
    const changes = updates(3);
    world.set('entity:e1', { v: 7 });
    const { error } = await world.carryOut(immediateStrategy, changes);
    expect(error).toMatchObject({ code: 'ROLLBACK_CONFLICT', details: { count: 1, paths: ['entity:e1'] } });
    expect(world.writes).toEqual([]);
    expect(said()).toEqual(['warn: 1 change(s) are in conflict with what is there']);
    expect(world.log[0]?.data).toEqual({ value_mismatch: 1 });
  });
});

describe('gradual', () => {
  it('wants more than five changes', () => {
    expect(refusal(gradualStrategy, updates(5))).toContain('5 change(s) are too few');
    expect(refusal(gradualStrategy, updates(6))).toBeNull();
  });

  it('pauses between batches and not after the last', async () => {
    const began = world.clock.monotonic();
    await world.carryOut(gradualStrategy, updates(7), { batchSize: 3, delayBetweenBatches: 1_000 });
    expect(values()).toEqual(Array(7).fill(1));
    expect(world.clock.monotonic() - began).toBeGreaterThanOrEqual(2_000);
    expect(world.clock.monotonic() - began).toBeLessThan(3_000);
    expect(world.progress.at(-1)).toBe(100);
    expect(said()).toEqual(['debug: batch 1 is applied', 'debug: batch 2 is applied', 'debug: batch 3 is applied']);
  });

  it('finds what would be in conflict in the last batch before the first is written', async () => {
    const changes = updates(7);
    world.set('entity:e6', { v: 7 });
    const { error } = await world.carryOut(gradualStrategy, changes, { batchSize: 3 });
    expect(error).toMatchObject({ code: 'ROLLBACK_CONFLICT' });
    expect(world.writes).toEqual([]);
  });

  it('looks again at each batch: what changed meanwhile is settled anew, and only that', async () => {
    const changes = updates(7);
    world.beforeWrite = (n) => {
      if (n === 1) world.set('entity:e6', { v: 7 });
    };
    const { run } = await world.carryOut(gradualStrategy, changes, { batchSize: 3 }, { strategy: 'skip' });
    expect(values()).toEqual([1, 1, 1, 1, 1, 1, 7]);
    expect(run.result(true)).toMatchObject({
      success: true,
      skipped: ['entity:e6'],
      appliedChanges: 6,
      partialSuccess: true,
    });
    expect(world.conflicts).toHaveLength(1);
  });

  it('stops in a pause when it is cancelled', async () => {
    world.beforeWrite = (n) => {
      if (n === 3) world.cancel();
    };
    const { error } = await world.carryOut(gradualStrategy, updates(7), { batchSize: 3, delayBetweenBatches: 60_000 });
    expect(error).toBeInstanceOf(RunStopped);
    expect(world.writes).toHaveLength(3);
  });
});

describe('safe', () => {
  it('makes a backup before the first write, and reads back each change', async () => {
    world.beforeWrite = () => {
      expect(world.backups).toBe(1);
    };
    const { run, error } = await world.carryOut(safeStrategy, updates(3));
    expect([error, values(), world.backups]).toEqual([null, [1, 1, 1], 1]);
    expect(world.progress).toEqual([10, 20, 30, 50, 70, 90, 100]);
    expect(run.result(true)).toMatchObject({ success: true, appliedChanges: 3, restored: null });
  });

  it('reaches its end also when there is nothing to do', async () => {
    await world.carryOut(safeStrategy, []);
    expect(world.progress).toEqual([10, 20, 30, 100]);
  });

  it.each([1, 2, 3])('puts everything back when write %i fails', async (fault) => {
    world.beforeWrite = (n) => {
      if (n === fault) throw new Error('fault');
    };
    const { run, error } = await world.carryOut(safeStrategy, updates(3));
    expect([(error as Error).message, values()]).toEqual(['fault', [2, 2, 2]]);
    expect(run.result(false)).toMatchObject({
      success: false,
      restored: 'old',
      appliedChanges: 0,
      errors: [{ error: 'fault' }],
    });
    expect(said()).toContain('error: the rollback failed: fault');
    expect(said()).toContain('info: the backup was restored: everything is as it was');
  });

  it('puts back what came and what went', async () => {
    world.set('entity:new', 1).set('entity:z', { v: 2 });
    const changes: DiffEntry[] = [
      { path: 'entity:new', operation: 'delete', oldValue: 1, newValue: undefined },
      { path: 'entity:gone', operation: 'create', oldValue: undefined, newValue: 2 },
      { path: 'entity:z', operation: 'update', oldValue: { v: 2 }, newValue: { v: 1 } },
    ];
    const before = world.state;
    world.beforeWrite = (n) => {
      if (n === 3) throw new Error('fault');
    };
    await world.carryOut(safeStrategy, changes);
    expect(world.state).toEqual(before);
  });

  it('leaves what somebody else wrote meanwhile, and says so', async () => {
    world.beforeWrite = (n) => {
      if (n !== 3) return;
      world.set('entity:e0', { v: 'theirs' });
      throw new Error('fault');
    };
    const { run } = await world.carryOut(safeStrategy, updates(3));
    expect(values()).toEqual(['theirs', 2, 2]);
    expect(run.result(false).restored).toBe('partial');
    expect(said()).toContain('warn: the backup was restored, apart from what somebody else changed meanwhile');
  });

  it('tells both errors when the backup cannot be restored either', async () => {
    world.beforeWrite = (n) => {
      if (n >= 2) throw new Error(`fault ${n}`);
    };
    const { error } = await world.carryOut(safeStrategy, updates(2));
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as Error).message).toBe('fault 2; and the backup could not be restored: fault 3');
    expect((error as AggregateError).errors).toHaveLength(2);
    expect(said()).toContain('error: the backup could not be restored: fault 3');
  });

  it('finds out that what it wrote did not stay', async () => {
    world.forgetful = true;
    const { error } = await world.carryOut(safeStrategy, updates(2));
    expect(error).toMatchObject({ code: 'ROLLBACK_VERIFICATION_FAILED', details: { paths: ['entity:e0'] } });
  });

  it('looks at everything once more in the end', async () => {
    let reads = 0;
    const changes = updates(2);
    world.beforeRead = () => {
      reads += 1;
      // Before all is compared: settled, read back twice, then this.
      if (world.writes.length === 2 && reads === 4) world.set('entity:e0', { v: 3 });
    };
    const { error } = await world.carryOut(safeStrategy, changes);
    expect(error).toMatchObject({ code: 'ROLLBACK_VERIFICATION_FAILED', details: { paths: ['entity:e0'] } });
    expect(values()).toEqual([3, 2]);
  });

  it.each<[string, Partial<DiffEntry>]>([
    ['names nothing', { path: 'odd' }],
    ['deletes to something', { operation: 'delete', newValue: 1 }],
    ['updates to nothing', { operation: 'update', newValue: undefined }],
  ])('refuses a change that %s before it writes', async (_, bad) => {
    const { error } = await world.carryOut(safeStrategy, [
      ...updates(1),
      { path: 'entity:x', operation: 'update', oldValue: 1, newValue: 2, ...bad },
    ]);
    expect(error).toMatchObject({ code: 'DIFF_NOT_APPLICABLE' });
    expect(world.writes).toEqual([]);
  });

  it('puts back what it wrote when it is cancelled, and nothing when it is not its own any more', async () => {
    const cancelled = (why: 'cancelled' | 'lost') => async () => {
      world = new RunWorld();
      world.beforeWrite = (n) => {
        if (n === 2) world.cancel(why);
      };
      const { run, error } = await world.carryOut(safeStrategy, updates(4));
      expect(error).toBeInstanceOf(RunStopped);
      return [values(), run.result(false).restored];
    };
    expect(await cancelled('cancelled')()).toEqual([[2, 2, 2, 2], 'old']);
    expect(await cancelled('lost')()).toEqual([[1, 1, 2, 2], 'partial']);
  });

  it('refuses points older than seven days, and warns of snapshots without a checksum', () => {
    const at = (age: number) => ({ point: pointMadeAt(new Date(world.clock.now().getTime() - age)) });
    expect(refusal(safeStrategy, [], {}, at(7 * DAY))).toBeNull();
    expect(refusal(safeStrategy, [], {}, at(7 * DAY + 1))).toContain('7 days');
    const snapshots = [
      { id: 's1', checksum: '' },
      { id: 's2', checksum: 'abc' },
    ] as Snapshot[];
    expect(safeStrategy.plan(world.context([], {}, { snapshots })).warnings).toEqual([
      'the snapshot s1 has no checksum',
    ]);
  });
});

describe('force', () => {
  it('wants to be confirmed', () => {
    expect(refusal(forceStrategy, [], {})).toContain('confirm');
    expect(refusal(forceStrategy, [], { confirm: true })).toBeNull();
    expect(forceStrategy.plan(world.context([])).warnings).toEqual(['force looks for no conflicts']);
  });

  it('writes over whatever is there, without a look for conflicts', async () => {
    const changes = updates(3);
    world.set('entity:e1', { v: 7 });
    const { run } = await world.carryOut(forceStrategy, changes);
    expect([values(), world.conflicts]).toEqual([[1, 1, 1], []]);
    expect(run.result(true)).toMatchObject({ success: true, totalChanges: 3, appliedChanges: 3 });
    expect(world.progress).toEqual([33, 66, 100]);
    expect(said()).toEqual(['info: applied 3 change(s); nothing was validated']);
  });

  it('says that the state may be inconsistent when a write failed', async () => {
    world.beforeWrite = (n) => {
      if (n === 1) throw new Error('no');
    };
    await world.carryOut(forceStrategy, updates(2));
    expect(said()).toContain('error: 1 change(s) failed; the state may be inconsistent');
  });
});

describe('partial', () => {
  const partialSelections = [{ type: 'entity' as const, identifiers: ['e1', 'e2'] }];

  it('applies what is selected and nothing else', async () => {
    const { run } = await world.carryOut(partialStrategy, updates(4), { type: 'partial', partialSelections });
    expect(values()).toEqual([2, 1, 1, 2]);
    expect(world.progress).toEqual([10, 20, 30, 65, 100]);
    expect(run.result(true)).toMatchObject({ success: true, totalChanges: 2, appliedChanges: 2 });
    expect(said()).toEqual(['info: applied 2 selected change(s); 2 stay']);
  });

  it('refuses to run on nothing, and without what is needed', () => {
    const changes = updates(3);
    expect(refusal(partialStrategy, changes, { type: 'partial' })).toContain('nothing is selected');
    const none = [{ type: 'entity' as const, identifiers: ['x'] }];
    expect(refusal(partialStrategy, changes, { partialSelections: none })).toContain('match none');
    expect(
      partialStrategy.plan(world.context(changes, { partialSelections: [...none, ...partialSelections] })).warnings,
    ).toEqual(['the entity selection x matches none of the changes']);
    const graph = { dependencies: { 'entity:e1': ['entity:e0', 'entity:unchanged'] }, reverseDependencies: {} };
    expect(refusal(partialStrategy, changes, { partialSelections }, { graph })).toContain('not selected: entity:e0;');
    expect(
      refusal(partialStrategy, changes, { partialSelections, allowMissingDependencies: true }, { graph }),
    ).toBeNull();
    const outside = { dependencies: { 'entity:e1': ['entity:unchanged'] }, reverseDependencies: {} };
    expect(refusal(partialStrategy, changes, { partialSelections }, { graph: outside })).toBeNull();
  });

  it('finds several changes of one path', async () => {
    const changes = updates(2);
    const twice = { ...changes[1], newValue: { v: 0 } } as DiffEntry;
    const { error } = await world.carryOut(partialStrategy, [...changes, twice], { partialSelections });
    expect(error).toMatchObject({ code: 'ROLLBACK_CONFLICT', details: { paths: ['entity:e1'] } });
    expect(world.conflicts[0]).toMatchObject({
      type: 'value_mismatch',
      context: { multipleChanges: true },
      currentValue: { v: 2 },
    });
  });
});

describe('time-based', () => {
  it('applies what is within the time, the newest first', async () => {
    const at = (ms: number) => new Date(world.clock.now().getTime() - ms).toISOString();
    const changes = updates(3).map((change, n) => ({
      ...change,
      metadata: { timestamp: at([5_000, 99_000_000, 1_000][n] as number) },
    }));
    const timebasedFilter = { maxChangeAge: 60_000 };
    const { run } = await world.carryOut(timeBasedStrategy, changes, { type: 'selective', timebasedFilter });
    expect(world.writes).toEqual(['put entity:e2', 'put entity:e0']);
    expect(world.progress).toEqual([15, 25, 35, 67, 100]);
    expect(run.result(true)).toMatchObject({ totalChanges: 2, appliedChanges: 2 });
    expect(said()).toEqual(['info: applied 2 change(s) of that time']);
  });

  it('refuses to run without a lower bound', () => {
    expect(refusal(timeBasedStrategy, updates(1))).toContain('no filter');
    expect(
      refusal(timeBasedStrategy, updates(1), { timebasedFilter: { excludeChangesAfter: '2026-01-01T00:00:00.000Z' } }),
    ).toContain('from when on');
    expect(refusal(timeBasedStrategy, updates(1), { timebasedFilter: { maxChangeAge: 1 } })).toBeNull();
  });

  it('says how many changes have no time', () => {
    const warnings = (timebasedFilter: { maxChangeAge: number; undated?: 'exclude' }) =>
      timeBasedStrategy.plan(world.context(updates(2), { timebasedFilter })).warnings;
    expect(warnings({ maxChangeAge: 1 })).toEqual(['2 change(s) have no time and are included']);
    expect(warnings({ maxChangeAge: 1, undated: 'exclude' })).toEqual(['2 change(s) have no time and are left out']);
    expect(timeBasedStrategy.plan(world.context([])).changes).toEqual([]);
    const dated = updates(1, { timestamp: world.clock.now().toISOString() });
    expect(timeBasedStrategy.plan(world.context(dated, { timebasedFilter: { maxChangeAge: 1 } })).warnings).toEqual([]);
  });
});

describe('every run', () => {
  it('stops between two changes when it is cancelled', async () => {
    world.beforeWrite = (n) => {
      if (n === 2) world.cancel();
    };
    const { run, error } = await world.carryOut(immediateStrategy, updates(4));
    expect(error).toMatchObject({ why: 'cancelled', message: 'the rollback was cancelled' });
    expect(values()).toEqual([1, 1, 2, 2]);
    expect(run.result(false)).toMatchObject({
      success: false,
      appliedChanges: 2,
      partialSuccess: true,
      restored: null,
    });
  });

  it('stops when its time is over, and says how far it came', async () => {
    world.beforeWrite = () => world.clock.advance(100);
    const { error } = await world.carryOut(immediateStrategy, updates(4), { maxDuration: 150 });
    expect(error).toMatchObject({ code: 'ROLLBACK_TIMEOUT', details: { maxDuration: 150, total: 4 } });
    expect((error as { details: { applied: number } }).details.applied).toBe(world.writes.length);
    expect(world.writes.length).toBeLessThan(4);
  });

  it('takes a refusal to write for a conflict of rights', async () => {
    const { SignalboxError } = await import('../../platform/errors/index.ts');
    world.beforeWrite = () => {
      throw new SignalboxError('FORBIDDEN', { role: 'viewer', action: 'write', needed: 'operator' });
    };
    const { run } = await world.carryOut(immediateStrategy, updates(1));
    expect(world.conflicts).toEqual([
      { path: 'entity:e0', type: 'permission_denied', currentValue: undefined, rollbackValue: { v: 1 } },
    ]);
    expect(run.result(true).errors[0]).toMatchObject({ code: 'FORBIDDEN', recoverable: false });
  });

  it('does not write over what somebody changed after it was looked at', async () => {
    world.beforeWrite = (n) => {
      if (n === 1) world.set('entity:e1', { v: 7 });
    };
    const { run } = await world.carryOut(immediateStrategy, updates(2));
    expect(values()).toEqual([1, 7]);
    expect(run.result(true).errors[0]).toMatchObject({ code: 'ROLLBACK_WRITE_STALE', id: 'e1', recoverable: true });
  });

  it('moves files: the new place first, then the old one', async () => {
    world.set('file:a', { oid: '1' });
    const move: DiffEntry = {
      path: 'file:a',
      operation: 'move',
      oldValue: { oid: '1' },
      newValue: { oid: '1' },
      metadata: { to: 'file:b' },
    };
    const { run, error } = await world.carryOut(safeStrategy, [move]);
    expect([error, world.writes, world.state]).toEqual([
      null,
      ['put file:b', 'remove file:a'],
      { 'file:b': { oid: '1' } },
    ]);
    expect(run.result(true)).toMatchObject({ success: true, appliedChanges: 1, rolledBackEntities: 0 });
  });

  it('counts entities and relationships apart', async () => {
    world.set('entity:a', { id: 'a' }).set('entity:b', { id: 'b' });
    const link = { id: 'r', from: 'a', to: 'b' };
    const changes: DiffEntry[] = [
      ...updates(1),
      { path: 'relationship:r', operation: 'create', oldValue: undefined, newValue: link },
    ];
    const { run } = await world.carryOut(immediateStrategy, changes);
    expect(run.result(true)).toMatchObject({ rolledBackEntities: 1, rolledBackRelationships: 1, appliedChanges: 2 });
  });

  it('writes nothing where all is as it shall be, and counts that as applied', async () => {
    const changes = updates(1);
    world.set('entity:e0', { v: 1 });
    const { run } = await world.carryOut(immediateStrategy, changes);
    expect([world.writes, run.result(true)]).toMatchObject([[], { success: true, appliedChanges: 1 }]);
  });

  it('never goes back in what it tells', async () => {
    const run = world.run(world.context([]));
    for (const percent of [10.7, 5, 10.2, 11, 250, 100, -5]) await run.progress(percent);
    expect(world.progress).toEqual([10, 11, 100]);
  });
});
