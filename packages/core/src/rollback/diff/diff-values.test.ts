import { describe, expect, it } from 'vitest';
import { applyDiff } from './apply-diff.ts';
import type { DiffEntry } from './diff-entry.ts';
import { summariseDiff } from './diff-summary.ts';
import { type DiffOptions, diffValues } from './diff-values.ts';

/** Entries without what says their kinds. */
function plain(left: unknown, right: unknown, options?: Partial<DiffOptions>): DiffEntry[] {
  return diffValues(left, right, { includeMetadata: false, ...options });
}

describe('what differs between two values', () => {
  it('is told by property: what is new, what is gone, what is another', () => {
    expect(plain({ a: 1, b: 2, c: { d: 3 } }, { a: 1, c: { d: 4 }, e: 5 })).toEqual([
      { path: 'b', operation: 'delete', oldValue: 2, newValue: undefined },
      { path: 'c.d', operation: 'update', oldValue: 3, newValue: 4 },
      { path: 'e', operation: 'create', oldValue: undefined, newValue: 5 },
    ]);
  });

  it('is told by position in arrays without ids, deletes from the end on', () => {
    expect(plain([1, 2, 3, 4], [1, 5]).map(({ path, operation }) => [operation, path])).toEqual([
      ['delete', '[3]'],
      ['delete', '[2]'],
      ['update', '[1]'],
    ]);
    expect(plain([1], [1, 2, 3]).map(({ path, operation }) => [operation, path])).toEqual([
      ['create', '[1]'],
      ['create', '[2]'],
    ]);
  });

  it('is told by id where items have one: an insertion at the head is one change', () => {
    const items = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    expect(plain(items, [{ id: 'new' }, ...items])).toEqual([
      { path: '[0]', operation: 'create', oldValue: undefined, newValue: { id: 'new' } },
    ]);
  });

  it('is a move where an item only changed its place, and moves as few as can be', () => {
    const [a, b, c] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    expect(plain({ list: [a, b, c] }, { list: [b, c, a] })).toEqual([
      { path: 'list[0]', operation: 'move', oldValue: a, newValue: a, metadata: { to: 'list[2]' } },
    ]);
  });

  it('goes by position where two items have the same id, or one has none', () => {
    expect(
      plain(
        [
          { id: 1, v: 1 },
          { id: 1, v: 2 },
        ],
        [{ id: 1, v: 2 }],
      ),
    ).toHaveLength(2);
    expect(plain([{ id: 1 }, {}], [{ id: 2 }, {}])).toEqual([
      { path: '[0].id', operation: 'update', oldValue: 1, newValue: 2 },
    ]);
    expect(plain([{ id: null }], [{ id: 2 }])).toHaveLength(1);
    expect(plain([null], [{ id: 2 }])).toHaveLength(1);
  });

  it('takes null for a value and not for absence (RB-051)', () => {
    expect(plain({ a: 1 }, { a: null })).toEqual([{ path: 'a', operation: 'update', oldValue: 1, newValue: null }]);
    expect(plain({ a: null }, { a: undefined })).toHaveLength(1);
    expect(plain({ a: undefined }, {})[0]?.operation).toBe('delete');
  });

  it.each([
    ['dates', new Date(1), new Date(2)],
    ['maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['maps by what stands under a key', new Map([['a', { x: 1 }]]), new Map([['a', { x: 2 }]])],
    ['sets', new Set([1]), new Set([2])],
    ['sets of other sizes', new Set([1]), new Set([1, 2])],
    ['expressions', /a/g, /a/i],
    ['bytes', new Uint8Array([1]), new Uint8Array([2])],
    ['numbers of other signs', 0, -0],
    ['an array and an object with the same keys', ['x'], { 0: 'x' }],
    ['kinds of bytes', new Uint8Array([1]), new Int8Array([1])],
  ])('compares %s by value (RB-052, RB-053)', (_, left, right) => {
    expect(plain({ v: left }, { v: right })).toEqual([
      { path: 'v', operation: 'update', oldValue: left, newValue: right },
    ]);
    expect(plain({ v: left }, { v: left })).toEqual([]);
  });

  it('finds equal what is equal though not the same', () => {
    const make = () => ({
      d: new Date(5),
      m: new Map([[{ k: 1 }, [1]]]),
      s: new Set(['a']),
      r: /x/g,
      b: new Uint8Array([7]),
      n: Number.NaN,
    });
    expect(plain(make(), make())).toEqual([]);
  });

  it('is one change of the whole subtree where it is deeper than looked (RB-054)', () => {
    const deep = (leaf: number) => ({ a: { b: { c: leaf } } });
    expect(plain(deep(1), deep(2), { maxDepth: 2 })).toEqual([
      { path: 'a.b', operation: 'update', oldValue: { c: 1 }, newValue: { c: 2 } },
    ]);
    expect(plain(deep(1), deep(1), { maxDepth: 2 })).toEqual([]);
    expect(plain(deep(1), deep(2), { maxDepth: 0 })).toEqual([
      { path: '', operation: 'update', oldValue: deep(1), newValue: deep(2) },
    ]);
    const twelve = (leaf: unknown, levels = 12): unknown => (levels === 0 ? leaf : { x: twelve(leaf, levels - 1) });
    expect(plain(twelve(1), twelve(2))[0]?.path).toBe(Array(10).fill('x').join('.'));
  });

  it('leaves out what is not to be looked at, at any depth', () => {
    expect(plain({ __version: 1, a: { __timestamp: 1 } }, { __version: 2, a: {} })).toEqual([]);
    expect(plain({ x: [{ v: 1 }] }, { x: [{ v: 2 }] }, { ignoreProperties: ['v'] })).toEqual([]);
    expect(
      plain({ a: { b: 1, skip: 1 } }, { a: { b: 1, skip: 2 } }, { maxDepth: 1, ignoreProperties: ['skip'] }),
    ).toEqual([]);
  });

  it('lets comparators decide wherever a value of theirs stands (RB-048)', () => {
    const near = new Map([['Number', (a: unknown, b: unknown) => Math.abs((a as number) - (b as number)) < 1]]);
    expect(plain({ a: { b: 1 } }, { a: { b: 1.5 } }, { customComparators: near })).toEqual([]);
    expect(plain([1, 2], [1.5, 9], { customComparators: near })).toHaveLength(1);
    const never = new Map([['*', () => false]]);
    expect(plain({ a: 1 }, { a: 1 }, { customComparators: never })).toEqual([
      { path: '', operation: 'update', oldValue: { a: 1 }, newValue: { a: 1 } },
    ]);
  });

  it('ends on values that contain themselves', () => {
    const loop = (v: number) => {
      const value: Record<string, unknown> = { v };
      value.self = value;
      return value;
    };
    expect(plain(loop(1), loop(1))).toEqual([]);
    expect(plain(loop(1), loop(2)).map(({ path }) => path)).toEqual(['v']);
  });

  it('says what kinds of value it leads from and to, unless told not to', () => {
    expect(diffValues({ a: 1 }, { a: [1] })[0]?.metadata).toEqual({ oldKind: 'number', newKind: 'array' });
    expect(diffValues({ a: 1 }, { a: [1] }, { includeMetadata: false })[0]).not.toHaveProperty('metadata');
  });

  it('holds copies: what happens to the values later does not alter it', () => {
    const right = { a: { b: [1] } };
    const changes = diffValues({}, right);
    right.a.b.push(2);
    expect(changes[0]?.newValue).toEqual({ b: [1] });
  });
});

describe('applying changes', () => {
  it('refuses changes of what is not there', () => {
    const at = (path: string, operation: DiffEntry['operation']): DiffEntry => ({
      path,
      operation,
      oldValue: 1,
      newValue: 2,
    });
    expect(() => applyDiff({}, [at('a', 'update')])).toThrow('it is not there');
    expect(() => applyDiff({ a: 1 }, [at('a.b', 'update')])).toThrow('nothing lies below it');
    expect(() => applyDiff({ a: 1 }, [at('a.b', 'create')])).toThrow('nothing lies below it');
    expect(() => applyDiff([1], [at('[1]', 'delete')])).toThrow('it is not there');
    expect(() => applyDiff([1], [{ ...at('[0]', 'move'), metadata: { to: 'a' } }])).toThrow('out of its array');
    expect(() => applyDiff({ a: [1], b: [] }, [{ ...at('a[0]', 'move'), metadata: { to: 'b[0]' } }])).toThrow(
      'out of its array',
    );
    expect(() => applyDiff({}, [at('a..b', 'update')])).toThrow('is not a path');
  });

  it('does not let a name reach the prototype', () => {
    const made = applyDiff({}, diffValues({}, JSON.parse('{"__proto__":{"polluted":true}}'))) as Record<
      string,
      unknown
    >;
    expect(Object.hasOwn(made, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('the summary of changes', () => {
  it('counts every operation, names what is outermost once, and grades the number (RB-063)', () => {
    const changes = diffValues({ a: { x: 1, y: 2 }, gone: 1, 'p.q': 1 }, { a: { x: 2, y: 3 }, 'p.q': 2, made: 1 });
    expect(summariseDiff(changes)).toEqual({
      totalChanges: 5,
      changesByOperation: { create: 1, update: 3, delete: 1, move: 0 },
      affectedPaths: ['gone', 'a', '["p.q"]', 'made'],
      estimatedComplexity: 'low',
    });
  });

  it.each([
    [20, 'low'],
    [21, 'medium'],
    [100, 'medium'],
    [101, 'high'],
  ])('grades %i changes as %s', (count, grade) => {
    const changes = Array.from({ length: count }, (_, at) => ({
      path: `entity:a.${at}#x`,
      operation: 'update' as const,
      oldValue: 1,
      newValue: 2,
    }));
    const summary = summariseDiff(changes);
    expect(summary.estimatedComplexity).toBe(grade);
    expect(summary.affectedPaths).toHaveLength(count);
    expect(summary.affectedPaths[0]).toBe('entity:a.0');
  });
});
