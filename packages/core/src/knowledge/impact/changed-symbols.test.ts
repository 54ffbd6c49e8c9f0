import { describe, expect, test } from 'vitest';
import { changedSymbols } from './changed-symbols.ts';
import type { DeclaredSymbol } from './code-users.ts';

const TEXT = `import { rate } from './rate.js';

/** Adds. */
export function total(a: number): number {
  const sum = a + 1;
  return sum;
}

export class Till {
  open(): void {
    total(1);
  }
  close(): void {
    total(2);
  }
}

export function leaf(): number {
  return 1;
}
`;

/** Declared from the first place of a text up to the end of another. */
function symbol(name: string, from: string, to: string, signature: string): DeclaredSymbol {
  const start = TEXT.indexOf(from);
  return { id: name, name, path: 'a.ts', start, end: TEXT.indexOf(to, start) + to.length, signature };
}
const SYMBOLS = [
  symbol('total', 'export function total', '\n}', 'export function total(a: number): number'),
  symbol('Till', 'export class Till', '\n}', 'export class Till'),
  symbol('Till.open', 'open()', '\n  }', 'open(): void'),
  symbol('Till.close', 'close()', '\n  }', 'close(): void'),
  symbol('leaf', 'export function leaf', '\n}', 'export function leaf(): number'),
];

const found = (after: string) => {
  const { changes, outside } = changedSymbols(SYMBOLS, TEXT, after);
  const told = changes.map(({ symbol, changeType, signatureChange }) =>
    [symbol.name, changeType === 'delete' ? 'deleted' : '', signatureChange ? 'signature' : '']
      .filter(Boolean)
      .join(' '),
  );
  return [told.sort(), outside];
};
const put = (from: string, to: string) => found(TEXT.replace(from, to));

describe('what an edit changes', () => {
  test('is what it stands in: of nested things the inner', () => {
    expect(put('a + 1', 'a + 2')).toEqual([['total'], false]);
    expect(put('total(2)', 'total(3)')).toEqual([['Till.close'], false]);
    expect(put('  return sum;\n', '  log(sum);\n  return sum;\n')).toEqual([['total'], false]);
    expect(found(TEXT)).toEqual([[], false]);
  });

  test('is found without comparing everything with everything where very much changes', () => {
    const many = (word: string) => Array.from({ length: 30_000 }, (_, n) => `${word} ${n}\n`).join('');
    expect(changedSymbols(SYMBOLS, TEXT + many('old'), TEXT + many('new'))).toEqual({ changes: [], outside: true });
  });

  test('is all of them where there are several, wherever they stand', () => {
    expect(found(TEXT.replace('a + 1', 'a + 2').replace('return 1', 'return 2'))).toEqual([['leaf', 'total'], false]);
    expect(put('    total(1);\n  }\n  close', '    total(9);\n  }\n  shut')).toEqual([
      ['Till.close deleted signature', 'Till.open'],
      false,
    ]);
    // What goes from one member into the next is the class's.
    expect(put('    total(1);\n  }\n  close(): void {\n', '')).toEqual([
      ['Till', 'Till.close deleted signature', 'Till.open'],
      false,
    ]);
  });

  test('tells what is gone, and what others have to change with', () => {
    expect(put('total(a: number)', 'total(a: number, b: number)')).toEqual([['total signature'], false]);
    expect(put('export function total(a: number):   number', 'x')).toEqual([[], false]);
    const without = TEXT.slice(0, TEXT.indexOf('export function leaf'));
    expect(found(without)).toEqual([['leaf deleted signature'], false]);
    expect(found('')).toEqual([
      ['Till', 'Till.close', 'Till.open', 'leaf', 'total'].map((name) => `${name} deleted signature`),
      true,
    ]);
  });

  test('is of the file itself where it stands in nothing that is declared', () => {
    expect(put("'./rate.js'", "'./rates.js'")).toEqual([[], true]);
    expect(put('export function leaf', 'export function next(): void {}\n\nexport function leaf')).toEqual([[], true]);
  });
});
