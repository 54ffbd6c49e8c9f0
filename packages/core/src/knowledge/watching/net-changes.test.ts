import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { type FileState, priorityOf } from './file-change.ts';
import { netChanges } from './net-changes.ts';

const file = (hash: string): FileState => ({ isDirectory: false, size: 1, mtime: new Date(0), hash });

it('what is told, done to what there was, makes what there is, and says nothing of what stays (WATCH-08, 09)', () => {
  const paths = ['a/x.ts', 'b/x.ts', 'a/y.ts', 'c', 'd'];
  const tree = fc
    .dictionary(fc.constantFrom(...paths), fc.constantFrom('1', '2', '3'))
    .map((all) => new Map<string, string>(Object.entries(all)));
  fc.assert(
    fc.property(tree, tree, (was, is) => {
      const states = (all: Map<string, string>) => new Map([...all].map(([path, hash]) => [path, file(hash)]));
      const changes = netChanges(paths, states(was), states(is));
      const made = new Map(was);
      for (const { type, path, oldPath } of changes) if (type === 'delete' || oldPath) made.delete(oldPath ?? path);
      for (const { type, path, hash } of changes) if (type !== 'delete') made.set(path, hash ?? '');
      expect(new Map([...made].sort())).toEqual(new Map([...is].sort()));
      for (const { type, path, oldPath, hash } of changes) {
        expect(type === 'rename').toBe(oldPath !== undefined);
        expect(was.get(oldPath ?? path) === hash).toBe(type === 'rename' || type === 'delete');
      }
      const of = (wanted: string) => changes.filter(({ type }) => type === wanted).map(({ hash }) => hash);
      expect(of('create').filter((hash) => of('delete').includes(hash))).toEqual([]);
    }),
    randomCases(),
  );
});

it('of several with the same contents those with the same name go together', () => {
  const was = new Map(['a/x', 'a/y'].map((path) => [path, file('same')]));
  const is = new Map(['b/y', 'b/z'].map((path) => [path, file('same')]));
  const moved = netChanges(['a/x', 'a/y', 'b/y', 'b/z'], was, is).map(({ path, oldPath }) => [oldPath, path]);
  expect(moved).toEqual([
    ['a/y', 'b/y'],
    ['a/x', 'b/z'],
  ]);
});

it('priorities go by whole parts of the path (WATCH-12)', () => {
  const of = (...paths: string[]) => paths.map(priorityOf);
  expect(of('src/latest.ts', 'src/inspector.ts', 'blogs/a.tsx')).toEqual(['high', 'high', 'high']);
  expect(of('src/a.test.ts', 'test/a.ts', 'dist/a.js', 'x/build/y.ts', 'a.log')).toEqual(Array(5).fill('low'));
  expect(of('src/a_test.ts', 'src/a-spec.tsx', 'src/__tests__/a.js')).toEqual(['low', 'low', 'low']);
  expect(of('package.json', 'docs/README', 'a.yaml', 'a.png')).toEqual(['medium', 'medium', 'medium', 'low']);
});

// With a step for each pair of them it would take some five minutes.
it('a directory of very many files that was moved is one rename each', () => {
  const names = Array.from({ length: 100_000 }, (_, n) => `${n}.ts`);
  const states = (directory: string) => new Map(names.map((name, n) => [`${directory}/${name}`, file(String(n % 7))]));
  const [was, is] = [states('old'), states('new')];
  const changes = netChanges([...was.keys(), ...is.keys()], was, is);
  expect(changes).toHaveLength(names.length);
  expect(
    changes.filter(({ type, path, oldPath }) => type === 'rename' && path.slice(4) === oldPath?.slice(4)),
  ).toHaveLength(names.length);
});
