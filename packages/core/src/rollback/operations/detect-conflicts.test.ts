import { describe, expect, it } from 'vitest';
import type { DiffEntry } from '../diff/index.ts';
import { conflictOf, dependencyConflicts, repeatedChanges } from './detect-conflicts.ts';

const change = (
  operation: DiffEntry['operation'],
  oldValue: unknown,
  newValue: unknown,
  path = 'entity:a',
): DiffEntry => ({
  path,
  operation,
  oldValue,
  newValue,
});
const live = (value?: unknown, path = 'entity:a') => new Map(value === undefined ? [] : [[path, value]]);

describe('a change and what is there', () => {
  it.each<[string, DiffEntry, unknown, string | null]>([
    ['an update of what it was made from', change('update', 1, 2), 1, null],
    ['an update of what is there already', change('update', 1, 2), 2, null],
    ['an update of something else', change('update', 1, 2), 3, 'value_mismatch'],
    ['an update of another kind', change('update', 1, 2), '1', 'type_mismatch'],
    ['an update of an object that was an array', change('update', [], [1]), {}, 'type_mismatch'],
    ['an update of nothing', change('update', 1, 2), undefined, 'missing_target'],
    ['a delete of what it was made from', change('delete', { v: 1 }, undefined), { v: 1 }, null],
    ['a delete of something else', change('delete', 1, undefined), 2, 'value_mismatch'],
    ['a delete of nothing', change('delete', 1, undefined), undefined, 'missing_target'],
    ['a create over nothing', change('create', undefined, 1), undefined, null],
    ['a create over the same', change('create', undefined, { v: 1 }), { v: 1 }, null],
    ['a create over something else', change('create', undefined, 1), 2, 'value_mismatch'],
    ['a create over another kind', change('create', undefined, 1), 'x', 'value_mismatch'],
    ['an update where null is there', change('update', null, 1), null, null],
    ['an update where null is there in place of a value', change('update', 1, 2), null, 'type_mismatch'],
  ])('%s', (_, entry, current, type) => {
    const conflict = conflictOf(entry, live(current));
    expect(conflict?.type ?? null).toBe(type);
    if (conflict)
      expect(conflict).toMatchObject({ path: 'entity:a', rollbackValue: entry.newValue, currentValue: current });
  });

  it('a move wants its old place as it was and its new place free', () => {
    const move = { ...change('move', 1, 1, 'file:a'), metadata: { to: 'file:b' } };
    expect(conflictOf(move, new Map([['file:a', 1]]))).toBeNull();
    expect(conflictOf(move, new Map())?.type).toBe('missing_target');
    expect(conflictOf(move, new Map([['file:a', 2]]))?.type).toBe('value_mismatch');
    expect(
      conflictOf(
        move,
        new Map([
          ['file:a', 1],
          ['file:b', 3],
        ]),
      )?.type,
    ).toBe('value_mismatch');
  });
});

describe('what hangs on what', () => {
  const link = { id: 'r', from: 'a', to: 'b' };
  const graph = (ids: string[], ...relationships: (typeof link)[]) => ({ entityIds: new Set(ids), relationships });

  it('a relationship wants both its ends, as they will be', () => {
    const create = change('create', undefined, link, 'relationship:r');
    expect(dependencyConflicts([create], graph(['a', 'b']))).toEqual([]);
    expect(dependencyConflicts([create], graph(['b']))).toEqual([
      {
        path: 'relationship:r',
        type: 'dependency_conflict',
        currentValue: undefined,
        rollbackValue: link,
        context: { missing: ['entity:a'] },
      },
    ]);
    expect(dependencyConflicts([create, change('create', undefined, { id: 'a' }, 'entity:a')], graph(['b']))).toEqual(
      [],
    );
    const both = dependencyConflicts([create, change('delete', { id: 'a' }, undefined, 'entity:a')], graph(['a', 'b']));
    expect(both.map(({ path }) => path)).toEqual(['relationship:r', 'entity:a']);
  });

  it('an entity is not deleted while something refers to it', () => {
    const drop = (id: string) => change('delete', { id }, undefined, `entity:${id}`);
    expect(dependencyConflicts([drop('a')], graph(['a', 'b'], link))[0]?.context).toEqual({
      referencedBy: ['relationship:r'],
    });
    expect(dependencyConflicts([drop('b')], graph(['a', 'b'], link))).toHaveLength(1);
    expect(dependencyConflicts([drop('c')], graph(['a', 'b', 'c'], link))).toEqual([]);
    expect(
      dependencyConflicts([drop('a'), change('delete', link, undefined, 'relationship:r')], graph(['a', 'b'], link)),
    ).toEqual([]);
  });

  it('says nothing of other kinds, and of entities that stay', () => {
    expect(
      dependencyConflicts(
        [change('update', 1, 2, 'file:a'), change('update', 1, 2), change('update', 1, 2, 'odd')],
        graph(['a', 'b'], link),
      ),
    ).toEqual([]);
  });
});

describe('several changes of one path', () => {
  it('are one conflict, with what is there', () => {
    expect(
      repeatedChanges(
        [change('update', 1, 2), change('update', 1, 3), change('delete', 1, undefined, 'entity:b')],
        live(1),
      ),
    ).toEqual([
      {
        path: 'entity:a',
        type: 'value_mismatch',
        currentValue: 1,
        rollbackValue: 3,
        context: { multipleChanges: true, changeCount: 2, operations: ['update', 'update'] },
      },
    ]);
  });
});
