import { describe, expect, it } from 'vitest';
import { displayWidth, oneLine, truncate } from './display-width.ts';
import { styleFor } from './style.ts';
import { type Column, renderTable } from './table.ts';

interface Row {
  id: string;
  title: string;
  count: number;
}
const COLUMNS: Column<Row>[] = [
  { header: 'ID', value: (row) => row.id },
  { header: 'TITLE', value: (row) => row.title, flexible: true },
  { header: 'N', value: (row) => String(row.count), align: 'right', colour: () => 'red' },
];
const plain = (_colour: string, text: string) => text;

describe('tables', () => {
  it('align their columns, numbers to the right', () => {
    const rows = [
      { id: 'a', title: 'short', count: 5 },
      { id: 'bcd', title: 'a longer one', count: 100 },
    ];
    expect(renderTable(rows, COLUMNS, plain)).toBe(
      ['ID   TITLE           N', 'a    short           5', 'bcd  a longer one  100', ''].join('\n'),
    );
  });

  it('cut only what may be cut, and only where the terminal is too narrow', () => {
    const rows = [{ id: '0190-not-to-be-cut', title: 'x'.repeat(100), count: 1 }];
    const narrow = renderTable(rows, COLUMNS, plain, 40);
    expect(Math.max(...narrow.split('\n').map(displayWidth))).toBe(40);
    expect(narrow).toContain('0190-not-to-be-cut');
    expect(narrow).toContain('x…');
    expect(renderTable(rows, COLUMNS, plain)).toContain('x'.repeat(100));
  });

  it('stay aligned beside wide characters', () => {
    const rows = [
      { id: 'a', title: '日本語', count: 1 },
      { id: 'b', title: 'abcdef', count: 1 },
    ];
    const [, first = '', second = ''] = renderTable(rows, COLUMNS, plain).split('\n');
    expect(displayWidth(first)).toBe(displayWidth(second));
  });

  it('keep escape sequences and line breaks of titles out of the terminal', () => {
    const rows = [{ id: 'a', title: 'evil\u001b[2J\r\nsecond\u0007', count: 1 }];
    expect(renderTable(rows, COLUMNS, plain)).toContain('evil[2J second');
  });

  it('colour the text and not its padding, so that columns stay aligned', () => {
    const red = (colour: string, text: string) => (colour === 'red' ? `<${text}>` : text);
    const rows = [
      { id: 'a', title: 't', count: 1 },
      { id: 'a', title: 't', count: 1000 },
    ];
    expect(renderTable(rows, COLUMNS, red)).toContain('   <1>\n');
  });
});

describe('widths', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['👩‍🚀x', 3],
    ['e\u0301', 1],
  ])('of %j is %i', (text, width) => expect(displayWidth(text)).toBe(width));

  it('hold after cutting, also through wide characters', () => {
    for (let width = 1; width <= 10; width++)
      expect(displayWidth(truncate('日本語のテスト', width))).toBeLessThanOrEqual(width);
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abcd', 3)).toBe('ab…');
  });

  it('are of one line', () => expect(oneLine('a\n\tb  c')).toBe('a b c'));
});

describe('colours', () => {
  const stream = (isTTY: boolean) => ({ isTTY }) as unknown as Parameters<typeof styleFor>[0];

  it('appear on a terminal only, and never against NO_COLOR', () => {
    expect(styleFor(stream(true), {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(styleFor(stream(false), {})('red', 'x')).toBe('x');
    expect(styleFor(stream(true), { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(styleFor(stream(true), { TERM: 'dumb' })('red', 'x')).toBe('x');
    expect(styleFor(stream(false), { FORCE_COLOR: '1' })('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  });
});
