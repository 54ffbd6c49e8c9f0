import { describe, expect, it } from 'vitest';
import { type DiffEntry, formatDomainPath, parseDomainPath, readDomainPath } from '../diff/index.ts';
import { compareItems, findMoves, inApplyOrder } from './compare-state.ts';
import { itemPathOf } from './item-path.ts';

describe('items as they are and as they were', () => {
  it('differ by key and not by order, each once, with what differs within', () => {
    const now = [
      { key: 'b', value: { v: 1, w: { x: 1 } }, modifiedAt: '2026-01-01T00:00:00.000Z' },
      { key: 'a', value: 1 },
      { key: 'n', value: 5, modifiedAt: '2026-01-02T00:00:00.000Z' },
    ];
    const then = [
      { key: 'a', value: 1 },
      { key: 'b', value: { v: 2, w: { x: 2 } } },
      { key: 'c', value: 3 },
    ];
    expect(compareItems('entity', now, then)).toEqual([
      {
        path: 'entity:b',
        operation: 'update',
        oldValue: { v: 1, w: { x: 1 } },
        newValue: { v: 2, w: { x: 2 } },
        metadata: {
          timestamp: '2026-01-01T00:00:00.000Z',
          properties: [
            { path: 'entity:b#v', operation: 'update', oldValue: 1, newValue: 2 },
            { path: 'entity:b#w.x', operation: 'update', oldValue: 1, newValue: 2 },
          ],
        },
      },
      { path: 'entity:c', operation: 'create', oldValue: undefined, newValue: 3 },
      {
        path: 'entity:n',
        operation: 'delete',
        oldValue: 5,
        newValue: undefined,
        metadata: { timestamp: '2026-01-02T00:00:00.000Z' },
      },
    ]);
    expect(compareItems('entity', now, [...now].reverse())).toEqual([]);
  });

  it('leave out the time where it is not known', () => {
    const [change] = compareItems('file', [{ key: 'a', value: 1 }], [{ key: 'a', value: 2 }]);
    expect(change?.metadata).not.toHaveProperty('timestamp');
    expect(compareItems('file', [{ key: 'a', value: 1 }], [])[0]?.metadata).toEqual({});
  });
});

describe('files under another name', () => {
  const entry = (path: string, operation: DiffEntry['operation'], value: unknown): DiffEntry => ({
    path,
    operation,
    oldValue: operation === 'create' ? undefined : value,
    newValue: operation === 'delete' ? undefined : value,
  });
  it('are moves, each to one place', () => {
    const changes = [
      entry('file:a', 'delete', { oid: '1' }),
      entry('file:b', 'create', { oid: '1' }),
      entry('file:c', 'delete', { oid: '1' }),
      entry('file:d', 'create', { oid: '2' }),
    ];
    expect(findMoves(changes)).toEqual([
      { path: 'file:a', operation: 'move', oldValue: { oid: '1' }, newValue: { oid: '1' }, metadata: { to: 'file:b' } },
      changes[2],
      changes[3],
    ]);
  });
});

describe('the order of applying', () => {
  it('deletes relationships, then entities; then writes entities and relationships; then the rest (RB-070)', () => {
    const paths = [
      'file:f',
      'config:c',
      'session:s',
      'relationship:new',
      'entity:new',
      'entity:old',
      'relationship:old',
      'entity:new2',
    ];
    const changes = paths.map(
      (path): DiffEntry => ({ path, operation: path.endsWith('old') ? 'delete' : 'create', oldValue: 1, newValue: 1 }),
    );
    expect(inApplyOrder(changes, ({ path }) => parseDomainPath(path).type).map(({ path }) => path)).toEqual([
      'relationship:old',
      'entity:old',
      'entity:new',
      'entity:new2',
      'relationship:new',
      'session:s',
      'config:c',
      'file:f',
    ]);
  });
});

describe('paths of items', () => {
  it.each(['plain', 'a#b', 'a%23b', 'a%b#', 'with:colon', 'line\nend', ''])(
    'are read as they were written for the key %o',
    (key) => {
      expect(parseDomainPath(formatDomainPath('file', key, 'x#y'))).toEqual({ type: 'file', key, property: 'x#y' });
      expect(parseDomainPath(formatDomainPath('session_state', key))).toEqual({
        type: 'session_state',
        key,
        property: '',
      });
    },
  );

  it('lead from a property to its item', () => {
    expect(itemPathOf('entity:a%23b#c')).toBe('entity:a%23b');
    expect(itemPathOf('odd.path')).toBe('odd.path');
  });

  it('are refused where the kind is not known', () => {
    expect(readDomainPath('thing:a')).toBeNull();
    expect(readDomainPath('entity')).toBeNull();
    expect(() => parseDomainPath('thing:a')).toThrow('entity:, relationship:, file:, config:, session:');
  });
});
