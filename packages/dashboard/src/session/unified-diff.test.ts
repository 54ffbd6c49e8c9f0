import { describe, expect, it } from 'vitest';
import { parseUnifiedDiff } from './unified-diff.ts';

const DIFF = `diff --git a/a.txt b/a.txt
index 1..2 100644
--- a/a.txt
+++ b/a.txt
@@ -3,3 +3,3 @@ heading
 same
--- dashes
+++ pluses
 end
\\ No newline at end of file
`;

describe('unified diffs', () => {
  it('numbers the lines of both sides', () => {
    expect(parseUnifiedDiff(DIFF).map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['hunk', null, null],
      ['context', 3, 3],
      ['delete', 4, null],
      ['add', null, 4],
      ['context', 5, 5],
      ['note', null, null],
    ]);
  });

  it('takes lines that look like file headers for what they are inside a hunk', () => {
    const lines = parseUnifiedDiff(DIFF);
    expect(lines[2]?.text).toBe('-- dashes');
    expect(lines[3]?.text).toBe('++ pluses');
  });

  it('starts again at a second hunk', () => {
    const lines = parseUnifiedDiff('@@ -1 +1 @@\n-a\n+b\n@@ -100,2 +200,2 @@\n x\n y\n');
    expect(lines.at(-1)).toEqual({ kind: 'context', text: 'y', before: 101, after: 201 });
  });

  it('gives nothing for an empty diff', () => {
    expect(parseUnifiedDiff('')).toEqual([]);
  });
});
