import { describe, expect, it } from 'vitest';
import { hasMarkers, sideLines, withNamedSides } from './conflict-lines.ts';

const marked = (lines: { text: string; differs: boolean }[]) =>
  lines.filter(({ differs }) => differs).map(({ text }) => text);

describe('the sides of a conflict', () => {
  it('marks the lines that the other side has not', () => {
    const { left, right } = sideLines('a\nb\nmine\nc\n', 'a\nb\nyours\nand more\nc\n');
    expect(marked(left)).toEqual(['mine']);
    expect(marked(right)).toEqual(['yours', 'and more']);
    expect(left.map(({ text }) => text)).toEqual(['a', 'b', 'mine', 'c', '']);
  });

  it('marks nothing where both are the same, and what is only longer where one goes on', () => {
    expect(marked(sideLines('a\na\n', 'a\na\n').left)).toEqual([]);
    const { left, right } = sideLines('a\na', 'a\na\nb');
    expect(marked(left)).toEqual([]);
    expect(marked(right)).toEqual(['b']);
  });

  it('names the sides in place of objects, and leaves everything else as it is', () => {
    const oid = '84d529d8855440a452bfcdc395bc11f6c9a20b57';
    const named = withNamedSides(`<<<<<<< ${oid}\nb\n=======\nc ${oid}\n>>>>>>> ${oid}:old name.txt\n`);
    expect(named).toBe(`<<<<<<< now\nb\n=======\nc ${oid}\n>>>>>>> old\n`);
    expect(hasMarkers(named)).toBe(true);
  });

  it('knows the marks of a merge that was not decided', () => {
    expect(hasMarkers('a\n<<<<<<< now\nb\n=======\nc\n>>>>>>> before\n')).toBe(true);
    expect(hasMarkers('a <<<<<<< b\n=======\nheading\n')).toBe(false);
  });
});
