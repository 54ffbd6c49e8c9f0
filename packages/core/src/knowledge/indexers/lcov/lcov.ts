import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type ReportSource, repositoryPath, unreadable } from '../../imports/report-source.ts';
import type { CoverageReport, CoveredFile, CoveredFunction } from '../test-coverage/covered-file.ts';
import { askForCovered, tellCoverage } from '../test-coverage/tell-coverage.ts';

/** A record of one file as it is being read; several of one file add up. */
interface Reading {
  path: string;
  lines: Map<number, number>;
  /** By name and line. */
  functions: Map<string, CoveredFunction>;
  /** By line, block and branch. */
  branches: Map<string, number>;
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
      open = files.get(path) ?? { path, lines: new Map(), functions: new Map(), branches: new Map() };
      files.set(path, open);
    } else if (line === 'end_of_record') {
      if (!open) throw fail('a file ends that did not begin');
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

/** False for a line that is not as LCOV has it. */
function readLine({ lines, functions, branches }: Reading, kind: string, value: string): boolean {
  if (kind === 'DA') {
    const [, line, hits] = /^(\d{1,9}),(-?\d{1,15})(?:,[^,]*)?$/.exec(value) ?? [];
    // Tools that lose count write a number below 0.
    if (line !== undefined) lines.set(Number(line), (lines.get(Number(line)) ?? 0) + Math.max(0, Number(hits)));
    return line !== undefined;
  }
  if (kind === 'FN') {
    const [, line, end, name = ''] = /^(\d{1,9}),(?:(\d{1,9}),)?(.+)$/s.exec(value) ?? [];
    if (line === undefined) return false;
    const known = functions.get(name);
    functions.set(name, {
      name,
      line: Number(line),
      endLine: end === undefined ? null : Number(end),
      hits: known?.hits ?? 0,
    });
    return true;
  }
  if (kind === 'FNDA') {
    const [, hits, name = ''] = /^(\d{1,15}),(.+)$/s.exec(value) ?? [];
    if (hits === undefined) return false;
    const known = functions.get(name) ?? { name, line: null, endLine: null, hits: 0 };
    functions.set(name, { ...known, hits: known.hits + Number(hits) });
    return true;
  }
  if (kind !== 'BRDA') return false;
  const [, branch = '', taken] = /^(\d+,[^,]+,.+),(-|\d{1,15})$/s.exec(value) ?? [];
  if (taken === undefined) return false;
  branches.set(branch, (branches.get(branch) ?? 0) + (taken === '-' ? 0 : Number(taken)));
  return true;
}

function coveredFile({ path, lines, functions, branches }: Reading): CoveredFile {
  return { path, lines, functions: [...functions.values()], branches: [...branches.values()], statements: null };
}
