import { mkdir, mkdtemp, realpath, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends } from '../../testing/index.ts';
import { openFixture, type SessionFixture } from '../../testing/sessions.ts';
import { writeIndexedFiles } from '../indexing/indexed-file-store.ts';
import { Knowledge } from '../knowledge.ts';
import { findExamples } from './find-examples.ts';

const BILL = `import { rate } from './tax.ts';

export function total(sum: number) {
  const due = sum * rate('LU');
  return due;
}
export const other = rate('DE', 1);
`;
const TEST = `it('adds up', () => {
    const sum = rate('LU');
    expect(sum).toBe(17);
    expect(sum).not.toBe(0);
});
it('is another', () => {});
`;
const AT = new Date(0);

describeOnBackends('examples of how code is used', (backend) => {
  let f: SessionFixture;
  let root: string;
  let workspaceId: string;
  beforeAll(async () => {
    f = await openFixture(backend);
    root = await realpath(await mkdtemp(join(tmpdir(), 'examples-')));
    await mkdir(join(root, 'src'));
    await writeFile(join(root, 'src/bill.ts'), BILL);
    await writeFile(join(root, 'src/tax.test.ts'), TEST);
    workspaceId = (await f.workspaces.create(f.projectId, { path: root }, 'ann')).id;
    const read = { hash: 'h', shape: 's', setup: '', isGlobal: false, imports: [] };
    const files = ['src/bill.ts', 'src/tax.test.ts'].map((path) => ({ ...read, path }));
    await writeIndexedFiles(f.parts.database, f.projectId, workspaceId, files);
  });
  afterAll(async () => {
    await f.db.close();
    await rm(root, { recursive: true });
  });

  it('KG-253: the lines that use it, the tests that try it with what they assert, and how it is mostly used', async () => {
    const knowledge = new Knowledge(f.parts);
    const base = { path: 'src/tax.ts', hash: 'h', language: 'typescript', lastModified: AT, created: AT };
    const rate = {
      ...{ id: 'sym:src/tax.ts#rate', type: 'symbol', ...base, name: 'rate', kind: 'variable', docstring: '' },
      ...{ signature: 'rate(country: string): number', visibility: 'public', isExported: true, isDeprecated: false },
    };
    const test = {
      ...{ id: 'test:src/tax.test.ts#1', type: 'test', ...base, path: 'src/tax.test.ts', testType: 'unit' },
      ...{ targetSymbol: '', framework: 'vitest', status: 'unknown', executionHistory: [], dependencies: [], tags: [] },
      metadata: { name: 'tax > adds up', line: 1, column: 1 },
    };
    const call = (from: string, path: string, line: number, more: object = {}) => ({
      ...{ type: 'CALLS', fromEntityId: from, toEntityId: rate.id, locations: [{ path, line }], arity: 1 },
      ...{ source: 'type-checker', confidence: 1, ...more },
    });
    const relationships = [
      call('sym:src/bill.ts#total', 'src/bill.ts', 4),
      call('sym:src/gone.ts#lost', 'src/gone.ts', 1, { confidence: 0.5 }),
      call('file:src/bill.ts', 'src/bill.ts', 7, { arity: 2, confidence: 0.9 }),
      call(test.id, 'src/tax.test.ts', 2),
      { type: 'TESTS', fromEntityId: test.id, toEntityId: rate.id, testType: 'unit' },
      { type: 'TESTS', fromEntityId: 'test:unheard', toEntityId: rate.id },
    ];
    await knowledge.ingest(f.projectId, { units: [{ unit: 'u', entities: [rate, test], relationships }] }, 'indexer');
    const parts = { database: f.parts.database, knowledge, workspaces: f.workspaces };
    const find = (more: object = {}) => findExamples(parts, f.projectId, { entityId: rate.id, ...more });
    const found = await find();
    expect(found).toMatchObject({ signature: 'rate(country: string): number', workspaceId });
    expect(found.usageExamples).toEqual([
      {
        ...{ context: 'sym:src/bill.ts#total CALLS', file: 'src/bill.ts', line: 4 },
        code: "export function total(sum: number) {\n  const due = sum * rate('LU');\n  return due;\n}",
      },
      {
        ...{ context: 'file:src/bill.ts CALLS', file: 'src/bill.ts', line: 7 },
        code: "  return due;\n}\nexport const other = rate('DE', 1);".trim(),
      },
      { context: 'sym:src/gone.ts#lost CALLS', file: 'src/gone.ts', line: 1, code: null },
    ]);
    expect(found.testExamples).toEqual([
      {
        ...{ testId: test.id, testName: 'tax > adds up', testCode: TEST.split('\nit(')[0] },
        assertions: ['expect(sum).toBe(17);', 'expect(sum).not.toBe(0);'],
      },
      { testId: 'test:unheard', testName: 'test:unheard', testCode: null, assertions: [] },
    ]);
    expect(found.relatedPatterns).toEqual([
      { pattern: 'call, with 1 argument', frequency: 3, confidence: 2.5 / 3 },
      { pattern: 'call, with 2 arguments', frequency: 1, confidence: 0.9 },
    ]);
    expect((await find({ limit: 1 })).usageExamples).toHaveLength(1);
    await expect(find({ workspaceId: f.parts.ids.uuid() })).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    await expect(findExamples(parts, f.otherProjectId, { entityId: rate.id })).rejects.toMatchObject({
      code: 'GRAPH_ENTITY_NOT_FOUND',
    });
    await unlink(join(root, 'src/bill.ts'));
    expect((await find()).usageExamples.map(({ code }) => code)).toEqual([null, null, null]);
  });
});
