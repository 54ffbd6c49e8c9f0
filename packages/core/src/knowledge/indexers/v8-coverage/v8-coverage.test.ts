import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sourceOf } from '../../imports/testing/fixture.ts';
import { writeSources } from '../typescript/testing/fixture.ts';
import { readV8Coverage } from './v8-coverage.ts';

const TEXT = 'function a() {\n  return 1;\n}\nfunction b() {\n  return 2;\n}\n';
const B = TEXT.indexOf('function b');

it('loads of one script add up, whichever comes last', async () => {
  const root = writeSources({ 'a.js': TEXT });
  try {
    const one = (functionName: string, startOffset: number, endOffset: number, count: number) => {
      return { functionName, ranges: [{ startOffset, endOffset, count }], isBlockCoverage: count > 0 };
    };
    const load = (a: number, b: number) => ({
      url: `file://${root}/a.js`,
      functions: [one('', 0, TEXT.length, 1), one('a', 0, B - 1, a), one('b', B, TEXT.length - 1, b)],
    });
    const read = async (...result: object[]) =>
      (await readV8Coverage(sourceOf(JSON.stringify({ result }), { root, workspace: root }))).files;
    for (const loads of [
      [load(2, 0), load(0, 3)],
      [load(0, 3), load(2, 0)],
    ]) {
      const [file, ...others] = await read(...loads);
      expect(others).toEqual([]);
      expect(file?.functions).toMatchObject([
        { name: 'a', line: 1, hits: 2 },
        { name: 'b', line: 4, hits: 3 },
      ]);
      expect(file?.lines).toEqual(new Map([2, 2, 2, 3, 3, 3].map((hits, n) => [n + 1, hits])));
    }
    expect((await read(load(2, 0)))[0]?.functions).toMatchObject([{ hits: 2 }, { hits: 0 }]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
