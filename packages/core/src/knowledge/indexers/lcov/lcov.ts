import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type ReportSource, repositoryPath, unreadable } from '../../imports/report-source.ts';
import type { CoverageReport, CoveredFile, CoveredFunction } from '../test-coverage/covered-file.ts';
import { askForCovered, tellCoverage } from '../test-coverage/tell-coverage.ts';

/** A file as it is being read; several records of one file add up. */
interface Reading {
  path: string;
  lines: Map<number, number>;
  /** By name and line: methods of several classes may go by one name. */
  functions: Map<string, CoveredFunction>;
  /** By line, block and branch. */
  branches: Map<string, number>;
  /** Functions of the record that is open, by name: where those that go by it begin and end, and how often they ran, each in its order. */
  named: Map<string, { places: Pick<CoveredFunction, 'line' | 'endLine'>[]; hits: number[] }>;
}

/** Kinds of lines that say nothing which others do not: totals, names of tests, checksums' versions. */
const PASSED_OVER = /^(?:TN|LF|LH|FNF|FNH|BRF|BRH|VER|FNL|FNA|MCDC|MCF|MCH):/;

export const lcov: ReportAdapter<CoverageReport> = {
  format: 'lcov',
  recognises: ({ text }) => /^(?:\s*(?:TN|SF):[^\n]*\n)+/.test(text) && /^SF:/m.test(text),
  read: readLcov,
  asks: askForCovered,
  tell: tellCoverage,
};

/** Coverage as `geninfo`, c8, istanbul and others write it. @throws IMPORT_UNREADABLE with the line, GRAPH_REPORT_PATH */
export function readLcov(source: ReportSource): CoverageReport {
  const files = new Map<string, Reading>();
  let open: Reading | null = null;
  let number = 0;
  for (const raw of source.text.split('\n')) {
    number += 1;
    const line = raw.replace(/\r$/, '').trim();
    if (line === '' || line.startsWith('#') || PASSED_OVER.test(line)) continue;
    const fail = (reason: string) => unreadable('lcov', `line ${number}: ${reason}`);
    const [, kind = '', value = ''] = /^([A-Z]+):(.*)$/s.exec(line) ?? [];
    if (kind === 'SF') {
      if (open) throw fail('a file begins before the last one ended');
      const path = repositoryPath('lcov', source, value);
      open = files.get(path) ?? readingOf(path);
      files.set(path, open);
    } else if (line === 'end_of_record') {
      if (!open) throw fail('a file ends that did not begin');
      countFunctions(open);
      open = null;
    } else if (!open) {
      throw fail('it stands in no file');
    } else if (!readLine(open, kind, value)) {
      throw fail('it is none that LCOV knows');
    }
  }
  if (open) throw unreadable('lcov', 'it breaks off within a file');
  if (files.size === 0) throw unreadable('lcov', 'it tells of no file');
  return { files: [...files.values()].map(coveredFile) };
}

function readingOf(path: string): Reading {
  return { path, lines: new Map(), functions: new Map(), branches: new Map(), named: new Map() };
}

/** False for a line that is not as LCOV has it. */
function readLine({ lines, branches, named }: Reading, kind: string, value: string): boolean {
  if (kind === 'DA') {
    const [, line, hits] = /^(\d{1,9}),(-?\d{1,15})(?:,[^,]*)?$/.exec(value) ?? [];
    // Tools that lose count write a number below 0.
    if (line !== undefined) lines.set(Number(line), (lines.get(Number(line)) ?? 0) + Math.max(0, Number(hits)));
    return line !== undefined;
  }
  if (kind === 'FN') {
    const [, line, end, name = ''] = /^(\d{1,9}),(?:(\d{1,9}),)?(.+)$/s.exec(value) ?? [];
    if (line === undefined) return false;
    const place = { line: Number(line), endLine: end === undefined ? null : Number(end) };
    ofName(named, name).places.push(place);
    return true;
  }
  if (kind === 'FNDA') {
    const [, hits, name = ''] = /^(\d{1,15}),(.+)$/s.exec(value) ?? [];
    if (hits === undefined) return false;
    ofName(named, name).hits.push(Number(hits));
    return true;
  }
  if (kind !== 'BRDA') return false;
  const [, branch = '', taken] = /^(\d+,[^,]+,.+),(-|\d{1,15})$/s.exec(value) ?? [];
  if (taken === undefined) return false;
  branches.set(branch, (branches.get(branch) ?? 0) + (taken === '-' ? 0 : Number(taken)));
  return true;
}

function ofName(named: Reading['named'], name: string) {
  const known = named.get(name) ?? { places: [], hits: [] };
  named.set(name, known);
  return known;
}

/** Of several that go by one name, the first count is of the first, and so on; what is counted more often is of the last. */
function countFunctions({ functions, named }: Reading): void {
  for (const [name, { places, hits }] of named) {
    const known = places.length > 0 ? places : [{ line: null, endLine: null }];
    known.forEach((place, n) => {
      const own = n === known.length - 1 ? hits.slice(n) : hits.slice(n, n + 1);
      const key = JSON.stringify([name, place.line]);
      const before = functions.get(key)?.hits ?? 0;
      functions.set(key, { name, ...place, hits: own.reduce((sum, count) => sum + count, before) });
    });
  }
  named.clear();
}

function coveredFile({ path, lines, functions, branches }: Reading): CoveredFile {
  return { path, lines, functions: [...functions.values()], branches: [...branches.values()], statements: null };
}
