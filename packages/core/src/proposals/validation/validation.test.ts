import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Knowledge } from '../../knowledge/index.ts';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Specs } from '../../specs/index.ts';
import { firstBackend, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { judge } from './judge.ts';
import { type Linter, lint } from './lint-check.ts';
import { runProgram } from './run-program.ts';
import { checkTypes } from './type-check.ts';
import type { Validate } from './validation.ts';
import { Validator } from './validator.ts';

const OPTIONS = {
  noLib: true,
  types: [],
  strict: true,
  noUnusedLocals: true,
  module: 'esnext',
  moduleResolution: 'bundler',
};
const GLOBALS = [
  'Array',
  'Boolean',
  'CallableFunction',
  'Function',
  'IArguments',
  'NewableFunction',
  'Number',
  'Object',
  'RegExp',
  'String',
]
  .map((name) => `interface ${name} {}`)
  .join('\n');
const FILES = {
  'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }),
  'src/globals.d.ts': GLOBALS,
  'src/tax.ts': 'export function rate(): number {\n  return 1;\n}\n',
  'src/bill.ts': "import { rate } from './tax';\nexport const bill: number = rate();\n",
  'src/alone.ts': 'export const alone = 1;\n',
  'loose/other.ts': 'export const other: string = 1;\n',
};
const iso = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

let db: TestDatabase;
let projectId: string;
let knowledge: Knowledge;
let root: string;
let workspaceId: string;
let validatorWith: (linters: Linter[]) => Validator;
beforeAll(async () => {
  db = await firstBackend().open();
  const parts = { database: db.database, clock: systemClock, ids: systemIds };
  knowledge = new Knowledge(parts);
  projectId = await insertTestProject(db.database);
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-validation-')));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const workspaces = new Workspaces(parts);
  workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
  const specs = new Specs({ ...parts, knowledge });
  validatorWith = (linters) =>
    new Validator({ ...parts, knowledge, specs, workspaces, linters, checkTypes: async (start) => checkTypes(start) });
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await db.close();
});

const validate = (input: Omit<Validate, 'workspaceId'>) =>
  validatorWith([]).validate(projectId, { workspaceId, ...input });
const types = (proposed: Record<string, string | null>, files = Object.keys(proposed)) =>
  checkTypes({ root, files, proposed });
const rulesOf = (issues: readonly { file: string | null; rule: string }[]) =>
  issues.map(({ file, rule }) => [file, rule]);

describe('what the compiler says', () => {
  test('KG-291: of proposed text, and of what imports it, with nothing written', () => {
    expect(types({ 'src/tax.ts': 'export function rate(): number {\n  return 2;\n}\n' })).toMatchObject({
      issues: [],
      checked: ['src/tax.ts', 'src/bill.ts'],
    });
    const broken = types({ 'src/tax.ts': "export function rate(): string {\n  return 'x';\n}\n" });
    expect(broken.issues).toMatchObject([
      { file: 'src/bill.ts', line: 2, column: 14, rule: 'TS2322', severity: 'error' },
    ]);
  });

  test('of files that come, go and are as they are; by their own options', async () => {
    const fresh = types({ 'src/new.ts': "import { alone } from './alone';\nexport const n: string = alone;\n" });
    expect(rulesOf(fresh.issues)).toEqual([['src/new.ts', 'TS2322']]);
    expect(fresh.imports).toEqual({ 'src/new.ts': ['src/alone.ts'] });
    expect(rulesOf(types({ 'src/tax.ts': null }).issues)).toEqual([['src/bill.ts', 'TS2307']]);
    expect(rulesOf(types({ 'src/alone.ts': 'const unused = 1;\nexport {};\n' }).issues)).toEqual([
      ['src/alone.ts', 'TS6133'],
    ]);
    expect(types({}, ['src/bill.ts'])).toMatchObject({ issues: [], checked: ['src/bill.ts'] });
    expect(types({ 'src/alone.ts': 'export const = ;' }).issues.length).toBeGreaterThan(0);
    expect(await readFile(join(root, 'src/alone.ts'), 'utf8')).toBe(FILES['src/alone.ts']);
  });

  test('of what no configuration includes it says nothing, and that is told', () => {
    expect(types({}, ['loose/other.ts'])).toMatchObject({ unconfigured: ['loose/other.ts'], checked: [], issues: [] });
  });
});

describe('validation', () => {
  test('KG-293: what could not run has not passed, and says why', async () => {
    const all = await validate({ files: ['src/bill.ts'] });
    expect(all.typescript).toMatchObject({ status: 'passed', errors: 0 });
    expect(all.eslint).toMatchObject({
      status: 'not_run',
      program: null,
      reason: expect.stringContaining('validation.linters'),
    });
    expect(all.security).toMatchObject({ status: 'not_run', reason: expect.stringContaining('imported') });
    expect(all.tests).toMatchObject({ status: 'not_run', passed: 0 });
    expect(all.coverage).toMatchObject({ status: 'not_run', lines: null });
    expect(all.architecture).toMatchObject({ status: 'not_run' });
    expect(all.overall).toMatchObject({ passed: true, score: 17, failed: [] });
    expect(all.overall.notRun).toEqual(['eslint', 'security', 'tests', 'coverage', 'architecture']);
    const named = await validate({ files: ['src/bill.ts'], includeTypes: ['typescript', 'tests'] });
    expect([named.overall.passed, named.eslint]).toEqual([false, undefined]);
    const nothing = await validate({ files: ['src/bill.ts'], includeTypes: ['tests'] });
    expect(nothing.overall).toMatchObject({ passed: false, score: 0, notRun: ['tests'] });
    expect((await validate({ files: ['loose/other.ts'], includeTypes: ['typescript'] })).typescript).toMatchObject({
      ...{ status: 'not_run', reason: expect.stringContaining('loose/other.ts') },
    });
  });

  test('KG-293: an error fails it, and a stale proposal is refused', async () => {
    const changes = [
      { file: 'src/tax.ts', type: 'modify' as const, lineStart: 2, lineEnd: 2, newContent: "  return 'one';" },
    ];
    const failed = await validate({ changes, includeTypes: ['typescript'] });
    expect(failed.typescript).toMatchObject({ status: 'failed', errors: 1, issues: [{ file: 'src/tax.ts', line: 2 }] });
    expect(failed.overall).toMatchObject({ passed: false, failed: ['typescript'] });
    for (const change of [
      { file: 'src/tax.ts', type: 'create' as const, newContent: '' },
      { file: 'src/nobody.ts', type: 'delete' as const },
      { file: 'src/tax.ts', type: 'modify' as const, oldContent: 'else', newContent: '' },
      { file: 'src/tax.ts', type: 'modify' as const, lineStart: 9, lineEnd: 9, newContent: '' },
    ]) {
      const refused = await validate({ changes: [change] }).then(
        () => null,
        (error: unknown) => error,
      );
      expect([change, SignalboxError.is(refused, 'PROPOSAL_STALE')]).toEqual([change, true]);
    }
    const outside = await validate({ files: ['../etc/passwd'] }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(SignalboxError.is(outside, 'PATH_OUTSIDE_WORKSPACE')).toBe(true);
  });

  test('KG-293: tests, coverage and findings are those of reports, and only of files as they were then', async () => {
    const file = (path: string, minute: number) => ({
      ...{
        id: `file:${path}`,
        type: 'file',
        path,
        hash: path,
        language: 'typescript',
        lastModified: iso(minute),
        created: iso(0),
      },
      ...{ extension: 'ts', size: 1, lines: 1, isTest: false, isConfig: false, dependencies: [] },
    });
    const ran = (id: string, status: string, minute: number) => ({
      ...{
        id,
        type: 'test',
        path: 'a.test.ts',
        hash: id,
        language: '',
        lastModified: iso(0),
        created: iso(0),
        testType: 'unit',
      },
      ...{
        targetSymbol: '',
        framework: 'x',
        status,
        lastRunAt: iso(minute),
        executionHistory: [],
        dependencies: [],
        tags: [],
      },
    });
    const edge = (type: string, fromEntityId: string, toEntityId: string, more: object = {}) => ({
      type,
      fromEntityId,
      toEntityId,
      ...more,
    });
    const finding = (severity: string) => ({
      ...{
        id: 'F',
        type: 'securityIssue',
        tool: 't',
        ruleId: 'r',
        severity,
        title: 'f',
        description: '',
        lineNumber: 1,
      },
      ...{ affectedEntityId: 'file:src/tax.ts', codeSnippet: '', remediation: '', status: 'open', confidence: 1 },
      ...{ discoveredAt: iso(0), lastScanned: iso(0) },
    });
    const say = (entities: object[], relationships: object[]) =>
      knowledge.ingest(projectId, { units: [{ unit: 'v', entities, relationships }] }, 'ann');
    const tested = [
      edge('TESTS', 'T', 'file:src/tax.ts'),
      edge('COVERAGE_PROVIDES', 'T', 'file:src/tax.ts', { coverage: { lines: 70 }, runId: 'r' }),
      edge('HAS_SECURITY_ISSUE', 'file:src/tax.ts', 'F'),
      edge('IMPORTS', 'file:src/bill.ts', 'file:src/tax.ts'),
    ];
    await say([file('src/tax.ts', 5), ran('T', 'passing', 9), finding('medium')], tested);
    const includeTypes = ['tests', 'coverage', 'architecture', 'security'] as const;
    const asked = { files: ['src/tax.ts'], includeTypes: [...includeTypes] };
    const held = await validate({ ...asked, coverage: { minLines: 60 } });
    expect(held.tests).toMatchObject({ status: 'passed', passed: 1, failed: 0, coverage: 70 });
    expect(held.coverage).toMatchObject({ status: 'passed', lines: 70 });
    expect(held.architecture).toMatchObject({ status: 'passed', violations: 0 });
    // No report of a scanner ever came in: that one of its findings is known does not say that there are no others.
    expect(held.security).toMatchObject({ status: 'not_run', medium: 1 });
    const few = await validate({ ...asked, coverage: { minLines: 80, minBranches: 1 } });
    expect(few.coverage).toMatchObject({ status: 'failed', issues: [{ rule: 'coverage-lines', file: 'src/tax.ts' }] });
    expect((await validate({ ...asked, coverage: { minBranches: 1 } })).coverage).toMatchObject({ status: 'not_run' });

    await say([file('src/tax.ts', 20), ran('T', 'passing', 9), finding('critical')], tested);
    const stale = await validate(asked);
    expect(stale.tests).toMatchObject({ status: 'not_run', unknown: 1, passed: 0 });
    expect(stale.security).toMatchObject({ status: 'failed', critical: 1, issues: [{ id: 'F' }] });
    await say([file('src/tax.ts', 20), ran('T', 'failing', 30), finding('low')], tested);
    expect((await validate(asked)).tests).toMatchObject({ status: 'failed', failing: ['T'] });

    const changes = [
      {
        file: 'src/tax.ts',
        type: 'modify' as const,
        newContent: "import './bill';\nexport function rate(): number {\n  return 1;\n}\n",
      },
    ];
    const proposed = await validate({ ...asked, files: ['src/tax.ts'], changes });
    expect([proposed.tests?.status, proposed.coverage?.status]).toEqual(['not_run', 'not_run']);
    expect(proposed.architecture).toMatchObject({
      ...{ status: 'failed', violations: 1 },
      issues: [
        {
          rule: 'circular-import',
          severity: 'error',
          message: 'src/bill.ts -> src/tax.ts -> src/bill.ts is a circle that was not there before.',
        },
      ],
    });
  });

  test('KG-293, by its parts: passed is only what ran, and all that was asked for', () => {
    const check = (status: 'passed' | 'failed' | 'not_run') => ({ status, reason: null, violations: 0, issues: [] });
    expect(judge({}, null, 1).passed).toBe(false);
    expect(judge({ architecture: check('not_run') }, null, 1)).toMatchObject({ passed: false, score: 0 });
    expect(judge({ architecture: check('passed') }, ['architecture'], 1)).toMatchObject({ passed: true, score: 100 });
    expect(judge({ architecture: check('passed') }, ['architecture', 'eslint'], 1).passed).toBe(false);
    expect(judge({ architecture: check('failed') }, null, 1)).toMatchObject({
      passed: false,
      failed: ['architecture'],
    });
  });
});

describe('the linter of a workspace', () => {
  const start = {
    files: ['src/tax.ts', 'notes.md'],
    proposed: new Map<string, string | null>(),
    allowed: ['eslint', 'biome'] as Linter[],
  };
  /** Speaks as ESLint does: finds `debugger`, in files or in what it is given. */
  const ESLINT = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const args = process.argv.slice(2);
const at = args.indexOf('--stdin-filename');
const files = at < 0 ? args.filter((one) => one.startsWith('./')) : [args[at + 1]];
const found = files.map((name) => {
  const text = readFileSync(at < 0 ? name : 0, 'utf8');
  const messages = text.includes('debugger') ? [{ ruleId: 'no-debugger', severity: 2, message: 'Unexpected', line: 1, column: 1 }] : [];
  return { filePath: require('node:path').resolve(name), messages };
});
if (process.env.SECRET) process.exit(9);
console.log(JSON.stringify(found));
process.exit(found.some(({ messages }) => messages.length > 0) ? 1 : 0);
`;

  test('runs only where it is allowed and there, on what is proposed, and says what it did not say', async () => {
    const at = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-lint-')));
    try {
      await mkdir(join(at, 'src'));
      await writeFile(join(at, 'src/tax.ts'), 'export {};\n');
      expect(await lint({ ...start, root: at, allowed: [] })).toMatchObject({
        program: null,
        failure: expect.stringContaining('allowed'),
      });
      expect(await lint({ ...start, root: at })).toMatchObject({
        program: null,
        failure: expect.stringContaining('none of'),
      });
      await mkdir(join(at, 'node_modules/.bin'), { recursive: true });
      await writeFile(join(at, 'eslint.config.js'), '');
      await writeFile(join(at, 'node_modules/.bin/eslint'), ESLINT);
      await chmod(join(at, 'node_modules/.bin/eslint'), 0o755);
      process.env.SECRET = 'of ours';
      expect(await lint({ ...start, root: at })).toEqual({ program: 'eslint', issues: [] });
      const proposed = new Map([['src/tax.ts', 'debugger;\n']]);
      expect(await lint({ ...start, root: at, proposed })).toMatchObject({
        issues: [{ file: 'src/tax.ts', line: 1, rule: 'no-debugger', severity: 'error' }],
      });
      expect(await lint({ ...start, root: at, allowed: ['biome'] })).toMatchObject({ program: null });
      await writeFile(join(at, 'node_modules/.bin/eslint'), '#!/bin/sh\necho oops >&2\nexit 2\n');
      expect(await lint({ ...start, root: at })).toMatchObject({ failure: expect.stringContaining('oops') });
    } finally {
      delete process.env.SECRET;
      await rm(at, { recursive: true });
    }
  });

  test('is ended when it takes too long, with all that it started', async () => {
    const ran = await runProgram('sh', ['-c', 'sleep 600 & echo started; wait'], { cwd: root, seconds: 1 });
    expect(ran).toEqual({ failure: 'it was not done after 1 s' });
    expect(await runProgram('no-such-program', [], { cwd: root, seconds: 9 })).toMatchObject({
      failure: expect.stringContaining('ENOENT'),
    });
  });
});
