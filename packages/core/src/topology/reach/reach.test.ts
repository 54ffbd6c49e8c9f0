import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Policies } from '../../policies/index.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Topology } from '../topology.ts';
import type { Conflicting } from './change-reaches.ts';
import { packageNames } from './package-names.ts';

/** Of code that nobody has read. */
const NEVER_READ = {
  read: async () => null,
  symbols: async () => [],
  users: async () => ({ users: [], truncated: false }),
  risk: async () => 'low' as const,
};

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-reach-')));
  const files = {
    'package.json': '{"name": "@shop/root"}',
    'apps/checkout/package.json': '{"name": "@shop/checkout"}',
    'apps/checkout/src/package.json': '{"type": "module"}',
    'apps/broken/package.json': '{"name": ',
    'go/go.mod': 'module example.com/pay\n\ngo 1.24\n',
    'rust/Cargo.toml': '[package]\nversion = "1"\nname = "ledger"\n[dependencies]\nname = "no"\n',
    'py/pyproject.toml': '[tool.x]\nname = "no"\n[project]\nname = \'mailer\'\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'led'));
  await symlink('/etc/passwd', join(root, 'led/package.json'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('a file is of the package whose manifest is the nearest above it and says a name', async () => {
  const paths = [
    'a.ts',
    'apps/checkout/src/x/y.ts',
    'apps/broken/z.ts',
    'go/a/b.go',
    'rust/src/lib.rs',
    'py/m.py',
    'led/a',
    'gone/a',
  ];
  expect(Object.fromEntries(await packageNames(root, paths))).toEqual({
    'a.ts': '@shop/root',
    'apps/checkout/src/x/y.ts': '@shop/checkout',
    'apps/broken/z.ts': '@shop/root',
    'go/a/b.go': 'example.com/pay',
    'rust/src/lib.rs': 'ledger',
    'py/m.py': 'mailer',
    'led/a': '@shop/root',
    'gone/a': '@shop/root',
  });
});

describeOnBackends('the reach of a change', (backend) => {
  let db: TestDatabase;
  let topology: Topology;
  let policies: Policies;
  let projectId: string;
  let asked = 0;
  const changed: string[] = [];
  const unseen: string[] = [];
  const conflicting: Conflicting[] = [];
  beforeAll(async () => {
    db = await backend.open();
    projectId = await insertTestProject(db.database);
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    const work = {
      ofSession: async () => ({ workspaceIds: [], root, paths: changed, unseen }),
      root: async () => root,
      conflicts: async (_projectId: string, ids: readonly string[]) => conflicting.filter(({ id }) => ids.includes(id)),
    };
    topology = new Topology({ ...parts, work, code: NEVER_READ });
    policies = new Policies({
      ...parts,
      reach: async (call) => {
        asked += 1;
        return (await topology.reach.ofCall(call)).level;
      },
    });
    const edge = (source: string, target: string, more: object = {}) => ({ source, target, ...more });
    await topology.ingest(
      projectId,
      {
        services: [
          { key: 'tax', criticality: 'low' },
          { key: 'billing', criticality: 'medium' },
          { key: 'checkout', criticality: 'critical', team: 'shop' },
          { key: 'leaf', criticality: 'low' },
          { key: 'unsure', criticality: 'critical' },
          { key: 'far', criticality: 'critical' },
        ],
        dependencies: [
          edge('billing', 'tax'),
          edge('checkout', 'billing', { confidence: 0.5 }),
          edge('leaf', 'billing'),
          edge('unsure', 'leaf', { confidence: 0.49 }),
          ...['h1', 'h2', 'h3', 'h4', 'h5'].map((hop, n) => edge(hop, n === 0 ? 'leaf' : `h${n}`)),
          edge('far', 'h5'),
        ],
        codeRules: [
          { kind: 'path', service: 'tax', pattern: 'services/tax/**' },
          { kind: 'path', service: 'leaf', pattern: 'services/leaf/**' },
          { kind: 'package', service: 'checkout', pattern: '@shop/ch*' },
        ],
      },
      'ann',
    );
  });
  afterAll(() => db.close());

  const of = (...paths: string[]) => topology.reach.ofPaths(projectId, { paths, workspaceId: systemIds.uuid() });

  test('is the highest criticality of who owns the files and who depends on them, with the chain', async () => {
    const reach = await of('services/tax/rate.ts', 'README.md');
    expect(reach).toMatchObject({ level: 'critical', unowned: ['README.md'] });
    expect(reach.owners).toEqual([
      { service: 'tax', name: 'tax', criticality: 'low', team: null, paths: ['services/tax/rate.ts'] },
    ]);
    expect(reach.reached[0]).toEqual({
      service: 'checkout',
      name: 'checkout',
      criticality: 'critical',
      team: 'shop',
      distance: 2,
      way: ['tax', 'billing', 'checkout'],
      confidence: 0.5,
    });
    expect(reach.reasons).toEqual([
      'services/tax/rate.ts is code of tax: path services/tax/**.',
      'checkout, which is critical, depends on it: checkout → billing → tax.',
    ]);
  });

  test('goes at most five hops, over what is sure and fresh; nothing known is unknown', async () => {
    const leaf = await of('services/leaf/a.ts');
    // Neither `unsure`, by 0.49, nor `far`, six hops away; those on the way are discovered, and so of medium criticality.
    expect(leaf).toMatchObject({ level: 'medium' });
    expect(leaf.reached.map(({ service, distance }) => `${service}:${distance}`)).toEqual([
      'h1:1',
      'h2:2',
      'h3:3',
      'h4:4',
      'h5:5',
    ]);
    expect(await of('docs/a.md')).toMatchObject({ level: 'unknown', owners: [], reached: [], unowned: ['docs/a.md'] });
    expect(await of('apps/checkout/src/pay.ts')).toMatchObject({
      level: 'critical',
      owners: [{ service: 'checkout' }],
    });
  });

  test('of conflicts is that of the path which both sessions work on, of each that there is', async () => {
    const workspaceId = systemIds.uuid();
    const [same, other, leaf, gone, unasked] = [1, 2, 3, 4, 5].map(() => systemIds.uuid()) as [string, ...string[]];
    const add = (id = '', path = '') => conflicting.push({ id, workspaceId, path });
    add(same, 'services/tax/rate.ts');
    add(other, 'services/tax/rate.ts');
    add(leaf, 'services/leaf/a.ts');
    add(unasked, 'services/leaf/a.ts');
    const found = await topology.reach.ofConflicts(projectId, [same, leaf ?? '', other ?? '', gone ?? '']);
    expect(new Map(found.map(({ conflictId, level }) => [conflictId, level]))).toEqual(
      new Map([
        [same, 'critical'],
        [other, 'critical'],
        [leaf, 'medium'],
      ]),
    );
    const { reasons } = await of('services/tax/rate.ts');
    expect(found.find(({ conflictId }) => conflictId === other)?.reasons).toEqual(reasons);
  });

  describe('given to policies', () => {
    const call = (tool: string, given: Record<string, unknown>) => ({
      projectId,
      sessionId: systemIds.uuid(),
      runtime: null,
      agent: null,
      agentRole: null,
      taskType: null,
      labels: [],
      workspacePath: root,
      tool,
      arguments: given,
      at: new Date(),
      spent: async () => ({ tokens: 0, costUsd: 0, seconds: 0, toolCalls: 0 }),
    });
    const effect = async (tool: string, given: Record<string, unknown>) =>
      (await policies.decide(call(tool, given))).effect;

    test('holds what reaches far, lets a leaf pass, and holds a session whose shell went too far before its next call', async () => {
      expect(await effect('write', { filePath: 'services/tax/rate.ts' })).toBe('allow');
      expect(asked).toBe(0);
      await policies.create(
        projectId,
        {
          document: {
            name: 'far',
            default: 'allow',
            rules: [
              { id: 'far', name: 'What reaches far', match: { reach: ['critical'] }, effect: 'require_approval' },
            ],
          },
        },
        'ann',
      );
      expect(await effect('write', { filePath: 'services/tax/rate.ts' })).toBe('require_approval');
      expect(await effect('write', { filePath: join(root, 'services/tax/rate.ts') })).toBe('require_approval');
      expect(await effect('write', { filePath: 'services/leaf/a.ts' })).toBe('allow');
      expect(await effect('bash', { command: 'echo 7 > services/tax/rate.ts' })).toBe('require_approval');
      expect(await effect('bash', { command: 'npm run build' })).toBe('allow');
      // What an edit did was looked at before it did.
      changed.push('services/tax/rate.ts');
      expect(await effect('bash', { command: 'npm run build' })).toBe('allow');
      changed.push('services/tax/generated.ts');
      unseen.push('services/tax/generated.ts');
      expect(await effect('bash', { command: 'npm run build' })).toBe('require_approval');
      expect(await effect('write', { filePath: 'services/leaf/a.ts' })).toBe('require_approval');
      unseen.length = 0;
      expect(await effect('write', { filePath: 'services/leaf/a.ts' })).toBe('allow');
      expect(asked).toBe(9);
    });

    test('and to people, of the call that they are asked about', async () => {
      const about = { projectId, sessionId: systemIds.uuid(), workingDirectory: root };
      const edit = { ...about, tool: 'edit', arguments: { filePath: 'services/leaf/a.ts' } };
      expect(await topology.reach.ofApproval(edit)).toMatchObject({ level: 'medium', owners: [{ service: 'leaf' }] });
      const start = { ...about, tool: null, workingDirectory: null, arguments: {} };
      expect(await topology.reach.ofApproval(start)).toMatchObject({ level: 'critical', owners: [{ service: 'tax' }] });
      const task = { ...start, sessionId: null };
      expect(await topology.reach.ofApproval(task)).toMatchObject({
        level: 'low',
        reasons: ['Nothing is changed yet.'],
      });
    });
  });
});
