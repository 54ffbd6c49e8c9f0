import { beforeEach, describe, expect, it } from 'vitest';
import type { ConflictResolution, MergeContext, MergeResult, RollbackConflict } from '../conflicts/index.ts';
import type { DiffEntry } from '../diff/index.ts';
import { resolutionOf } from './plan-rollback.ts';
import { rollbackOptionsSchema } from './rollback-operation.ts';
import { findConflicts, overtaken, type SettleParts, settleConflicts } from './settle-conflicts.ts';

let live: Map<string, unknown>;
let found: RollbackConflict[];
let warnings: [string, unknown][];
let merges: [RollbackConflict, MergeContext][];
beforeEach(() => {
  live = new Map();
  found = [];
  warnings = [];
  merges = [];
});

const update = (path: string, newValue: unknown = 1, oldValue: unknown = 2): DiffEntry => ({
  path,
  operation: 'update',
  oldValue,
  newValue,
});
const merged = (more: Partial<MergeResult> = {}): MergeResult => ({
  success: true,
  mergedValue: 'both',
  strategy: 'merge',
  confidence: 95,
  warnings: [],
  appliedChanges: { kept: [], discarded: [], merged: [] },
  ...more,
});
const parts = (
  resolution: ConflictResolution,
  more: Partial<SettleParts> & { result?: MergeResult } = {},
): SettleParts => ({
  read: async (paths) =>
    new Map([...paths].flatMap((path) => (live.has(path) ? [[path, live.get(path)] as const] : []))),
  graph: async () => null,
  resolution,
  merge: (conflict, context) => {
    merges.push([conflict, context]);
    return more.result ?? merged();
  },
  onConflict: (conflict) => found.push(conflict),
  warn: (message, data) => warnings.push([message, data]),
  ...more,
});
const three = () => {
  live.set('entity:a', 2).set('entity:b', 7).set('entity:c', 2);
  return [update('entity:a'), update('entity:b'), update('entity:c')];
};
const paths = (settled: { change: DiffEntry }[]) => settled.map(({ change }) => change.path);

describe('settling conflicts', () => {
  it('lets everything pass where there are none, with what is there', async () => {
    live.set('entity:a', 2);
    const change = update('entity:a');
    expect(await settleConflicts(parts({ strategy: 'abort' }), [change])).toEqual({
      settled: [{ change, value: 1, expected: 2 }],
      skipped: [],
      found: 0,
      resolved: 0,
    });
    expect([found, warnings]).toEqual([[], []]);
  });

  it('aborts with all of them', async () => {
    const changes = three();
    live.delete('entity:c');
    const settling = settleConflicts(parts({ strategy: 'abort' }), changes);
    await expect(settling).rejects.toMatchObject({
      code: 'ROLLBACK_CONFLICT',
      details: {
        count: 2,
        paths: ['entity:b', 'entity:c'],
        conflicts: [
          { path: 'entity:b', type: 'value_mismatch', currentValue: 7, rollbackValue: 1 },
          { path: 'entity:c', type: 'missing_target', rollbackValue: 1 },
        ],
      },
    });
    expect(found.map(({ path }) => path)).toEqual(['entity:b', 'entity:c']);
    expect(warnings).toEqual([
      ['2 change(s) are in conflict with what is there', { value_mismatch: 1, missing_target: 1 }],
    ]);
  });

  it('skips those and no others', async () => {
    const settlement = await settleConflicts(parts({ strategy: 'skip' }), three());
    expect(settlement).toMatchObject({ skipped: ['entity:b'], found: 1, resolved: 1 });
    expect(paths(settlement.settled)).toEqual(['entity:a', 'entity:c']);
  });

  it('overwrites, over what is there', async () => {
    const { settled } = await settleConflicts(parts({ strategy: 'overwrite' }), three());
    expect(settled[1]).toMatchObject({ value: 1, expected: 7 });
    expect(warnings.at(-1)).toEqual(['entity:b is overwritten', undefined]);
  });

  it('merges, with what both come from', async () => {
    const { settled } = await settleConflicts(parts({ strategy: 'merge' }), three());
    expect(settled[1]).toMatchObject({ value: 'both', expected: 7 });
    expect(merges).toEqual([
      [
        { path: 'entity:b', type: 'value_mismatch', currentValue: 7, rollbackValue: 1 },
        { path: ['entity:b'], base: 2 },
      ],
    ]);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    [69, 2],
    [70, 1],
  ])('warns of a merge with a confidence of %i: %i warnings', async (confidence, count) => {
    const result = merged({ confidence, warnings: ['guessed'] });
    const { settled } = await settleConflicts(parts({ strategy: 'merge' }, { result }), three());
    expect([settled.length, warnings.length]).toEqual([3, count]);
    if (count === 2)
      expect(warnings[1]).toEqual(['entity:b is merged with a confidence of 69 only', { warnings: ['guessed'] }]);
  });

  it('fails as a conflict when the merge fails', async () => {
    const settling = settleConflicts(parts({ strategy: 'merge' }, { result: merged({ success: false }) }), three());
    await expect(settling).rejects.toMatchObject({ code: 'ROLLBACK_CONFLICT' });
  });

  it('asks, and obeys the answer', async () => {
    const asked: string[] = [];
    const resolver = async ({ path }: RollbackConflict) => {
      asked.push(path);
      return { strategy: 'skip' as const };
    };
    const settlement = await settleConflicts(parts({ strategy: 'ask_user', resolver }), three());
    expect([asked, settlement.skipped]).toEqual([['entity:b'], ['entity:b']]);
  });

  it('fails when it is asked back, and when there is nobody to ask', async () => {
    const resolver = () => ({ strategy: 'ask_user' as const });
    await expect(settleConflicts(parts({ strategy: 'ask_user', resolver }), three())).rejects.toMatchObject({
      code: 'ROLLBACK_CONFLICT',
    });
    await expect(settleConflicts(parts({ strategy: 'ask_user' }), three())).rejects.toMatchObject({
      code: 'ROLLBACK_CONFLICT',
    });
  });

  it('asks nobody where the resolution is another', async () => {
    const resolver = () => {
      throw new Error('not asked for');
    };
    expect((await settleConflicts(parts({ strategy: 'skip', resolver }), three())).skipped).toEqual(['entity:b']);
  });

  it('looks again at the rest once something is left out', async () => {
    const link = { id: 'r', from: 'x', to: 'y' };
    live.set('entity:x', 9);
    const changes: DiffEntry[] = [
      { path: 'entity:x', operation: 'create', oldValue: undefined, newValue: { id: 'x' } },
      { path: 'relationship:r', operation: 'create', oldValue: undefined, newValue: link },
    ];
    const graph = async () => ({ entityIds: new Set(['y']), relationships: [] });
    const settlement = await settleConflicts(parts({ strategy: 'skip' }, { graph }), changes);
    expect(settlement).toMatchObject({ settled: [], skipped: ['entity:x', 'relationship:r'], found: 2 });
  });

  it('asks for the graph only where changes are of it', async () => {
    const graph = async () => {
      throw new Error('not needed');
    };
    live.set('file:entity:a', 2);
    expect(
      (await settleConflicts(parts({ strategy: 'abort' }, { graph }), [update('file:entity:a')])).settled,
    ).toHaveLength(1);
    await expect(settleConflicts(parts({ strategy: 'abort' }, { graph }), [update('relationship:a')])).rejects.toThrow(
      'not needed',
    );
  });

  it('takes what is known beforehand into account, with what is there', async () => {
    live.set('entity:a', 2);
    const known: RollbackConflict[] = [
      {
        path: 'entity:a',
        type: 'value_mismatch',
        currentValue: 'old news',
        rollbackValue: 1,
        context: { multipleChanges: true },
      },
      { path: 'entity:elsewhere', type: 'value_mismatch', currentValue: 1, rollbackValue: 1 },
    ];
    expect(await findConflicts(parts({ strategy: 'abort' }), [update('entity:a')], known)).toEqual([
      { ...known[0], currentValue: 2 },
    ]);
    const { settled, skipped } = await settleConflicts(parts({ strategy: 'skip' }), [update('entity:a')], known);
    expect([settled, skipped]).toEqual([[], ['entity:a']]);
    const over = await settleConflicts(
      parts({ strategy: 'overwrite' }),
      [update('entity:a', 5), update('entity:a', 6)],
      known,
    );
    expect(over.settled).toMatchObject([{ value: 1, expected: 2 }]);
  });

  it('follows several changes of one path one after the other', async () => {
    live.set('entity:a', 3);
    const { settled } = await settleConflicts(parts({ strategy: 'abort' }), [
      update('entity:a', 2, 3),
      update('entity:a', 1, 2),
    ]);
    expect(settled).toMatchObject([
      { value: 2, expected: 3 },
      { value: 1, expected: 2 },
    ]);
  });
});

describe('what was settled', () => {
  it('is overtaken where something else stands by now', () => {
    const settled = [update('entity:a'), update('entity:b')].map((change) => ({
      change,
      value: 1,
      expected: { v: 2 },
    }));
    expect(
      overtaken(
        settled,
        new Map([
          ['entity:a', { v: 2 }],
          ['entity:b', { v: 3 }],
        ]),
      ),
    ).toEqual([settled[1]]);
  });
});

describe('how conflicts are met', () => {
  const conflict: RollbackConflict = { path: 'entity:a', type: 'value_mismatch', currentValue: 1, rollbackValue: 2 };
  const options = (input: object) => rollbackOptionsSchema.parse(input);
  const resolver = () => ({ strategy: 'skip' as const });

  it('is as the options say', () => {
    expect(resolutionOf(options({}), resolver)).toEqual({ strategy: 'abort' });
    expect(resolutionOf(options({ conflictResolution: 'ask_user' }), undefined)).toEqual({ strategy: 'ask_user' });
    expect(resolutionOf(options({ conflictResolution: 'ask_user', resolutions: { x: 'skip' } }), resolver)).toEqual({
      strategy: 'ask_user',
      resolver,
    });
  });

  it('is answered path by path where answers are given', async () => {
    const { resolver: answer } = resolutionOf(
      options({ conflictResolution: 'ask_user', resolutions: { 'entity:a': 'overwrite' } }),
      undefined,
    );
    expect(await answer?.(conflict)).toEqual({ strategy: 'overwrite' });
    expect(await answer?.({ ...conflict, path: 'entity:b' })).toEqual({ strategy: 'ask_user' });
  });
});
