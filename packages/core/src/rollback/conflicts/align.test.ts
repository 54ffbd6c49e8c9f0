import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { align, type Stretch } from './align.ts';

const items = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 14 });

/** Length of a longest common subsequence, by the table of all prefixes. */
function longestCommon(left: readonly string[], right: readonly string[]): number {
  let row = new Array<number>(right.length + 1).fill(0);
  for (const item of left) {
    const next = [0];
    right.forEach((other, at) => {
      next.push(item === other ? (row[at] as number) + 1 : Math.max(row[at + 1] as number, next[at] as number));
    });
    row = next;
  }
  return row[right.length] as number;
}

const oldSide = (stretches: readonly Stretch[]) => stretches.flatMap((one) => (one.same ? one.items : one.removed));
const newSide = (stretches: readonly Stretch[]) => stretches.flatMap((one) => (one.same ? one.items : one.added));
const shared = (stretches: readonly Stretch[]) => stretches.flatMap((one) => (one.same ? one.items : []));

describe('alignment (RB-149)', () => {
  test('tells both sequences whole, and shares as much as there is to share', () => {
    fc.assert(
      fc.property(items, items, (old, next) => {
        const { stretches, exact } = align(old, next);
        expect(oldSide(stretches)).toEqual(old);
        expect(newSide(stretches)).toEqual(next);
        expect(shared(stretches)).toHaveLength(longestCommon(old, next));
        expect(exact).toBe(true);
      }),
      randomCases(),
    );
  });

  test('swapping the sequences swaps the answer and nothing else', () => {
    fc.assert(
      fc.property(items, items, (old, next) => {
        const back = align(next, old).stretches.map((one) =>
          one.same ? one : { same: false, removed: one.added, added: one.removed },
        );
        expect(back).toEqual(align(old, next).stretches);
      }),
      randomCases(),
    );
  });

  test('beyond the guard it says so, still tells both whole, and keeps the equal ends', () => {
    const old = ['start', ...'abcdefgh', 'end'];
    const next = ['start', ...'hgfedcba', 'end'];
    expect(align(old, next, 100)).toMatchObject({ exact: true });
    const { stretches, exact } = align(old, next, 3);
    expect(exact).toBe(false);
    expect(stretches).toEqual([
      { same: true, items: ['start'] },
      { same: false, removed: [...'abcdefgh'], added: [...'hgfedcba'] },
      { same: true, items: ['end'] },
    ]);
  });

  test('stretches never stand empty or beside their like', () => {
    fc.assert(
      fc.property(items, items, (old, next) => {
        const { stretches } = align(old, next);
        for (const one of stretches) {
          expect(one.same ? one.items.length : one.removed.length + one.added.length).toBeGreaterThan(0);
        }
        // Equal ends are told apart from the middle, so equal stretches may meet; differences may not.
        stretches.slice(1).forEach((one, at) => {
          if (!one.same) expect(stretches[at]?.same).toBe(true);
        });
      }),
      randomCases(),
    );
  });

  test('thousands of lines that have little in common are compared to the end', () => {
    const old = Array.from({ length: 10_000 }, (_, at) => (at % 100 === 0 ? `both ${at}` : `old ${at}`));
    const next = Array.from({ length: 10_000 }, (_, at) => (at % 100 === 0 ? `both ${at}` : `new ${at}`));
    const { stretches, exact } = align(old, next);
    expect(exact).toBe(true);
    expect(shared(stretches)).toHaveLength(100);
  });
});
