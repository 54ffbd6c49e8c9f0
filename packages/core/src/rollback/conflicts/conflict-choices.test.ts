import { describe, expect, test } from 'vitest';
import { choicesFor } from './conflict-choices.ts';
import { ConflictEngine } from './conflict-engine.ts';
import type { ConflictType, RollbackConflict } from './rollback-conflict.ts';

const engine = new ConflictEngine({
  onError: (error) => {
    throw error;
  },
});

const conflictOf = (currentValue: unknown, rollbackValue: unknown, type: ConflictType = 'value_mismatch') =>
  ({ path: 'config:a', type, currentValue, rollbackValue }) satisfies RollbackConflict;

function offered(conflict: RollbackConflict, options: Parameters<typeof choicesFor>[2] = {}) {
  const { primary, alternatives } = choicesFor(engine, conflict, options);
  return [primary, ...alternatives].map(({ id, strategy, confidence }) => [id, strategy, confidence]);
}

const KEEP = ['keep-current', 'skip', 80];
const TAKE = ['use-rollback', 'overwrite', 85];

describe('choices (RB-156, RB-157)', () => {
  test('a clean merge comes first, one settled by preference last', () => {
    expect(offered(conflictOf({ a: 1 }, { b: 1 }))).toEqual([['smart-merge', 'merge', 95], TAKE, KEEP]);
    expect(offered(conflictOf({ a: 1 }, { a: 2 }))).toEqual([TAKE, KEEP, ['smart-merge', 'merge', 60]]);
  });

  test('of two equally confident ones the one that destroys less comes first', () => {
    expect(offered(conflictOf('a\nb', 'a'))).toEqual([TAKE, KEEP, ['smart-merge', 'merge', 80]]);
    const merged = offered(conflictOf({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 }, { a: 2, b: 2 }));
    expect(merged[0]).toEqual(['smart-merge', 'merge', 85]);
    expect(merged[1]).toEqual(TAKE);
  });

  test('a merge is offered for two objects, arrays or texts alone', () => {
    const ids = (conflict: RollbackConflict) => offered(conflict).map(([id]) => id);
    expect(ids(conflictOf([{ id: 1 }], [{ id: 2 }]))).toContain('smart-merge');
    for (const [current, rollback] of [
      [1, 2],
      [{ a: 1 }, [1]],
      ['text', { a: 1 }],
      [null, null],
      [undefined, { a: 1 }],
    ]) {
      expect(ids(conflictOf(current, rollback))).toEqual(['use-rollback', 'keep-current']);
    }
  });

  test('one that failed, or that would only take a side, is not offered', () => {
    expect(offered(conflictOf({ a: 1 }, { a: 2 }, 'type_mismatch'))).toEqual([TAKE, KEEP]);
    expect(offered(conflictOf({ a: 1 }, { b: 2 }), { context: { priority: 9 } })).toEqual([TAKE, KEEP]);
  });

  test('each says what it does and shows what would stand there', () => {
    const { primary, alternatives } = choicesFor(engine, conflictOf({ b: 1, a: 1 }, { c: 2 }));
    expect(primary).toMatchObject({ name: expect.any(String), preview: '{\n  "a": 1,\n  "b": 1,\n  "c": 2\n}' });
    expect(alternatives.map(({ preview }) => preview)).toEqual(['{\n  "c": 2\n}', '{\n  "a": 1,\n  "b": 1\n}']);
    const texts = choicesFor(engine, conflictOf('now\n', undefined));
    expect([texts.primary, ...texts.alternatives].map(({ preview }) => preview)).toEqual(['', 'now\n']);
    for (const { name, description } of [primary, ...alternatives]) {
      expect([name.length, description.length].every((length) => length >= 10)).toBe(true);
    }
  });

  test('a base is used, and secrets are hidden where asked for', () => {
    expect(offered(conflictOf({ a: 1 }, { a: 2 }), { context: { base: { a: 1 } } })[0]).toEqual([
      'smart-merge',
      'merge',
      95,
    ]);
    const secret = conflictOf({ password: 'hunter2' }, { password: 'hunter3' });
    expect(JSON.stringify(choicesFor(engine, secret, { masked: true }))).not.toContain('hunter');
    expect(JSON.stringify(choicesFor(engine, secret))).toContain('hunter2');
  });
});
