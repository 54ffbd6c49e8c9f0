import { expect, it } from 'vitest';
import type { KnownSymbol } from '../../imports/known-symbols.ts';
import { sourceOf } from '../../imports/testing/fixture.ts';
import { loadNoiseSettings } from '../../noise/noise-settings.ts';
import { tellCoverage } from '../test-coverage/tell-coverage.ts';
import { readLcov } from './lcov.ts';

const functionsOf = (...lines: string[]) =>
  readLcov(sourceOf(['SF:a.js', ...lines, 'end_of_record'].join('\n'))).files[0]?.functions.map(
    ({ name, line, hits }) => [name, line, hits],
  );

it('methods of one name are told apart, and one that never ran is not tested', () => {
  const text = 'SF:a.js\nFN:1,get\nFN:2,get\nFNDA:0,get\nFNDA:3,get\nDA:1,0\nDA:2,3\nend_of_record\n';
  const symbol = (name: string, line: number): KnownSymbol => {
    return { id: name, path: 'a.js', name, kind: 'function', line, endLine: line };
  };
  const symbols = new Map([['a.js', [symbol('A.get', 1), symbol('B.get', 2)]]]);
  const known = { entities: new Map(), symbols, before: new Map() };
  const telling = {
    suite: 'a.test.js',
    runId: 'r',
    environment: undefined,
    at: new Date(0),
    noise: loadNoiseSettings({}),
  };
  const [unit] = tellCoverage(readLcov(sourceOf(text)), known, telling).units;
  const edges = unit?.relationships ?? [];
  expect(edges.flatMap(({ type, toEntityId }) => (type === 'TESTS' ? toEntityId : []))).toEqual(['B.get']);
  expect(edges).toMatchObject([
    { type: 'COVERAGE_PROVIDES', toEntityId: 'file:a.js', coverage: { functions: 50 } },
    { toEntityId: 'A.get', coverage: { functions: 0, lines: 0 }, metadata: { hits: 0 } },
    { toEntityId: 'B.get', coverage: { functions: 100, lines: 100 }, metadata: { hits: 3 } },
    { type: 'TESTS' },
  ]);
});

it('counts are of functions in their order, add up over records, and may stand before them or alone', () => {
  const record = ['FN:1,get', 'FN:5,get', 'FN:9,x', 'FNDA:1,get', 'FNDA:0,get', 'FNDA:2,x'];
  expect(functionsOf(...record, 'end_of_record', 'SF:a.js', ...record)).toEqual([
    ['get', 1, 2],
    ['get', 5, 0],
    ['x', 9, 4],
  ]);
  expect(functionsOf('FNDA:1,x', 'FN:3,x', 'FNDA:2,y')).toEqual([
    ['x', 3, 1],
    ['y', null, 2],
  ]);
  // A tool that counts each name once says nothing of the others.
  expect(functionsOf('FN:1,get', 'FN:5,get', 'FNDA:1,get', 'FN:7,z', 'FNDA:1,z', 'FNDA:1,z')).toEqual([
    ['get', 1, 1],
    ['get', 5, 0],
    ['z', 7, 2],
  ]);
});
