import { describe, expect, it } from 'vitest';
import { textPatch } from './text-patch.ts';
import { parseUnifiedDiff } from './unified-diff.ts';

describe('two texts compared', () => {
  it('give the lines that come and go, with their numbers', () => {
    const patch = textPatch('a.txt', 'one\ntwo\nthree\n', 'one\n2\nthree\n--- four\n');
    expect(patch).toMatchObject({ additions: 2, deletions: 1 });
    expect(parseUnifiedDiff(patch?.diff ?? '').map(({ kind, text, after }) => [kind, text, after])).toEqual([
      ['hunk', '@@ -1,3 +1,4 @@', null],
      ['context', 'one', 1],
      ['delete', 'two', null],
      ['add', '2', 2],
      ['context', 'three', 3],
      ['add', '--- four', 4],
    ]);
  });

  it('give nothing where they are the same', () => {
    expect(textPatch('a.txt', 'one\n', 'one\n')).toMatchObject({ additions: 0, deletions: 0 });
    expect(parseUnifiedDiff(textPatch('a.txt', 'one\n', 'one\n')?.diff ?? '')).toEqual([]);
  });
});
