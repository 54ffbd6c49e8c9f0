import fc from 'fast-check';
import type { TestFile, TestFiles } from './tree-room.ts';

/** Few names, so that trees share paths, and files stand where other trees have directories. */
const pathArbitrary = fc
  .array(fc.constantFrom('a', 'b', 'c', 'lib', 'ü'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));

const lines = fc.array(fc.constantFrom('one', 'two', 'three', 'four', '', '\r'), { maxLength: 12 });
const text = fc.tuple(lines, fc.boolean()).map(([all, ended]) => all.join('\n') + (ended ? '\n' : ''));
const binary = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => `\0${Buffer.from(bytes).toString('latin1')}`);

const fileArbitrary: fc.Arbitrary<TestFile> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ mode: fc.constantFrom('100644', '100755'), content: text }) },
  { weight: 2, arbitrary: fc.record({ mode: fc.constant('100644'), content: binary }) },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('120000'), content: fc.constantFrom('a', '../b', 'lib/c') }) },
);

export const treeArbitrary: fc.Arbitrary<TestFiles> = fc
  .array(fc.tuple(pathArbitrary, fileArbitrary), { maxLength: 8 })
  .map(withoutClashes);

/** A step from a tree to another: files written, removed, moved, made executable; directories moved. */
export const stepsArbitrary: fc.Arbitrary<((files: TestFiles) => TestFiles)[]> = fc.array(
  fc.oneof(
    fc.tuple(pathArbitrary, fileArbitrary).map(
      ([path, file]) =>
        (files: TestFiles) =>
          withoutClashes([...Object.entries(files), [path, file]]),
    ),
    fc.nat().map((which) => (files: TestFiles) => {
      const gone = pick(files, which);
      return Object.fromEntries(Object.entries(files).filter(([path]) => path !== gone));
    }),
    fc.tuple(fc.nat(), pathArbitrary).map(([which, to]) => (files: TestFiles) => {
      const from = pick(files, which);
      const moved = Object.entries(files).map(([path, file]): [string, TestFile] => [path === from ? to : path, file]);
      return withoutClashes(moved);
    }),
    fc.tuple(fc.constantFrom('a', 'b', 'lib'), fc.constantFrom('c', 'b/ü', 'lib')).map(
      ([from, to]) =>
        (files: TestFiles) =>
          withoutClashes(
            Object.entries(files).map(([path, file]): [string, TestFile] => [
              path.startsWith(`${from}/`) ? to + path.slice(from.length) : path,
              file,
            ]),
          ),
    ),
    fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('X\n', 'Y\n', '')).map(([which, line, put]) => (files: TestFiles) => {
      const path = pick(files, which);
      const file = path === undefined ? undefined : files[path];
      if (path === undefined || file === undefined || file.mode === '120000') return files;
      const all = file.content.split(/(?<=\n)/);
      all.splice(line % (all.length + 1), 1, put);
      return { ...files, [path]: { ...file, content: all.join('') } };
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

function pick(files: TestFiles, which: number): string | undefined {
  const paths = Object.keys(files).sort();
  return paths[which % Math.max(1, paths.length)];
}

/** What comes later stands; whatever it cannot stand together with goes. */
function withoutClashes(entries: readonly (readonly [string, TestFile])[]): TestFiles {
  const files: TestFiles = {};
  for (const [path, file] of entries) {
    for (const other of Object.keys(files)) {
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) delete files[other];
    }
    files[path] = file;
  }
  return files;
}
