import { expect, test } from 'vitest';
import { netChanges } from './net-changes.ts';
import type { WorkspaceChange } from './workspace-change.ts';

let position = 0;
const change = (
  path: string,
  beforeOid: string | null,
  afterOid: string | null,
  more: Partial<WorkspaceChange> = {},
) => {
  position += 1;
  const operation = beforeOid === null ? 'added' : afterOid === null ? 'deleted' : 'modified';
  const modes = { beforeMode: beforeOid && '100644', afterMode: afterOid && '100644' };
  return {
    position,
    path,
    oldPath: null,
    operation,
    beforeOid,
    afterOid,
    ...modes,
    binary: false,
    ...more,
  } as WorkspaceChange;
};
const facts = (changes: WorkspaceChange[]) =>
  netChanges(changes).map(({ path, operation, oldPath, beforeOid, afterOid, interleaved }) => [
    path,
    operation,
    oldPath,
    beforeOid,
    afterOid,
    interleaved,
  ]);

test('several edits of a path come to one, and what comes to nothing is left out', () => {
  expect(
    facts([
      change('a', '1', '2'),
      change('b', null, '5'),
      change('a', '2', '3'),
      change('b', '5', null),
      change('c', '7', '8'),
      change('c', '8', '7'),
      change('d', '1', null),
      change('d', null, '2'),
    ]),
  ).toEqual([
    ['a', 'modified', null, '1', '3', false],
    ['d', 'modified', null, '1', '2', false],
  ]);
});

test('renames are followed, also of what was changed before and is removed afterwards', () => {
  const renamed = { operation: 'renamed' } as const;
  expect(
    facts([
      change('a', '1', '2'),
      change('b', '2', '3', { ...renamed, oldPath: 'a' }),
      change('c', '3', '3', { ...renamed, oldPath: 'b' }),
      change('x', '9', '9', { ...renamed, oldPath: 'w' }),
      change('x', '9', null),
    ]),
  ).toEqual([
    ['c', 'renamed', 'a', '1', '3', false],
    ['w', 'deleted', null, '9', null, false],
  ]);
});

test('says where somebody else has changed a path in between, and keeps modes', () => {
  expect(facts([change('a', '1', '2'), change('a', '5', '6')])).toEqual([['a', 'modified', null, '1', '6', true]]);
  const executable = change('a', '1', '1', { operation: 'mode', afterMode: '100755' });
  expect(facts([executable])).toEqual([['a', 'mode', null, '1', '1', false]]);
  expect(facts([executable, change('a', '1', '1', { operation: 'mode', beforeMode: '100755' })])).toEqual([]);
});
