import { createHash } from 'node:crypto';
import type { RawEdge } from '../../edges/raw-edge.ts';
import { type KnownSymbol, symbolsByName } from '../../imports/known-symbols.ts';
import type { Asked, Known, ReportUnit, Telling, Told } from '../../imports/report-adapter.ts';
import type { CoverageMetrics } from '../../vocabulary/test-entity.ts';
import { isTestFile, testTypeOf } from '../test-file.ts';
import { type CoverageReport, type CoveredFile, percentOf, percentRun } from './covered-file.ts';

/** Most lines that did not run which an edge names; the percentage tells of all. */
const MOST_LINES = 1_000;

export function askForCovered({ files }: CoverageReport, { suite }: Telling): Asked {
  const own = suiteId(suite);
  return { entities: [own], symbolsOf: files.map(({ path }) => path), before: false };
}

/**
 * COVERAGE_PROVIDES from who ran to each file and each function in it. Where the suite is a test file, what ran is what it tests: TESTS
 * from it to each function that ran.
 */
export function tellCoverage(report: CoverageReport, known: Known, telling: Telling): Told {
  const { suite, runId } = telling;
  const from = suiteId(suite);
  const units: ReportUnit[] = report.files.map((file) => {
    const relationships: RawEdge[] = [];
    const cover = (toEntityId: string, coverage: CoverageMetrics, metadata: Record<string, unknown>) =>
      relationships.push({ type: 'COVERAGE_PROVIDES', fromEntityId: from, toEntityId, coverage, runId, metadata });
    cover(`file:${file.path}`, metricsOf(file), {
      uncoveredLines: linesMissed(file).slice(0, MOST_LINES),
    });
    const symbolOf = symbolsByName(known.symbols.get(file.path) ?? []);
    const linesRun = linesRunOf(file);
    const tested = new Map<string, { hits: number; metrics: CoverageMetrics }>();
    for (const one of file.functions) {
      const symbol = symbolOf(one.name, one.line);
      const id = symbol?.id ?? `file:${file.path}:${one.name}`;
      const hits = (tested.get(id)?.hits ?? 0) + one.hits;
      tested.set(id, {
        hits,
        metrics: metricsOfFunction(linesRun, one.endLine ?? symbol?.endLine ?? null, one, symbol, hits),
      });
    }
    for (const [id, { hits, metrics }] of tested) {
      cover(id, metrics, { hits });
      if (from.startsWith('file:') && hits > 0) relationships.push(testsEdge(from, id, suite, metrics));
    }
    return { name: file.path, entities: [], relationships };
  });
  if (from.startsWith('test:'))
    units.push({ name: ':suite', entities: [suiteEntity(report, known, telling)], relationships: [] });
  return { units, isAll: true, ...(report.leftOut ? { leftOut: report.leftOut } : {}) };
}

function testsEdge(from: string, id: string, suite: string, { lines }: CoverageMetrics): RawEdge {
  return {
    type: 'TESTS',
    fromEntityId: from,
    toEntityId: id,
    testType: testTypeOf(suite),
    ...(lines === undefined ? {} : { coverage: lines }),
    evidence: [{ source: 'runtime', confidence: 1, note: 'it ran' }],
  };
}

/** A test file, or all tests of a suite. */
function suiteId(suite: string): string {
  return isTestFile(suite) ? `file:${suite}` : `test:suite:${suite}`;
}

/** All that ran, as one test: nobody knows from such a report which of them ran what. */
function suiteEntity({ files }: CoverageReport, known: Known, { suite, runId, at }: Telling) {
  const id = suiteId(suite);
  const before = known.entities.get(id)?.entity;
  return {
    id,
    type: 'test',
    path: '',
    hash: createHash('sha256').update(id).digest('hex').slice(0, 32),
    language: '',
    lastModified: at.toISOString(),
    created: before?.created ?? at.toISOString(),
    testType: testTypeOf(suite),
    targetSymbol: '',
    framework: 'unknown',
    coverage: metricsOf({
      lines: new Map(files.flatMap(({ lines }, n) => [...lines].map(([line, hits]) => [n * 1e7 + line, hits]))),
      functions: files.flatMap(({ functions }) => functions),
      branches: files.flatMap(({ branches }) => branches),
      statements: files.some(({ statements }) => statements)
        ? files.flatMap(({ statements }) => statements ?? [])
        : null,
    }),
    status: 'unknown',
    executionHistory: [],
    dependencies: [],
    tags: [],
    metadata: { name: suite, runId },
  };
}

function metricsOf({ lines, functions, branches, statements }: Omit<CoveredFile, 'path'>): CoverageMetrics {
  return stated({
    lines: percentRun([...lines.values()]),
    functions: percentRun(functions.map(({ hits }) => hits)),
    branches: percentRun(branches),
    statements: statements ? percentRun(statements) : undefined,
  });
}

/** How many of the lines from one to another can run, and how many did. */
type LinesRun = (first: number, last: number) => { found: number; ran: number };

/** Made once for a file: functions may be as many as its lines, and each have all of them. */
function linesRunOf({ lines }: CoveredFile): LinesRun {
  const sorted = [...lines].sort(([a], [b]) => a - b);
  const numbers = sorted.map(([line]) => line);
  const ranBefore = [0];
  for (const [, hits] of sorted) ranBefore.push((ranBefore.at(-1) ?? 0) + (hits > 0 ? 1 : 0));
  const before = (line: number) => {
    let [from, to] = [0, numbers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((numbers[middle] ?? 0) < line) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  return (first, last) => {
    const [from, to] = [before(first), Math.max(before(first), before(last + 1))];
    return { found: to - from, ran: (ranBefore[to] ?? 0) - (ranBefore[from] ?? 0) };
  };
}

function metricsOfFunction(
  linesRun: LinesRun,
  endLine: number | null,
  { line }: { line: number | null },
  symbol: KnownSymbol | undefined,
  hits: number,
): CoverageMetrics {
  const first = line ?? symbol?.line ?? null;
  const own = first === null || endLine === null ? { found: 0, ran: 0 } : linesRun(first, endLine);
  return stated({ functions: hits > 0 ? 100 : 0, lines: percentOf(own.ran, own.found) });
}

function stated(metrics: { [Name in keyof CoverageMetrics]: number | undefined }): CoverageMetrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== undefined));
}

function linesMissed({ lines }: CoveredFile): number[] {
  return [...lines].flatMap(([line, hits]) => (hits === 0 ? [line] : [])).sort((a, b) => a - b);
}
