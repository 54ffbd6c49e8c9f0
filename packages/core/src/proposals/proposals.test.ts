import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Knowledge } from '../knowledge/index.ts';
import { systemClock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { Specs } from '../specs/index.ts';
import { firstBackend, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { Workspaces } from '../workspaces/index.ts';
import { Proposals } from './proposals.ts';
import type { ProposedChange } from './proposed-change.ts';
import { proposedFiles } from './proposed-files.ts';

const TAX =
  'export function rate(a: number): number {\n  return a;\n}\nexport function leaf(): number {\n  return 1;\n}\n';
const iso = new Date(Date.UTC(2026, 0, 1)).toISOString();

let db: TestDatabase;
let projectId: string;
let root: string;
let workspaceId: string;
let knowledge: Knowledge;
let specs: Specs;
let proposals: Proposals;
beforeAll(async () => {
  db = await firstBackend().open();
  const parts = { database: db.database, clock: systemClock, ids: systemIds };
  projectId = await insertTestProject(db.database);
  knowledge = new Knowledge(parts);
  specs = new Specs({ ...parts, knowledge });
  const workspaces = new Workspaces(parts);
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-proposals-')));
  await mkdir(join(root, 'src'));
  await writeFile(join(root, 'src/tax.ts'), TAX);
  await writeFile(join(root, 'src/other.ts'), 'export const other = 1;\n');
  workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
  const hash = createHash('sha256').update(TAX).digest('hex');
  // Of one file the graph knows the text that it has.
  const filesRead = async (_project: string, _workspaces: readonly string[], paths: readonly string[]) =>
    new Map(paths.map((path) => [path, new Set(path === 'src/tax.ts' ? [hash] : [])]));
  proposals = new Proposals({ ...parts, knowledge, specs, workspaces, indexing: { filesRead }, linters: [] });

  const symbol = (name: string, signature: string) => {
    const start = TEXT_AT(signature);
    return {
      ...{
        id: `sym:src/tax.ts#${name}@1`,
        type: 'symbol',
        kind: 'variable',
        name,
        path: 'src/tax.ts',
        hash: name,
        signature,
      },
      ...{ language: 'typescript', lastModified: iso, created: iso, docstring: '', visibility: 'public' },
      ...{ isExported: true, isDeprecated: false },
      location: { line: 1, column: 1, start, end: TAX.indexOf('}', start) + 1 },
    };
  };
  const edge = (type: string, fromEntityId: string, toEntityId: string) => ({ type, fromEntityId, toEntityId });
  const [rate, leaf] = ['sym:src/tax.ts#rate@1', 'sym:src/tax.ts#leaf@1'];
  await knowledge.ingest(
    projectId,
    {
      units: [
        {
          unit: 'u',
          entities: [
            symbol('rate', 'export function rate(a: number): number'),
            symbol('leaf', 'export function leaf(): number'),
          ],
          relationships: [
            edge('DEFINES', 'file:src/tax.ts', rate),
            edge('DEFINES', 'file:src/tax.ts', leaf),
            edge('CALLS', 'bill', rate),
            edge('CALLS', 'page', 'bill'),
            edge('TESTS', 'T', rate),
          ],
        },
      ],
    },
    'ann',
  );
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await db.close();
});
const TEXT_AT = (signature: string) => TAX.indexOf(signature);

const analyse = (changes: ProposedChange[], more: object = {}) =>
  proposals.analyse(projectId, { workspaceId, description: 'a change', changes, ...more });
const modify = (newContent: string, more: object = {}): ProposedChange => ({
  file: 'src/tax.ts',
  type: 'modify',
  newContent,
  ...more,
});

test('KG-290: what another signature breaks, what another body may break, and what nothing depends on', async () => {
  const breaking = await analyse([
    modify(TAX.replace('rate(a: number)', 'rate(a: string)').replace('return 1', 'return 2')),
  ]);
  expect(
    breaking.affectedEntities
      .map(({ name, changeType, signatureChange }) => [name, changeType, signatureChange])
      .sort(),
  ).toEqual([
    ['leaf', 'modify', false],
    ['rate', 'modify', true],
  ]);
  expect(breaking.breakingChanges).toMatchObject([
    { severity: 'breaking', affectedEntities: ['sym:src/tax.ts#rate@1', 'bill'] },
    { severity: 'safe', affectedEntities: ['sym:src/tax.ts#leaf@1'] },
  ]);
  expect(breaking.impactAnalysis).toMatchObject({
    directImpact: [{ id: 'bill' }],
    indirectImpact: [{ id: 'page' }],
    testImpact: { affectedTests: [{ id: 'T' }], requiredUpdates: [{ id: 'T' }] },
  });
  expect(breaking.unknownFiles).toEqual([]);
  const body = await analyse([modify('  return a + 1;', { lineStart: 2, lineEnd: 2, oldContent: '  return a;\n' })]);
  expect(body.breakingChanges).toMatchObject([{ severity: 'potentially-breaking' }]);
  expect(body.impactAnalysis.testImpact.requiredUpdates).toEqual([]);
  const gone = await analyse([{ file: 'src/tax.ts', type: 'delete' }]);
  expect(gone.breakingChanges[0]).toMatchObject({
    severity: 'breaking',
    description: expect.stringContaining('is gone'),
  });
  expect(await readFile(join(root, 'src/tax.ts'), 'utf8')).toBe(TAX);
});

test('KG-290: of files that the graph does not know as they are it says so, and of the specification what is missing', async () => {
  const wanted = { title: 'A', description: '', goals: [], acceptanceCriteria: ['It adds up to the cent.'] };
  const { specId } = await specs.create(projectId, wanted, 'ann');
  const other = await analyse([{ file: 'src/other.ts', type: 'modify', newContent: 'export const other = 2;\n' }], {
    relatedSpecId: specId,
  });
  expect([other.unknownFiles, other.affectedEntities, other.breakingChanges]).toEqual([['src/other.ts'], [], []]);
  expect(other.recommendations.map(({ type, actions }) => [type, actions])).toEqual([
    ['warning', ['src/other.ts']],
    ['suggestion', [specId]],
    ['requirement', [expect.stringMatching(/^ac-/)]],
    ['warning', [specId]],
  ]);
  await specs.link(
    projectId,
    specId,
    { links: [{ entityId: 'sym:src/tax.ts#rate@1', type: 'IMPLEMENTS_SPEC' }] },
    'ann',
  );
  expect((await analyse([modify(TAX.replace('return a', 'return -a'))])).affectedSpecs).toEqual([specId]);
  const nobody = await analyse([modify('')], { relatedSpecId: 'spec:nobody' }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(SignalboxError.is(nobody, 'SPEC_NOT_FOUND')).toBe(true);
});

test('what a proposal comes to is worked out without writing: several changes of a file, lines, renames', async () => {
  const of = async (...changes: ProposedChange[]) =>
    (await proposedFiles(root, changes)).map(({ path, after }) => [path, after]);
  const line = (at: number, newContent: string): ProposedChange => modify(newContent, { lineStart: at, lineEnd: at });
  expect(await of(line(2, '  return 0;'), line(1, ''))).toEqual([
    ['src/tax.ts', TAX.split('\n').slice(1).join('\n').replace('return a', 'return 0')],
  ]);
  expect(await of({ file: 'src/other.ts', type: 'rename', newFile: 'src/more.ts' })).toEqual([
    ['src/other.ts', null],
    ['src/more.ts', 'export const other = 1;\n'],
  ]);
  expect(await of({ file: 'a.ts', type: 'create', newContent: 'x' }, { file: 'a.ts', type: 'delete' })).toEqual([]);
  await writeFile(join(root, 'bytes.bin'), Buffer.from([0xff, 0xfe, 0]));
  for (const change of [
    { file: 'bytes.bin', type: 'modify' as const, newContent: '' },
    { file: 'src', type: 'modify' as const, newContent: '' },
    { file: 'src/other.ts', type: 'rename' as const, newFile: 'src/tax.ts' },
  ]) {
    const refused = await of(change).then(
      () => null,
      (error: unknown) => error,
    );
    expect([change, SignalboxError.is(refused, 'PROPOSAL_STALE')]).toEqual([change, true]);
  }
});

test('paths that lead out of the workspace, or into its .git, are none', async () => {
  for (const file of ['../a.ts', '/etc/passwd', 'a/../../b', '.git/config', 'sub/.GIT/hooks/x', 'a//b']) {
    const refused = await analyse([{ file, type: 'create', newContent: '' }]).then(
      () => null,
      (error: unknown) => error,
    );
    expect([file, SignalboxError.is(refused, 'VALIDATION_FAILED')]).toEqual([file, true]);
  }
});
