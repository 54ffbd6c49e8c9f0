import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;
const FILES = {
  'tsconfig.json':
    '{ "compilerOptions": { "types": [], "lib": ["es5"], "module": "esnext", "moduleResolution": "bundler" } }',
  'src/tax.ts': 'export function rate(): number {\n  return 0.19;\n}\n',
  'src/invoice.ts':
    "import { rate } from './tax';\nexport function total(net: number): number {\n  return net * rate();\n}\n",
};

let server: ServedCli;
let client: Client;
let work = '';
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url });
  work = temporaryFolder('signalbox-graph-');
  mkdirSync(join(work, 'src'));
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(work, path), text);
}, START_MS);
afterAll(() => server?.stop());

const graph = (...words: string[]) => server.cli(['graph', ...words], { cwd: work });

it('reads code by its structure or with types, as it is asked to', { timeout: START_MS }, async () => {
  const byStructure = await graph('index', '--mode', 'structure', '--json');
  expect(JSON.parse(byStructure.stdout)).toMatchObject({ status: 'completed', mode: 'structure', filesDone: 2 });
  expect((await graph('search', 'rate')).stdout).toMatch(/rate +function +src\/tax\.ts/);
  expect((await graph('callers', 'rate')).stdout).not.toContain('total');

  const withTypes = await graph('index', '--mode', 'types');
  expect(withTypes.stdout).toMatch(/^Read 2 of 2 files; 0 are gone\./);
  expect((await graph('callers', 'rate')).stdout).toMatch(/1 +total/);
  expect((await graph('index', '--mode', 'fast')).code).toBe(2);
});

it('shows how code is used, and says where a list is cut', { timeout: START_MS }, async () => {
  const examples = await graph('examples', 'rate');
  expect(examples.stdout).toMatch(/^rate\(\): number|function rate/);
  expect(examples.stdout).toContain('src/invoice.ts:3 (');
  expect(examples.stdout).toContain('return net * rate();');
  const { total } = JSON.parse((await graph('relations', '--json')).stdout);
  expect(total).toBeGreaterThan(2);
  expect((await graph('relations', '--limit', '1')).stderr).toContain(`There are ${total} of them.`);
  expect((await graph('relations')).stderr).not.toContain('of them');
});

it('writes code as an index that others read, and takes it again', { timeout: START_MS }, async () => {
  const written = await graph('export', 'out.scip', '--workspace', '.');
  expect(written.stdout).toMatch(/^Wrote out\.scip: 2 files, [1-9]\d* symbols, [1-9]\d* occurrences\.\n$/);
  // Not packed any more: whoever reads it finds the paths.
  expect(readFileSync(join(work, 'out.scip')).includes('src/invoice.ts')).toBe(true);
  const taken = await graph('import', 'out.scip', '--suite', 'exported');
  expect(taken.stdout).toContain('Took a report of the format scip for the suite exported.');
});

it('takes results of tests as JSON, and the client tells how fast they are', { timeout: START_MS }, async () => {
  const run = async (name: string, duration: number) => {
    const result = { testId: 'own', testSuite: 'src/tax.test.ts', testName: 'rates', status: 'passed', duration };
    writeFileSync(join(work, 'results.json'), JSON.stringify({ testResults: [result] }));
    return graph('import', 'results.json', '--format', 'test-results', '--run', name, '--environment', 'ci');
  };
  const first = await run('one', 10);
  expect(first.stdout).toContain('Took a report of the format test-results for the suite');
  expect(first.stdout).toContain('Entities: 1 added, 0 changed, 0 removed.');
  expect((await run('two', 30)).stdout).toContain('Entities: 0 added, 1 changed, 0 removed.');
  const { results } = await client.graph.search({ query: 'rates', entityTypes: ['test'] });
  expect(await client.graph.performanceSummary(results[0]?.id ?? '')).toMatchObject({
    ...{ averageExecutionTime: 20, p95ExecutionTime: 30, successRate: 1 },
    historicalData: [{ runId: 'one' }, { runId: 'two' }],
  });
  expect((await graph('import', 'results.json', '--format', 'lcov')).code).not.toBe(0);
});
