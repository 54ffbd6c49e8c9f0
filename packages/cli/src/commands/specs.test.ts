import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli({});
}, START_MS);
afterAll(() => server?.stop());

const specs = (...words: string[]) => server.cli(['specs', ...words]);

it('says what is wanted, ties code to it, and shows which tests are missing', { timeout: START_MS }, async () => {
  expect((await specs('list')).stderr).toContain('There are no specifications.');
  const wanted = ['--description', 'So that sums agree.', '--criterion', 'It is fast', '--priority', 'high'];
  const made = JSON.parse((await specs('create', 'Tax is rounded', ...wanted, '--json')).stdout);
  expect(made.validationResults.issues.map(({ rule }: { rule: string }) => rule)).toContain('vague-criterion');
  expect((await specs('list', '--priority', 'high', '--search', 'rounded')).stdout).toContain(made.specId);
  const sure = 'Each line shows its tax to the cent.';
  const updated = await specs('update', made.specId, '--status', 'approved', '--criterion', sure);
  expect(updated.stdout).toContain('Tax is rounded is approved.');
  const shown = await specs('show', made.specId);
  expect(shown.stdout).toMatch(/ac-[0-9a-f]{12} +none +Each line/);
  const plan = await specs('test-plan', made.specId);
  expect(plan.stdout).toMatch(/e2e +missing/);
  expect(plan.stderr).toContain('No code is known that implements it.');
  expect(await specs('link', made.specId, 'file:nobody.ts')).toMatchObject({ code: 3 });
  const needed = JSON.parse((await specs('create', 'Prices are net', ...wanted, '--json')).stdout).specId;
  const linked = await specs('link', 'Tax is rounded', needed, '--as', 'requires');
  expect([linked.code, linked.stdout]).toEqual([0, expect.stringContaining(`REQUIRES ${needed}`)]);
  expect((await specs('show', needed)).stdout).toContain(`${made.specId} REQUIRES it`);
  const untied = await specs('link', made.specId, needed, '--as', 'requires', '--remove');
  expect([untied.code, untied.stdout]).toEqual([0, expect.not.stringContaining('REQUIRES')]);
  expect(await specs('show', 'spec:nobody')).toMatchObject({ code: 3, stderr: expect.stringContaining('spec:nobody') });
});

it('shows what a change would break, and whether it would hold', { timeout: START_MS }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-proposed-'));
  try {
    await writeFile(join(directory, 'tsconfig.json'), '{ "compilerOptions": { "types": [], "lib": ["es5"] } }');
    await writeFile(join(directory, 'tax.ts'), 'export const rate: number = 1;\n');
    const changes = [{ file: 'tax.ts', type: 'modify', newContent: "export const rate: number = 'x';\n" }];
    await writeFile(join(directory, 'change.json'), JSON.stringify({ description: 'Wrong', changes }));
    const file = join(directory, 'change.json');
    const analysed = await server.cli(['proposals', 'analyse', file, '--workspace', directory]);
    expect(analysed.stderr).toContain('Index the workspace');
    const options = ['--workspace', directory, '--check', 'typescript'];
    const failed = await server.cli(['proposals', 'validate', '--proposal', file, ...options]);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('tax.ts:1 TS2322')]);
    const passed = await server.cli(['proposals', 'validate', 'tax.ts', ...options]);
    expect([passed.code, passed.stdout]).toEqual([0, expect.stringMatching(/typescript +passed/)]);
    const unknown = await server.cli([
      'proposals',
      'validate',
      'tax.ts',
      '--workspace',
      directory,
      '--check',
      'eslint',
    ]);
    expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringMatching(/eslint +not run/)]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
