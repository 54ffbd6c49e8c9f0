import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { mergeStructures } from './structural-merge.ts';

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'id');
const scalar = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y', ''), fc.boolean(), fc.constant(null));
const entity = fc.record({ id: fc.constantFrom('1', '2', '3', 1), value: fc.integer({ min: 0, max: 2 }) });
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.uniqueArray(entity, { selector: ({ id }) => `${typeof id}${id}`, maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;
const slot = fc.option(json, { nil: undefined });

describe('a structural merge', () => {
  test('takes what only one side changed, exactly, order of items too', () => {
    fc.assert(
      fc.property(slot, slot, (base, other) => {
        expect(mergeStructures(base, base, other)).toStrictEqual({ value: other, conflicts: [] });
        expect(mergeStructures(base, other, base)).toStrictEqual({ value: other, conflicts: [] });
        expect(mergeStructures(base, other, other)).toStrictEqual({ value: other, conflicts: [] });
      }),
      randomCases(),
    );
  });

  test('finds the same conflicts from either side, and each side is what its side says', () => {
    fc.assert(
      fc.property(slot, slot, slot, (base, ours, theirs) => {
        const there = mergeStructures(base, ours, theirs);
        const back = mergeStructures(base, theirs, ours);
        const sorted = (paths: string[][]) => paths.map((path) => JSON.stringify(path)).sort();
        expect(sorted(there.conflicts.map(({ path }) => path))).toEqual(sorted(back.conflicts.map(({ path }) => path)));
        for (const conflict of there.conflicts) expect(conflict.ours).not.toStrictEqual(conflict.theirs);
      }),
      randomCases(),
    );
  });

  test('undone and redone at once is the identity', () => {
    fc.assert(
      fc.property(slot, slot, slot, (before, after, current) => {
        const undone = mergeStructures(after, current, before).value;
        expect(mergeStructures(undone, undone, current)).toStrictEqual({ value: current, conflicts: [] });
      }),
      randomCases(),
    );
  });

  test('merges what two sides change in different keys and items', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6'), scalar),
        scalar,
        scalar,
        (base, one, two) => {
          const start = { ...base, k1: 'left', k2: 'right' };
          const merged = mergeStructures(start, { ...start, k1: one }, { ...start, k2: two });
          expect(merged).toStrictEqual({ value: { ...start, k1: one, k2: two }, conflicts: [] });
        },
      ),
      randomCases(),
    );
  });

  const items = (...ids: string[]) => ids.map((id) => ({ id, value: id }));

  test('knows items by their ids, wherever they stand', () => {
    const base = items('1', '2', '3');
    const ours = [{ id: '3', value: 'ours' }, ...items('1', '2'), { id: '4', value: 'new' }];
    const theirs = [{ id: '1', value: 'theirs' }, ...items('2', '3')];
    expect(mergeStructures(base, ours, theirs)).toEqual({
      value: [{ id: '3', value: 'ours' }, { id: '1', value: 'theirs' }, ...items('2'), { id: '4', value: 'new' }],
      conflicts: [],
    });
    expect(mergeStructures(base, items('1', '3'), [...base, ...items('9')]).value).toEqual(items('1', '3', '9'));
  });

  test('tells an item that one side removed and the other changed, and keeps ours', () => {
    const base = items('1', '2');
    const changed = [{ id: '1', value: 'changed' }, ...items('2')];
    const conflict = { path: ['list', '1'], base: base[0], ours: changed[0], theirs: undefined };
    expect(mergeStructures({ list: base }, { list: changed }, { list: items('2') })).toEqual({
      value: { list: changed },
      conflicts: [conflict],
    });
    expect(mergeStructures({ list: base }, { list: items('2') }, { list: changed })).toEqual({
      value: { list: items('2') },
      conflicts: [{ ...conflict, ours: undefined, theirs: changed[0] }],
    });
  });

  test('tells ids of different kinds apart, and without ids of their own goes by items, not by index', () => {
    const mixed = [{ id: 1 }, { id: '1' }];
    expect(mergeStructures(mixed, [{ id: 1, a: 1 }, { id: '1' }], [{ id: 1 }, { id: '1', b: 2 }]).value).toEqual([
      { id: 1, a: 1 },
      { id: '1', b: 2 },
    ]);
    const base = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(mergeStructures(base, ['new', ...base], ['a', 'b', 'c', 'd', 'e'])).toEqual({
      value: ['new', 'a', 'b', 'c', 'd', 'e'],
      conflicts: [],
    });
    const clash = mergeStructures(['a', 'b'], ['a', 'x'], ['a', 'y']);
    expect(clash).toEqual({ value: ['a', 'x'], conflicts: [{ path: [], base: ['b'], ours: ['x'], theirs: ['y'] }] });
  });
});
