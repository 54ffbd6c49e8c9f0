import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { testId } from '../indexers/test-file.ts';
import { writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import { Reports } from './import-report.ts';
import { readReport } from './read-report.ts';
import type { ImportReport } from './report.ts';
import { CI_ROOT, reportFixture } from './testing/fixture.ts';

const run = promisify(execFile);
const TAX = `export function rate(country) {
  if (country === 'de') {
    return 0.19;
  }
  return 0;
}

export function reduced() {
  return 0.07;
}
`;
const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
const symbol = (path: string, name: string, line: number, endLine: number) => ({
  id: `sym:${path}#${name}@1`,
  type: 'symbol',
  path,
  hash: '1',
  language: 'javascript',
  lastModified: minute(0),
  created: minute(0),
  name,
  kind: 'variable',
  signature: name,
  docstring: '',
  visibility: 'public',
  isExported: true,
  isDeprecated: false,
  location: { line, column: 1, start: 0, end: 1, endLine },
});

describeOnBackends('reports of tools', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let knowledge: Knowledge;
  let workspaces: Workspaces;
  let reports: Reports;
  let root: string;

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    knowledge = new Knowledge(parts);
    workspaces = new Workspaces(parts);
    reports = new Reports({ ...parts, workspaces, noise: loadNoiseSettings({}), read: readReport });
    root = writeSources({ 'src/tax.js': TAX, 'package.json': '{ "type": "module" }' });
  });
  afterAll(async () => {
    await db.close();
    rmSync(root, { recursive: true });
  });
  beforeEach(async () => {
    projectId = await insertTestProject(db.database);
    const known = [symbol('src/tax.js', 'rate', 1, 6), symbol('src/tax.js', 'reduced', 8, 10)];
    await knowledge.ingest(projectId, { units: [{ unit: 'code', entities: known }] }, 'ann');
  });

  const take = (report: Partial<ImportReport> | string) =>
    reports.import(projectId, { root: CI_ROOT, ...(typeof report === 'string' ? { text: report } : report) }, 'ann');
  const entity = async (id: string) => (await knowledge.entity(projectId, id)).entity;
  const edges = async (id: string, type: string) => {
    const query = { startId: id, relationshipTypes: [type as 'TESTS'], maxDepth: 1 };
    const { visited } = await knowledge.traverse(projectId, query);
    const found = visited.slice(1).map(({ via }) => knowledge.relationship(projectId, via ?? ''));
    return (await Promise.all(found)).sort((a, b) => (String(a.toEntityId) < String(b.toEntityId) ? -1 : 1));
  };
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );

  it('tell from LCOV what a suite reached, by files and functions that the graph knows', async () => {
    const lcov = reportFixture('node-lcov.info');
    const first = await take({ text: lcov, suite: 'unit' });
    expect(first).toMatchObject({ format: 'lcov', suite: 'unit', entities: { added: 1 }, relationships: { added: 3 } });
    expect(await edges('test:suite:unit', 'COVERAGE_PROVIDES')).toMatchObject([
      {
        toEntityId: 'file:src/tax.js',
        coverage: { lines: 80, functions: 50, branches: 100 },
        metadata: { uncoveredLines: [9, 10] },
        runId: first.runId,
      },
      { toEntityId: 'sym:src/tax.js#rate@1', coverage: { functions: 100, lines: 100 }, metadata: { hits: 2 } },
      { toEntityId: 'sym:src/tax.js#reduced@1', coverage: { functions: 0, lines: 33.33 } },
    ]);
    expect(await entity('test:suite:unit')).toMatchObject({ coverage: { lines: 80, functions: 50, branches: 100 } });
    expect(await take({ text: lcov, suite: 'unit' })).toMatchObject({
      relationships: { added: 0, changed: 0 },
    });
    await take({ text: lcov, suite: 'e2e' });
    // The next one of a suite takes the place of the last one, and leaves other suites alone.
    await take({ text: 'SF:src/other.js\nDA:1,1\nend_of_record\n', suite: 'unit' });
    const left = await edges('test:suite:unit', 'COVERAGE_PROVIDES');
    expect(left.map(({ toEntityId }) => toEntityId)).toEqual(['file:src/other.js']);
    expect(await edges('test:suite:e2e', 'COVERAGE_PROVIDES')).toHaveLength(3);
    // Also one whose name begins as its own does.
    await take({ text: lcov, suite: 'unit:slow' });
    await take({ text: lcov, suite: 'unit' });
    expect(await edges('test:suite:unit:slow', 'COVERAGE_PROVIDES')).toHaveLength(3);
  });

  it('tell from V8 what a test file reached: it tests the functions that ran', async () => {
    const coverage = mkdtempSync(join(tmpdir(), 'signalbox-v8-'));
    try {
      const script = `import(${JSON.stringify(pathToFileURL(join(root, 'src/tax.js')).href)}).then((tax) => tax.rate('de'))`;
      await run(process.execPath, ['-e', script], { env: { ...process.env, NODE_V8_COVERAGE: coverage } });
      const text = readFileSync(join(coverage, readdirSync(coverage)[0] ?? ''), 'utf8');
      const { id: workspaceId } = await workspaces.create(projectId, { path: root }, 'ann');
      expect(await codeOf(reports.import(projectId, { text }, 'ann'))).toBe('IMPORT_UNREADABLE');
      const taken = await reports.import(projectId, { text, workspaceId, suite: 'src/tax.test.js' }, 'ann');
      expect(taken).toMatchObject({ format: 'v8-coverage', entities: { added: 0 } });
      expect(await edges('file:src/tax.test.js', 'TESTS')).toMatchObject([
        { toEntityId: 'sym:src/tax.js#rate@1', testType: 'unit', evidence: [{ source: 'runtime' }] },
      ]);
      const [file] = await edges('file:src/tax.test.js', 'COVERAGE_PROVIDES');
      expect(file).toMatchObject({ coverage: { functions: 50 }, metadata: { uncoveredLines: [5, 9, 10] } });
    } finally {
      rmSync(coverage, { recursive: true });
    }
  });

  const runOf = (n: number, cases: [name: string, seconds: number, inside?: string][]) =>
    take({
      text: `<testsuites><testsuite name="a.test.js">${cases
        .map(
          ([name, time, inside = '']) =>
            `<testcase classname="a.test.js" name="${name}" time="${time}">${inside}</testcase>`,
        )
        .join('')}</testsuite></testsuites>`,
      at: minute(n),
      environment: 'ci',
    });
  const FAILED = '<failure message="no"/>';

  it('work out from runs how flaky a test is, and remember each run once', async () => {
    const id = testId('a.test.js', ['a', 'b']);
    await runOf(1, [['a &gt; b', 0.1]]);
    expect(await entity(id)).toMatchObject({ status: 'passing', lastDuration: 100, lastRunAt: minute(1) });
    expect((await entity(id)).flakyScore).toBeUndefined();
    await runOf(2, [['a &gt; b', 0.1, FAILED]]);
    expect(await entity(id)).toMatchObject({ status: 'failing', flakyScore: 1 });
    await runOf(3, [['a &gt; b', 0.2]]);
    await runOf(4, [['a &gt; b', 0.3]]);
    await runOf(5, [['a &gt; b', 0, '<skipped/>']]);
    const before = await entity(id);
    expect(before).toMatchObject({ status: 'skipped', flakyScore: 0.667, performanceMetrics: { successRate: 0.75 } });
    expect(before.executionHistory).toHaveLength(5);
    expect(await runOf(4, [['a &gt; b', 0.3]])).toMatchObject({ entities: { added: 0, changed: 0, removed: 0 } });
    expect(await entity(id)).toEqual(before);
    // One that passed when it was tried again failed before that.
    await runOf(6, [['a &gt; b', 0.1, '<flakyFailure message="once"/>']]);
    expect(await entity(id)).toMatchObject({ status: 'passing', flakyScore: 0.8 });
    // A test that its file has no more is gone; other files are left alone.
    await take({ text: reportFixture('node-junit.xml'), at: minute(7) });
    await runOf(8, [['c', 0.1]]);
    expect((await knowledge.entity(projectId, id)).validTo).not.toBeNull();
    expect(await entity(testId('src/tax.test.js', ['rates', 'knows France']))).toMatchObject({ status: 'failing' });
  });

  it('KG-283: results as JSON are runs of the same tests, with what each ran and used; a run that was taken already changes nothing', async () => {
    const id = testId('a.test.js', ['a', 'b']);
    await runOf(1, [['a &gt; b', 0.1]]);
    const result = { testId: 'own-1', testSuite: 'a.test.js', testName: 'a > b', status: 'failed', duration: 300 };
    const [errorMessage, stackTrace] = ['no', 'at a.test.js:1'];
    const coverage = { lines: 80, branches: 50 };
    const performance = { memoryUsage: 1024, cpuUsage: 0.5, networkRequests: 2 };
    const took = { ...result, errorMessage, stackTrace, coverage, performance };
    const other = { ...result, testId: 'own-2', testSuite: 'Rates', testName: 'knows', status: 'error', duration: 1 };
    const report = { text: JSON.stringify({ testResults: [took, other] }), at: minute(2), environment: 'ci' };
    expect(await take(report)).toMatchObject({ format: 'test-results', entities: { added: 1, changed: 1 } });
    const test = await entity(id);
    expect(test).toMatchObject({
      ...{ status: 'failing', flakyScore: 1, lastDuration: 300, lastRunAt: minute(2), coverage },
      performanceMetrics: { successRate: 0.5, historicalData: [{ executionTime: 100 }, { coveragePercentage: 80 }] },
    });
    expect(test.executionHistory).toMatchObject([
      { status: 'passed', duration: 100 },
      { status: 'failed', duration: 300, errorMessage, stackTrace, coverage, performance },
    ]);
    expect(await entity(testId('Rates', ['knows']))).toMatchObject({ status: 'failing', lastDuration: 1 });
    expect(await take(report)).toMatchObject({ entities: { added: 0, changed: 0, removed: 0 } });
    expect(await entity(id)).toEqual(test);
    // By its id in the graph, whatever it is called where it ran.
    const named = { ...result, testId: id, testSuite: 'Job 7', testName: 'b', status: 'passed', duration: 200 };
    await take({ text: JSON.stringify({ testResults: [named, named] }), at: minute(3), environment: 'ci' });
    expect(await entity(id)).toMatchObject({ status: 'passing', lastDuration: 200, coverage });
    expect((await entity(id)).executionHistory).toHaveLength(4);
  });

  it('tell of a test that became slower by what counts, until it is as it was', async () => {
    const id = testId('a.test.js', ['slow']);
    for (const [n, seconds] of [1, 1.1, 0.9, 1].entries()) await runOf(n, [['slow', seconds]]);
    expect(await edges(id, 'PERFORMANCE_REGRESSION')).toEqual([]);
    await runOf(10, [['slow', 2]]);
    expect(await edges(id, 'PERFORMANCE_REGRESSION')).toMatchObject([
      {
        toEntityId: 'file:a.test.js',
        metricId: 'test-duration',
        environment: 'ci',
        baselineValue: 1000,
        currentValue: 2000,
        delta: 1000,
        percentChange: 100,
        sampleSize: 5,
        trend: 'regression',
        severity: 'high',
      },
    ]);
    expect(await entity(id)).toMatchObject({
      performanceMetrics: { averageExecutionTime: 1200, p95ExecutionTime: 2000, trend: 'degrading', successRate: 1 },
    });
    await runOf(11, [['slow', 1]]);
    expect(await edges(id, 'PERFORMANCE_REGRESSION')).toEqual([]);
  });

  it('leave to the source of a test what it is, and to its runs how it went', async () => {
    const id = testId('a.test.js', ['x']);
    const source = (hash: string) => ({
      ...{
        id,
        type: 'test',
        path: 'a.test.js',
        hash,
        language: 'javascript',
        lastModified: minute(0),
        created: minute(0),
      },
      ...{
        testType: 'unit',
        targetSymbol: '',
        framework: 'vitest',
        status: 'unknown',
        executionHistory: [],
        dependencies: [],
        tags: [],
      },
      metadata: { name: 'x', line: 3 },
    });
    const index = (hash: string) =>
      knowledge.ingest(projectId, { units: [{ unit: 'typescript:w:a.test.js', entities: [source(hash)] }] }, 'ann');
    await runOf(1, [['x', 0.1, FAILED]]);
    await index('1');
    expect(await entity(id)).toMatchObject({
      framework: 'vitest',
      hash: '1',
      metadata: { line: 3 },
      status: 'failing',
      lastRunAt: minute(1),
    });
    await runOf(2, [['x', 0.1]]);
    await index('2');
    expect(await entity(id)).toMatchObject({ hash: '2', status: 'passing', executionHistory: [{}, {}] });
    await index('2');
    expect((await knowledge.entityTimeline(projectId, id)).versions.map(({ hash }) => hash).slice(-2)).toEqual([
      '1',
      '2',
    ]);
  });

  const sarif = (results: object[]) => {
    const log = JSON.parse(reportFixture('biome.sarif'));
    log.runs[0].results = results;
    return JSON.stringify(log);
  };
  const finding = (line: number, text: string, more: object = {}) => ({
    ruleId: 'lint/security/noGlobalEval',
    level: 'error',
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'src/tax.js' },
          region: { startLine: line, snippet: { text: 'eval(x)' } },
        },
      },
    ],
    ...more,
  });

  it('tell of findings where they are, know them again when lines move, and say when they are fixed (KG-301)', async () => {
    await take(reportFixture('biome.sarif'));
    const [whole] = await edges('file:src/bad.js', 'HAS_SECURITY_ISSUE');
    expect(await entity(String(whole?.toEntityId))).toMatchObject({
      tool: 'Biome',
      severity: 'high',
      lineNumber: 2,
      status: 'open',
    });

    const first = await take({ text: sarif([finding(3, 'a'), finding(9, 'b', { level: 'note' })]), at: minute(1) });
    expect(first.leftOut).toEqual({ 'findings too faint to count': 1 });
    const [edge] = await edges('sym:src/tax.js#rate@1', 'HAS_SECURITY_ISSUE');
    const id = String(edge?.toEntityId);
    expect(await entity(id)).toMatchObject({ status: 'open', lineNumber: 3, discoveredAt: minute(1) });
    expect(await entity(String(whole?.toEntityId))).toMatchObject({ status: 'fixed' });
    await take({ text: sarif([finding(4, 'a')]), at: minute(2) });
    expect(await entity(id)).toMatchObject({ lineNumber: 4, discoveredAt: minute(1), lastScanned: minute(2) });
    await take({ text: sarif([finding(4, 'a', { suppressions: [{ kind: 'inSource' }] })]), at: minute(3) });
    expect(await entity(id)).toMatchObject({ status: 'accepted' });
    await take({ text: sarif([]), at: minute(4) });
    expect(await entity(id)).toMatchObject({ status: 'fixed', lastScanned: minute(3) });
    expect(await edges('sym:src/tax.js#rate@1', 'HAS_SECURITY_ISSUE')).toEqual([]);
  });

  it('tell of advisories about packages', async () => {
    await take(reportFixture('npm-audit.json'));
    expect(await edges('external:minimist', 'DEPENDS_ON_VULNERABLE')).toMatchObject([
      { toEntityId: 'vulnerability:GHSA-vh95-rmgr-6w4m#minimist', severity: 'medium', cvssScore: 5.6 },
      { toEntityId: 'vulnerability:GHSA-xvch-5gv4-984h#minimist', severity: 'critical', cvssScore: 9.8 },
    ]);
    const osv = {
      results: [
        {
          packages: [
            {
              package: { name: 'minimist', version: '0.2.0', ecosystem: 'npm' },
              groups: [{ ids: ['GHSA-xvch-5gv4-984h'], max_severity: '9.8' }],
              vulnerabilities: [
                {
                  id: 'GHSA-xvch-5gv4-984h',
                  summary: 'Prototype Pollution in minimist',
                  published: '2022-03-18T00:01:09Z',
                  modified: '2024-01-01T00:00:00Z',
                  affected: [
                    { package: { name: 'minimist' }, ranges: [{ events: [{ introduced: '0' }, { fixed: '0.2.4' }] }] },
                  ],
                },
              ],
            },
          ],
        },
      ],
    };
    await take(JSON.stringify(osv));
    expect(await entity('vulnerability:GHSA-xvch-5gv4-984h#minimist')).toMatchObject({
      ...{
        version: '0.2.0',
        cvssScore: 9.8,
        severity: 'critical',
        fixedInVersion: '0.2.4',
        publishedAt: '2022-03-18T00:01:09.000Z',
      },
    });
  });

  it('are taken whole or not at all: the graph is as it was after one that is refused', async () => {
    await take({ text: reportFixture('node-lcov.info') });
    const { revision } = await knowledge.cycles(projectId);
    const good = 'SF:src/a.js\nDA:1,1\nend_of_record\n';
    for (const [report, code] of [
      [{ text: `${good}SF:../a.js\nend_of_record\n` }, 'GRAPH_REPORT_PATH'],
      [{ text: `${good}SF:src/b.js\nDA:1\n` }, 'IMPORT_UNREADABLE'],
      [{ text: 'nothing' }, 'GRAPH_REPORT_UNKNOWN'],
      // Its paths can be read, and no entity goes by such an id.
      [{ text: `${good}SF:${'x'.repeat(4_000)}\nDA:1,1\nend_of_record\n` }, 'VALIDATION_FAILED'],
      [{ base64: '####' }, 'VALIDATION_FAILED'],
      [{}, 'VALIDATION_FAILED'],
    ] as const) {
      expect(await codeOf(take(report))).toBe(code);
    }
    expect((await knowledge.cycles(projectId)).revision).toBe(revision);
    expect(await codeOf(knowledge.entity(projectId, 'file:src/a.js'))).toBe('GRAPH_ENTITY_NOT_FOUND');
    const audited = await db.database.query<{ n: string }>(
      { name: '', text: `SELECT count(*) AS n FROM audit_events WHERE project_id = $1 AND action = 'graph.import'` },
      [projectId],
    );
    expect(Number(audited[0]?.n)).toBe(1);
  });
});
