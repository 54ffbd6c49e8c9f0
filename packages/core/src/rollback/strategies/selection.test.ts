import { describe, expect, it } from 'vitest';
import type { DiffEntry } from '../diff/index.ts';
import { matchesAny, type Selection, selectChanges, selectionSchema } from './selection.ts';

const changesAt = (...paths: string[]): DiffEntry[] =>
  paths.map((path) => ({ path, operation: 'update', oldValue: 1, newValue: 2 }));
const selected = (paths: string[], ...selections: Partial<Selection>[]) => {
  const all = selections.map((one) => selectionSchema.parse({ type: 'entity', identifiers: [], ...one }));
  return selectChanges(changesAt(...paths), all).map(({ path }) => path);
};

describe('what a selection takes', () => {
  it.each<[string, string[], Partial<Selection>, string[]]>([
    ['whole ids, not parts of them', ['entity:a1', 'entity:a10', 'entity:ba1'], { identifiers: ['a1'] }, ['entity:a1']],
    ['ids by wildcard', ['entity:a1', 'entity:a10', 'entity:b'], { identifiers: ['a*'] }, ['entity:a1', 'entity:a10']],
    [
      'several wildcards in order',
      ['entity:a-x-b-y-c', 'entity:a-y-b-x-c'],
      { identifiers: ['a*x*y*c'] },
      ['entity:a-x-b-y-c'],
    ],
    ['wildcards that do not overlap', ['entity:aba', 'entity:ab'], { identifiers: ['ab*ba'] }, []],
    ['middles that do not reach into the end', ['entity:axb'], { identifiers: ['a*xb*b'] }, []],
    ['whole paths of any kind', ['file:x', 'entity:x'], { identifiers: ['file:x'] }, ['file:x']],
    ['entities only', ['entity:a', 'relationship:a', 'file:a'], { identifiers: ['a'] }, ['entity:a']],
    [
      'relationships only',
      ['entity:a', 'relationship:a'],
      { type: 'relationship', identifiers: ['a'] },
      ['relationship:a'],
    ],
    [
      'files by path or by their last part',
      ['file:src/a.ts', 'file:src/ba.ts', 'entity:a.ts'],
      { type: 'file', identifiers: ['a.ts'] },
      ['file:src/a.ts'],
    ],
    [
      'files by wildcard',
      ['file:src/a.ts', 'file:lib/a.ts'],
      { type: 'file', identifiers: ['src/*'] },
      ['file:src/a.ts'],
    ],
    [
      'namespaces up to the end of a name',
      ['file:src/auth/x', 'file:src/authors', 'entity:src/auth'],
      { type: 'namespace', identifiers: ['src/auth'] },
      ['file:src/auth/x', 'entity:src/auth'],
    ],
    [
      'namespaces that end with a sign',
      ['file:src/a', 'file:srcb'],
      { type: 'namespace', identifiers: ['src/'] },
      ['file:src/a'],
    ],
    [
      'namespaces of whole paths',
      ['file:src/a', 'entity:src/a'],
      { type: 'namespace', identifiers: ['file:src'] },
      ['file:src/a'],
    ],
    [
      'components in the middle',
      ['file:x/auth/y', 'file:x/authz/y'],
      { type: 'component', identifiers: ['auth'] },
      ['file:x/auth/y'],
    ],
    [
      'components as file names',
      ['file:x/auth.ts', 'file:xauth.ts'],
      { type: 'component', identifiers: ['auth'] },
      ['file:x/auth.ts'],
    ],
    [
      'components at the end',
      ['file:x/auth', 'file:x/oauth'],
      { type: 'component', identifiers: ['auth'] },
      ['file:x/auth'],
    ],
    [
      'what fits the pattern as well',
      ['entity:a1', 'entity:a2'],
      { identifiers: ['a*'], includePattern: '1$' },
      ['entity:a1'],
    ],
    [
      'a named path whatever the pattern',
      ['entity:a'],
      { identifiers: ['entity:a'], includePattern: 'b' },
      ['entity:a'],
    ],
    [
      'nothing that is excluded, even by name',
      ['entity:a', 'entity:b'],
      { identifiers: ['entity:a', 'b'], excludePattern: 'a$' },
      ['entity:b'],
    ],
    ['nothing of an unknown kind but by name', ['other:a', 'plain'], { identifiers: ['plain', 'a'] }, ['plain']],
  ])('is %s', (_, paths, selection, expected) => {
    expect(selected(paths, selection)).toEqual(expected);
  });

  it('is the same for every path, whatever was looked at before', () => {
    expect(
      selected(['entity:a', 'entity:b', 'entity:c'], { identifiers: ['*'], includePattern: 'entity' }),
    ).toHaveLength(3);
  });

  it('goes by priority, each path once', () => {
    const paths = ['entity:a', 'entity:b'];
    expect(selected(paths, { identifiers: ['*'], priority: 1 }, { identifiers: ['b'], priority: 9 })).toEqual([
      'entity:b',
      'entity:a',
    ]);
  });

  it('takes all changes of a path together', () => {
    expect(selected(['entity:a', 'entity:a'], { identifiers: ['a'] })).toEqual(['entity:a', 'entity:a']);
  });

  it('is nothing without selections, and says so of each', () => {
    expect(selected(['entity:a'])).toEqual([]);
    const one = (identifier: string) => selectionSchema.parse({ type: 'entity', identifiers: [identifier] });
    expect([matchesAny(one('a'), changesAt('entity:a')), matchesAny(one('b'), changesAt('entity:a'))]).toEqual([
      true,
      false,
    ]);
  });

  it.each([{ includePattern: '(' }, { excludePattern: 'x'.repeat(201) }, { includePattern: '' }])(
    'refuses the expression %o',
    (bad) => {
      expect(selectionSchema.safeParse({ type: 'entity', identifiers: [], ...bad }).success).toBe(false);
    },
  );

  it('takes an expression of the greatest length', () => {
    expect(
      selectionSchema.safeParse({ type: 'entity', identifiers: [], includePattern: 'x'.repeat(200) }).success,
    ).toBe(true);
  });
});
