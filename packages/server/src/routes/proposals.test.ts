import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
let root: string;
let workspaceId: string;
beforeAll(async () => {
  api = await openApi();
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-proposal-')));
  await writeFile(join(root, 'tsconfig.json'), '{ "compilerOptions": { "types": [], "lib": ["es5"] } }');
  await writeFile(join(root, 'tax.ts'), 'export const rate: number = 1;\n');
  workspaceId = (await call('POST', '/workspaces', { path: root })).json.id;
});
afterAll(async () => {
  await api.close();
  await rm(root, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, body === undefined ? {} : { body });

it('KG-290 to KG-293 over HTTP: a proposal is analysed and validated in a thread, with nothing written', async () => {
  const changes = [{ file: 'tax.ts', type: 'modify', newContent: "export const rate: number = 'x';\n" }];
  const analysed = await call('POST', '/proposals/analyse', { workspaceId, changes, description: 'a' });
  expect([analysed.status, analysed.json.unknownFiles]).toEqual([200, ['tax.ts']]);
  const failed = (await call('POST', '/proposals/validate', { workspaceId, changes })).json;
  expect(failed.typescript).toMatchObject({ status: 'failed', issues: [{ file: 'tax.ts', rule: 'TS2322' }] });
  expect(failed.overall).toMatchObject({ passed: false, failed: ['typescript'] });
  const asked = { workspaceId, files: ['tax.ts'], includeTypes: ['typescript'] };
  expect((await call('POST', '/proposals/validate', asked)).json.overall).toMatchObject({ passed: true, score: 100 });
  expect((await call('POST', '/proposals/validate', { ...asked, strict: true })).json.code).toBe('UNKNOWN_FIELD');
  expect((await call('POST', '/proposals/validate', { workspaceId })).status).toBe(400);
  const stale = await call('POST', '/proposals/analyse', {
    ...{ workspaceId, description: 'a', changes: [{ file: 'nobody.ts', type: 'delete' }] },
  });
  expect([stale.status, stale.json.code]).toEqual([409, 'PROPOSAL_STALE']);
});

const fileOf = (path: string) => ({
  ...{ id: `file:${path}`, type: 'file', path, hash: 'h', language: 'typescript', extension: 'ts', size: 1, lines: 2 },
  ...{ isTest: false, isConfig: false, dependencies: [] },
  ...{ lastModified: '2026-01-01T00:00:00Z', created: '2026-01-01T00:00:00Z' },
});

it('KG-283, KG-284 over HTTP: results as JSON are runs, and of what they try the figures follow from them', async () => {
  const id = 'test:speed.test.ts#1';
  const run = async (n: number, duration: number, status = 'passed') => {
    const result = { testId: id, testSuite: 'speed.test.ts', testName: 'is fast', status, duration };
    const at = `2026-01-01T00:0${n}:00.000Z`;
    return call('POST', '/graph/import', { text: JSON.stringify({ testResults: [result] }), runId: `r${n}`, at });
  };
  expect((await run(1, 10)).json).toMatchObject({ format: 'test-results', entities: { added: 1 } });
  await run(2, 30);
  await run(3, 500, 'failed');
  const relationships = [
    { type: 'TESTS', fromEntityId: id, toEntityId: 'file:speed.ts' },
    ...[
      ['2026-01-01T00:01:00Z', 5],
      ['2026-01-02T00:01:00Z', 12],
    ].map(([detectedAt, currentValue]) => ({
      ...{ type: 'PERFORMANCE_REGRESSION', fromEntityId: id, toEntityId: 'file:speed.ts', metricId: 'latency' },
      ...{ scenario: 'cold', baselineValue: 10, currentValue, detectedAt },
    })),
  ];
  const entities = ['speed.ts', 'still.ts'].map(fileOf);
  await call('POST', '/graph/ingest', { units: [{ unit: 'speed', entities, relationships }] });
  const performance = async (of: string) =>
    (await call('GET', `/graph/entity/performance-summary?id=${encodeURIComponent(of)}`)).json;
  const figures = { averageExecutionTime: 20, p95ExecutionTime: 30, successRate: 0.667 };
  expect(await performance('file:speed.ts')).toMatchObject({
    ...{ entityId: 'file:speed.ts', ...figures, trend: expect.stringMatching(/^(?:stable|improving|degrading)$/) },
    benchmarkComparisons: [{ benchmark: 'latency', value: 12, status: 'above', threshold: 10 }],
    historicalData: [
      { executionTime: 10, successRate: 1, runId: 'r1' },
      { executionTime: 30, averageExecutionTime: 20 },
      { executionTime: 500, successRate: 0.667 },
    ],
  });
  expect(await performance(id)).toMatchObject({ entityId: id, ...figures });
  expect(await performance('file:still.ts')).toEqual({
    ...{
      entityId: 'file:still.ts',
      averageExecutionTime: null,
      p95ExecutionTime: null,
      successRate: null,
      trend: null,
    },
    ...{ benchmarkComparisons: [], historicalData: [] },
  });
  expect((await performance('file:nobody.ts')).code).toBe('GRAPH_ENTITY_NOT_FOUND');
});

it('KG-285, KG-300, KG-301 over HTTP: coverage and findings of what was imported', async () => {
  const lcov = 'SF:cover.ts\nFN:1,cover\nFNDA:2,cover\nDA:1,2\nDA:2,0\nend_of_record\n';
  await call('POST', '/graph/import', { text: lcov, suite: 'unit' });
  await call('POST', '/graph/ingest', { units: [{ unit: 'u', entities: [fileOf('cover.ts')] }] });
  expect((await call('GET', '/graph/entity/coverage?id=file:cover.ts')).json).toMatchObject({
    ...{ overallCoverage: { lines: 50, functions: 100 }, uncoveredLines: [2] },
    testBreakdown: { unitTests: { lines: 50 }, e2eTests: null },
  });
  expect((await call('GET', '/graph/entity/coverage?id=file:nobody.ts')).json.code).toBe('GRAPH_ENTITY_NOT_FOUND');
  expect((await call('POST', '/graph/security/scan', {})).json).toMatchObject({ summary: { totalIssues: 0 } });
  const audit = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} });
  await call('POST', '/graph/import', { text: audit });
  const report = (await call('GET', '/graph/security/vulnerabilities')).json;
  expect(report).toMatchObject({ summary: { total: 0 }, reported: expect.any(String) });
  expect((await call('POST', '/graph/security/scan', { severity: ['grave'] })).status).toBe(400);
});
