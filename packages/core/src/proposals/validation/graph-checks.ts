import type { EntityCoverage, Knowledge, KnownEntity } from '../../knowledge/index.ts';
import type { Issue } from '../../specs/index.ts';
import { notRun, outcomeOf } from './judge.ts';
import type { CheckResults } from './validation.ts';

/** What is checked by what the graph knows of files. */
export interface GraphCheckStart {
  projectId: string;
  /** Relative to the workspace. */
  files: readonly string[];
  /** Files of which another text is proposed than the one that reports are of. */
  proposed: ReadonlySet<string>;
  failOnWarnings: boolean;
}

const OF_PROPOSED = 'Reports are of the files as they are, and nobody ran what is proposed.';
const fileId = (path: string) => `file:${path}`;

/** Open findings in the files. Without a report nobody can tell that there are none. */
export async function checkSecurity(knowledge: Knowledge, start: GraphCheckStart): Promise<CheckResults['security']> {
  const { projectId, files } = start;
  const { issues, summary, reported } = await knowledge.findings.scan(projectId, {
    entityIds: files.map(fileId),
    scanTypes: ['sast', 'secrets'],
  });
  const found = { ...summary.bySeverity, issues };
  const { critical, high } = summary.bySeverity;
  // A finding that is known speaks against a file, whatever is proposed.
  if (critical + high > 0) {
    return { status: 'failed', reason: `${critical} critical and ${high} high findings are open.`, ...found };
  }
  if (reported.code === null) return { ...notRun('No report of findings (SARIF) was ever imported.'), ...found };
  if (start.proposed.size > 0) return { ...notRun(OF_PROPOSED), ...found };
  if (start.failOnWarnings && summary.totalIssues > 0) {
    return { status: 'failed', reason: `${summary.totalIssues} findings are open.`, ...found };
  }
  return { status: 'passed', reason: null, ...found };
}

/** How the tests of the files went when they ran last, if that was after the files became what they are. */
export async function checkTests(knowledge: Knowledge, start: GraphCheckStart): Promise<CheckResults['tests']> {
  const { projectId, files, proposed } = start;
  const coverage = await knowledge.measures.coverages(projectId, files.map(fileId));
  const testsOf = coverage.map(({ testCases }) => testCases.map(({ testId }) => testId));
  const known = await knowledge.entities(projectId, testsOf.flat());
  const since = await changedAt(knowledge, projectId, files);
  const fresh = new Map<string, unknown>();
  const unknown = new Set<string>();
  for (const [n, tests] of testsOf.entries()) {
    for (const id of tests) {
      const ranAt = runOf(known.get(id));
      if (ranAt !== null && ranAt >= (since[n] ?? 0)) fresh.set(id, known.get(id)?.entity.status);
      else unknown.add(id);
    }
  }
  for (const id of unknown) fresh.delete(id);
  const count = (status: string) => [...fresh.values()].filter((one) => one === status).length;
  const failing = [...fresh].flatMap(([id, status]) => (status === 'failing' ? [id] : [])).sort();
  const found = {
    ...{ passed: count('passing'), failed: failing.length, skipped: count('skipped') },
    ...{ unknown: unknown.size, coverage: meanLines(coverage), failing },
  };
  if (proposed.size > 0) return { ...notRun(OF_PROPOSED), ...found };
  if (failing.length > 0) return { status: 'failed', reason: `${failing.length} tests of the files fail.`, ...found };
  if (fresh.size + unknown.size === 0) return { ...notRun('No test of the files is known.'), ...found };
  if (unknown.size > 0) {
    return { ...notRun(`Of ${unknown.size} tests no run is known since the files are as they are.`), ...found };
  }
  if (found.passed === 0) return { ...notRun('All tests of the files were skipped.'), ...found };
  return { status: 'passed', reason: null, ...found };
}

/** Since when each file is as it is, in milliseconds; 0 where nobody knows. */
async function changedAt(knowledge: Knowledge, projectId: string, files: readonly string[]): Promise<number[]> {
  const known = await knowledge.entities(projectId, files.map(fileId));
  return files.map((path) => {
    const lastModified = known.get(fileId(path))?.entity.lastModified;
    return typeof lastModified === 'string' ? Date.parse(lastModified) : 0;
  });
}

function runOf(known: KnownEntity | undefined): number | null {
  const lastRunAt = known?.entity.lastRunAt;
  return typeof lastRunAt === 'string' && known?.validTo === null ? Date.parse(lastRunAt) : null;
}

/** What reports of coverage say of the files, the mean of what they say of each. */
export async function checkCoverage(
  knowledge: Knowledge,
  start: GraphCheckStart,
  least: { minLines?: number | undefined; minBranches?: number | undefined; minFunctions?: number | undefined },
): Promise<CheckResults['coverage']> {
  const { projectId, files, proposed, failOnWarnings } = start;
  const coverage = await knowledge.measures.coverages(projectId, files.map(fileId));
  const kinds = [
    ['lines', least.minLines],
    ['branches', least.minBranches],
    ['functions', least.minFunctions],
  ] as const;
  const issues = coverage.flatMap(({ entityId, overallCoverage }) =>
    kinds.flatMap(([kind, wanted]): Issue[] => {
      const known = overallCoverage?.[kind];
      if (wanted === undefined || known === undefined || known >= wanted) return [];
      const message = `${known} % of its ${kind} run, and ${wanted} % are wanted.`;
      const place = { file: entityId.slice('file:'.length), line: null, column: null };
      return [{ ...place, rule: `coverage-${kind}`, severity: 'error', message, suggestion: null }];
    }),
  );
  const mean = (kind: 'lines' | 'branches' | 'functions') =>
    meanOf(coverage.flatMap(({ overallCoverage }) => overallCoverage?.[kind] ?? []));
  const found = { lines: mean('lines'), branches: mean('branches'), functions: mean('functions'), issues };
  const unmeasured = coverage.filter(({ overallCoverage }) => overallCoverage === null);
  const lacking = kinds.filter(([kind, wanted]) => wanted !== undefined && found[kind] === null).map(([kind]) => kind);
  if (proposed.size > 0) return { ...notRun(OF_PROPOSED), ...found };
  const { status, reason } = outcomeOf(issues, failOnWarnings);
  if (status === 'failed') return { status, reason, ...found };
  if (unmeasured.length > 0)
    return { ...notRun(`Of ${unmeasured.length} of the files nobody measured coverage.`), ...found };
  if (lacking.length > 0) return { ...notRun(`Nobody measured the coverage of ${lacking.join(' and ')}.`), ...found };
  return { status, reason, ...found };
}

/** Circles of imports: one that is there already is a warning, one that comes with the proposal an error. */
export async function checkArchitecture(
  knowledge: Knowledge,
  start: GraphCheckStart,
  imports: Readonly<Record<string, readonly string[]>>,
): Promise<CheckResults['architecture']> {
  const { projectId, files, failOnWarnings } = start;
  const proposed = new Map(
    Object.entries(imports).map(([path, targets]) => [fileId(path), targets.map(fileId)] as const),
  );
  const { circles, unknown } = await knowledge.importCircles(projectId, files.map(fileId), proposed);
  const issues = circles.map(({ entities, isThere }): Issue => {
    const paths = entities.map((id) => id.replace(/^file:/, ''));
    const [file = null] = paths;
    return {
      ...{ file, line: null, column: null, rule: 'circular-import', severity: isThere ? 'warning' : 'error' },
      message: `${[...paths, file].join(' -> ')} is a circle${isThere ? '' : ' that was not there before'}.`,
      suggestion: 'Move what both need into a file of its own.',
    };
  });
  const { status, reason, errors, warnings } = outcomeOf(issues, failOnWarnings);
  const found = { violations: errors + warnings, issues };
  const unread = [...start.proposed].filter((path) => imports[path] === undefined && SOURCE.test(path));
  if (status === 'passed' && unknown.length > 0) {
    return { ...notRun(`The graph knows nothing of ${unknown.length} of the files: index the workspace.`), ...found };
  }
  if (status === 'passed' && unread.length > 0) {
    return { ...notRun(`What ${unread.length} of the proposed files import nobody read.`), ...found };
  }
  return { status, reason, ...found };
}

const SOURCE = /\.[cm]?[jt]sx?$/;

function meanLines(coverage: readonly EntityCoverage[]): number | null {
  return meanOf(coverage.flatMap(({ overallCoverage }) => overallCoverage?.lines ?? []));
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : Math.round((values.reduce((sum, one) => sum + one, 0) / values.length) * 100) / 100;
}
