import { expect, it } from 'vitest';
import type { KnownSymbol } from '../../imports/known-symbols.ts';
import { loadNoiseSettings } from '../../noise/noise-settings.ts';
import type { CoveredFile } from './covered-file.ts';
import { tellCoverage } from './tell-coverage.ts';

const telling = { suite: 'unit', runId: 'r', environment: undefined, at: new Date(0), noise: loadNoiseSettings({}) };
const symbol = (name: string, line: number, endLine: number): KnownSymbol => {
  return { id: `sym:a.ts#${name}@1`, path: 'a.ts', name, kind: 'function', line, endLine };
};
const tell = (file: CoveredFile, symbols: KnownSymbol[]) => {
  const known = { entities: new Map(), symbols: new Map([['a.ts', symbols]]), before: new Map() };
  const [unit] = tellCoverage({ files: [file] }, known, telling).units;
  return new Map(unit?.relationships.map(({ toEntityId, coverage }) => [toEntityId, coverage]));
};

it('of a function the lines count that stand within it, both ends included, in whatever order they are told', () => {
  const lines = new Map([
    [9, 1],
    [3, 1],
    [4, 0],
    [5, 2],
    [2, 1],
    [6, 0],
  ]);
  const functions = [
    { name: 'total', line: 3, endLine: 5, hits: 1 },
    { name: 'rate', line: null, endLine: null, hits: 0 },
    { name: 'none', line: 7, endLine: 8, hits: 1 },
    { name: 'turned', line: 9, endLine: 2, hits: 1 },
  ];
  const told = tell({ path: 'a.ts', lines, functions, branches: [], statements: null }, [
    symbol('Invoice.total', 3, 5),
    symbol('Invoice.subtotal', 12, 13),
    symbol('rate', 6, 9),
  ]);
  expect(told.get('sym:a.ts#Invoice.total@1')).toEqual({ functions: 100, lines: 66.67 });
  expect(told.get('sym:a.ts#rate@1')).toEqual({ functions: 0, lines: 50 });
  expect(told.get('file:a.ts:none')).toEqual({ functions: 100 });
  expect(told.get('file:a.ts:turned')).toEqual({ functions: 100 });
});

// With a step for each pair of them it would not end within the limit of tests.
it('a file with very many functions that each have all of its lines is told of', () => {
  const count = 50_000;
  const lines = new Map(Array.from({ length: count }, (_, n) => [n + 1, n % 2]));
  const functions = Array.from({ length: count }, (_, n) => ({ name: `f${n}`, line: 1, endLine: count, hits: 1 }));
  const told = tell(
    { path: 'a.ts', lines, functions, branches: [], statements: null },
    functions.slice(0, 5_000).map(({ name }) => symbol(name, 1, count)),
  );
  expect(told.size).toBe(count + 1);
  expect(told.get('sym:a.ts#f7@1')).toEqual({ functions: 100, lines: 50 });
});
