import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codePort } from '../../code-port.ts';
import { Indexing, Knowledge, loadNoiseSettings } from '../../knowledge/index.ts';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Policies } from '../../policies/index.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { Topology } from '../topology.ts';

const RATE = `export function rate(sum: number): number {
  return sum * 0.2;
}

export function leaf(): number {
  return 1;
}
`;

describeOnBackends('the reach of a change, through the code that uses it', (backend) => {
  let db: TestDatabase;
  let indexing: Indexing;
  let topology: Topology;
  let projectId: string;
  let workspaceId: string;
  let root: string;
  const unseen: string[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    const knowledge = new Knowledge(parts);
    const workspaces = new Workspaces(parts);
    indexing = new Indexing({
      ...parts,
      noise: loadNoiseSettings({}),
      knowledge,
      workspaces,
      nodeId: 'n1',
      onError: (error) => errors.push(error),
    });
    projectId = await insertTestProject(db.database);
    root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-reach-')));
    const files = {
      'tsconfig.json': JSON.stringify({ compilerOptions: { lib: ['es5'], types: [], module: 'nodenext' } }),
      'lib/rate.ts': RATE,
      'lib/total.ts':
        "import { rate } from './rate.js';\nexport const total = (sum: number): number => sum + rate(sum);\n",
      'services/billing/bill.ts':
        "import { total } from '../../lib/total.js';\nexport function bill(): number {\n  return total(3);\n}\n",
      'services/mail/rate.test.ts': "import { leaf } from '../../lib/rate.js';\ntest('leaf', () => leaf());\n",
    };
    for (const [path, text] of Object.entries(files)) write(path, text);
    workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
    const work = {
      ofSession: async () => ({ workspaceIds: [workspaceId], root, paths: unseen, unseen }),
      root: async () => root,
      conflicts: async () => [],
    };
    topology = new Topology({ ...parts, work, code: codePort({ knowledge, indexing }) });
    await topology.ingest(
      projectId,
      {
        services: [
          { key: 'checkout', criticality: 'critical' },
          { key: 'mail', criticality: 'critical' },
        ],
        dependencies: [{ source: 'checkout', target: 'billing' }],
        codeRules: ['billing', 'mail'].map((service) => ({ kind: 'path', service, pattern: `services/${service}/**` })),
      },
      'ann',
    );
  });
  afterAll(async () => {
    await indexing.stop();
    await db.close();
    rmSync(root, { recursive: true });
    expect(errors).toEqual([]);
  });

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const edit = (oldString: string, newString: string, filePath = 'lib/rate.ts') =>
    topology.reach.ofCall({
      projectId,
      sessionId: systemIds.uuid(),
      workspacePath: root,
      tool: 'edit',
      arguments: { filePath, oldString, newString },
    });
  const index = async () => {
    await indexing.request(projectId, { workspaceId }, 'ann');
    expect(await indexing.round()).toMatchObject({ status: 'completed', error: null });
  };

  test('is not known until the code is read', async () => {
    const reach = await edit('0.2', '0.3');
    expect(reach).toMatchObject({ level: 'unknown', changed: [], using: [], outdated: [] });
    await index();
  });

  test('is that of the services whose code uses what is proposed to change, and of what depends on them', async () => {
    const reach = await edit('0.2', '0.3');
    expect(reach).toMatchObject({ level: 'critical', owners: [], unowned: ['lib/rate.ts'], outdated: [] });
    expect(reach.changed).toMatchObject([{ name: 'rate', path: 'lib/rate.ts' }]);
    expect(reach.using).toMatchObject([
      {
        service: 'billing',
        through: [{ name: 'rate' }, { name: 'total' }, { name: 'bill', path: 'services/billing/bill.ts' }],
      },
    ]);
    expect(reach.reached).toMatchObject([{ service: 'checkout', way: ['billing', 'checkout'] }]);
    expect(reach.reasons).toEqual([
      'Code of billing uses it: bill → total → rate.',
      'checkout, which is critical, depends on it: checkout → billing.',
    ]);
  });

  test('is told of a call that nobody made, in a session', async () => {
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    const policies = new Policies({ ...parts, reach: async (call) => (await topology.reach.ofCall(call)).level });
    const far = { id: 'far', name: 'Far', match: { reach: ['critical' as const] }, effect: 'deny' as const };
    const explained = async (oldString: string) => {
      const { effect } = await policies.explain(projectId, {
        document: { name: 'tried', default: 'allow', rules: [far] },
        sessionId: systemIds.uuid(),
        workspaceId,
        tool: 'edit',
        arguments: { filePath: 'lib/rate.ts', oldString, newString: '3' },
      });
      return effect;
    };
    expect([await explained('0.2'), await explained('1')]).toEqual(['deny', 'allow']);
  });

  test('is by how much of the code depends on it where that is of no service, and tests do not count', async () => {
    const leaf = await edit('return 1', 'return 2');
    expect(leaf).toMatchObject({ level: 'medium', changed: [{ name: 'leaf' }], owners: [], using: [], reached: [] });
    expect(leaf.reasons.at(-1)).toBe('By what changes and how much of the code depends on it, it is medium.');
    // What is written anew is used by nobody yet, and of what is no code the graph says nothing.
    expect(await edit('', 'export const x = 1;\n', 'lib/fresh.ts')).toMatchObject({ level: 'low', outdated: [] });
    expect(await edit('', 'Read me.', 'README.md')).toMatchObject({ level: 'low' });
  });

  test('counts what shells left, whatever is called next; files that are not as they were read are unknown', async () => {
    write('lib/rate.ts', RATE.replace('0.2', '0.5'));
    unseen.push('lib/rate.ts');
    const after = await edit('', 'Read me.', 'README.md');
    expect(after).toMatchObject({ level: 'unknown', outdated: ['lib/rate.ts'] });
    expect(after.reasons).toEqual([
      'lib/rate.ts is not as the code graph read it last, so what uses it is not known.',
      'Not known counts as high.',
    ]);
    await index();
    expect(await edit('', 'Read me.', 'README.md')).toMatchObject({ level: 'critical', outdated: [] });
    unseen.length = 0;
    expect(await edit('', 'Read me.', 'README.md')).toMatchObject({ level: 'low' });
    // Changed by somebody since, and taken away.
    rmSync(join(root, 'lib/total.ts'));
    expect(await topology.reach.ofPaths(projectId, { paths: ['lib/total.ts'], workspaceId })).toMatchObject({
      level: 'unknown',
      outdated: ['lib/total.ts'],
    });
    // Of whatever language.
    write('lib/tool.py', 'def tool():\n    return 1\n');
    expect(await edit('return 1', 'return 2', 'lib/tool.py')).toMatchObject({
      level: 'unknown',
      outdated: ['lib/tool.py'],
    });
  });
});
