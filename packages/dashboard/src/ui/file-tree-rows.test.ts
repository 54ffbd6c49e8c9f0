import { describe, expect, it } from 'vitest';
import { fileTreeRows } from './file-tree-rows.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path }));
const shown = (paths: string[], closed: string[] = []) =>
  fileTreeRows(files(...paths), new Set(closed)).map(({ name, level }) => `${' '.repeat(level - 1)}${name}`);

describe('a tree of files', () => {
  it('stands folders before files, each by name, and joins folders that hold but one folder', () => {
    expect(shown(['readme.md', 'src/b.ts', 'src/billing/deep/a.ts', 'src/billing/deep/b.ts', 'docs/x/y/z.md'])).toEqual(
      ['docs/x/y/', ' z.md', 'src/', ' billing/deep/', '  a.ts', '  b.ts', ' b.ts', 'readme.md'],
    );
  });

  it('leaves out what closed folders hold, and still knows it', () => {
    const rows = fileTreeRows(files('src/a/one.ts', 'src/two.ts', 'top.ts'), new Set(['src/']));
    expect(rows.map(({ key, open }) => [key, open])).toEqual([
      ['src/', false],
      ['top.ts', false],
    ]);
    expect(rows[0]?.below.map(({ path }) => path)).toEqual(['src/a/one.ts', 'src/two.ts']);
  });

  it('says which of how many each is within its folder', () => {
    const rows = fileTreeRows(files('src/b.ts', 'src/a/x.ts', 'src/c.ts', 'top.ts'), new Set());
    expect(rows.map(({ key, position, of }) => `${key} ${position}/${of}`)).toEqual([
      'src/ 1/2',
      'src/a/ 1/3',
      'src/a/x.ts 1/1',
      'src/b.ts 2/3',
      'src/c.ts 3/3',
      'top.ts 2/2',
    ]);
  });

  it('keeps a file and a folder of one name apart', () => {
    expect(fileTreeRows(files('a', 'a/b'), new Set()).map(({ key }) => key)).toEqual(['a/', 'a/b', 'a']);
  });
});
