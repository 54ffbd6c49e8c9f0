import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { applyDiff } from './apply-diff.ts';
import { cloneValue } from './clone-value.ts';
import { deepEqual } from './deep-equal.ts';
import { formatPath, parsePath } from './diff-path.ts';
import { diffValues } from './diff-values.ts';

/** Names that paths must not misread, among ordinary ones; few, so that the two sides share some. */
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'id', 'x.y', 'a[0]', '', '"', '__proto__', '0'),
  fc.string({ maxLength: 3 }),
);
const keyed = (item: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 6 }), v: item }), {
    selector: ({ id }) => id,
    maxLength: 6,
  });

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(null, undefined, Number.NaN, 0, -0, 1, 2, true, 'text', 10n),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array({ maxLength: 2 }),
  ),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 4 }),
    keyed(tie('node')),
    fc.dictionary(name, tie('node'), { maxKeys: 4 }),
    fc.array(fc.tuple(fc.string({ maxLength: 2 }), tie('node')), { maxLength: 2 }).map((entries) => new Map(entries)),
    fc.array(tie('leaf'), { maxLength: 2 }).map((items) => new Set(items)),
  ),
})).node;

describe('A9: applying the difference of two values to the first gives the second', () => {
  const depth12 = (leaf: number, levels = 12): unknown => (levels === 0 ? leaf : { x: depth12(leaf, levels - 1) });

  it.each([
    [{ a: [1, 2, 3, 4] }, { a: [1, 2] }],
    [
      [1, 2],
      [1, 3],
    ],
    [{ a: [[1]] }, { a: [[2]] }],
    [{ 'x.y': 1 }, { 'x.y': 2 }],
    [{ a: 1 }, { a: null }],
    [1, 2],
    [new Date(1), new Date(2)],
    [{ at: new Date(1) }, { at: new Date(2) }],
    [depth12(1), depth12(2)],
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [{ s: new Set([1]) }, { s: new Set([1, 2]) }],
  ])('A9: %o → %o', (left, right) => {
    const before = cloneValue(left);
    expect(applyDiff(left, diffValues(left, right))).toStrictEqual(right);
    expect(left).toStrictEqual(before);
    expect(diffValues(left, left)).toEqual([]);
  });

  it('A9: for random values, leaving the first as it was; a value does not differ from its copy', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 0, max: 12 }), (left, right, maxDepth) => {
        const before = cloneValue(left);
        const made = applyDiff(left, diffValues(left, right, { maxDepth, ignoreProperties: [] }));
        expect(deepEqual(made, right)).toBe(true);
        expect(deepEqual(left, before)).toBe(true);
        expect(diffValues(left, before)).toEqual([]);
      }),
      randomCases(),
    );
  });

  it('A9: for random rearrangements of items with ids', () => {
    const items = keyed(fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(items, items, (left, right) => {
        expect(applyDiff({ list: left }, diffValues({ list: left }, { list: right }))).toStrictEqual({ list: right });
      }),
      randomCases(),
    );
  });
});

describe('paths', () => {
  it('are read as they were written, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(name, fc.nat(20))), (steps) => {
        expect(parsePath(formatPath(steps))).toEqual(steps);
      }),
      randomCases(),
    );
  });

  it('are as people write them where nothing can be misread', () => {
    expect(formatPath(['a', 'b', 0, 'c'])).toBe('a.b[0].c');
    expect(formatPath(['a.b', 'c'])).toBe('["a.b"].c');
    expect(formatPath([])).toBe('');
  });

  it.each(['a..b', 'a[', '[x]', '.', 'a]', '["a]', 'a[0]b'])('are refused where they cannot be read: %s', (text) => {
    expect(() => parsePath(text)).toThrow(SyntaxError);
  });
});
