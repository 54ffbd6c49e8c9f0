import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { symbolId } from '../indexers/symbol-id.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import { HeldWork } from './held-work.ts';
import { claimIndexJob, giveBackIndexJob, listIndexedWorkspaces } from './index-job-store.ts';
import { readIndexedFiles } from './indexed-file-store.ts';
import { Indexing } from './indexing.ts';
import { runIndexJob } from './run-index-job.ts';

const run = promisify(execFile);

const CONFIGURATION = JSON.stringify({ compilerOptions: { lib: ['es5'], types: [], module: 'nodenext' } });

describeOnBackends('indexing', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let indexing: Indexing;
  let workspaces: Workspaces;
  let projectId: string;
  let workspaceId: string;
  let root: string;
  let now = new Date('2026-01-01T00:00:00Z');
  const clock = { ...systemClock, now: () => now };
  const errors: unknown[] = [];

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock, ids: systemIds };
    knowledge = new Knowledge(parts);
    workspaces = new Workspaces(parts);
    const onError = (error: unknown) => errors.push(error);
    indexing = new Indexing({ ...parts, knowledge, workspaces, noise: loadNoiseSettings({}), nodeId: 'n1', onError });
    projectId = await insertTestProject(db.database);
    root = writeSources({
      'tsconfig.json': CONFIGURATION,
      'a.ts': 'export function a(): number { return 1; }\n',
      'b.ts': "import { a } from './a.js';\nexport const b = (): number => a();\n",
      'c.ts': "import { b } from './b.js';\nexport function c(): number { return b(); }\n",
      'broken.ts': 'export const = ;\n',
      'node_modules/x/index.ts': 'export const x = 1;\n',
    });
    workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
  });
  afterAll(async () => {
    await indexing.stop();
    await db.close();
    rmSync(root, { recursive: true });
    expect(errors).toEqual([]);
  });

  const index = async (more: object = {}) => {
    now = new Date(now.getTime() + 60_000);
    await indexing.request(projectId, { workspaceId, ...more }, 'ann');
    return indexing.round();
  };
  const callers = async (id: string) =>
    (await knowledge.traverse(projectId, { startId: id, direction: 'incoming', relationshipTypes: ['CALLS'] })).visited
      .slice(1)
      .map(({ name }) => name);
  const idOf = (path: string, name: string) => symbolId(path, [name]);

  it('reads a workspace, then only what says something else', async () => {
    expect(await indexing.round()).toBeNull();
    const first = await index();
    expect(first).toMatchObject({ status: 'completed', filesTotal: 4, filesAffected: 4, filesDone: 4, error: null });
    expect(first?.problems).toMatchObject([{ path: 'broken.ts' }]);
    expect(await callers(idOf('a.ts', 'a'))).toEqual(['b', 'c']);

    const { revision } = await knowledge.cycles(projectId);
    expect(await index()).toMatchObject({ status: 'completed', filesAffected: 0, filesDone: 0 });
    expect((await knowledge.cycles(projectId)).revision).toBe(revision);

    writeSource(root, 'b.ts', "import { a } from './a.js';\nexport const b = (): number => a() + 1;\n");
    expect(await index()).toMatchObject({ filesAffected: 1 });
    writeSource(root, 'b.ts', "import { a } from './a.js';\nexport const d = (): number => a();\n");
    writeSource(root, 'broken.ts', null);
    expect(await index()).toMatchObject({ filesAffected: 2, filesRemoved: 1, filesDone: 2 });
    expect(await callers(idOf('a.ts', 'a'))).toEqual(['d']);
    const before = await knowledge.traverse(projectId, {
      startId: idOf('a.ts', 'a'),
      direction: 'incoming',
      relationshipTypes: ['CALLS'],
      at: new Date(now.getTime() - 1).toISOString(),
    });
    expect(before.visited.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect((await knowledge.entity(projectId, 'file:broken.ts')).validTo).not.toBeNull();
    expect(await index({ full: true })).toMatchObject({ filesAffected: 3, filesDone: 3 });
  });

  it('reads what it is told was edited, by itself, of workspaces whose code is in the graph', async () => {
    now = new Date(now.getTime() + 60_000);
    await indexing.request(projectId, { workspaceId, full: true }, 'ann');
    await indexing.round();
    expect(await indexing.round()).toBeNull();
    writeSource(root, 'c.ts', "import { d } from './b.js';\nexport function c(): number { return d(); }\n");
    indexing.edited(projectId, workspaceId, ['c.ts', 'nothing.ts']);
    now = new Date(now.getTime() + 60_000);
    expect(await indexing.round()).toMatchObject({
      status: 'completed',
      requestedBy: 'edits',
      filesAffected: 1,
      filesDone: 1,
    });
    expect(await callers(idOf('b.ts', 'd'))).toEqual(['c']);
    expect(await indexing.round()).toBeNull();

    const unread = writeSources({ 'a.ts': '' });
    const { id } = await workspaces.create(projectId, { path: unread }, 'ann');
    indexing.edited(projectId, id, ['a.ts']);
    expect(await indexing.round()).toBeNull();
    rmSync(unread, { recursive: true });
  });

  it('reads by structure alone where it is asked to, also after edits, until it is asked for types', async () => {
    expect(await index({ mode: 'structure' })).toMatchObject({ mode: 'structure', filesAffected: 3, error: null });
    expect(await callers(idOf('b.ts', 'd'))).toEqual([]);
    writeSource(root, 'c.ts', "import { d } from './b.js';\nexport function called(): number { return d(); }\n");
    indexing.edited(projectId, workspaceId, ['c.ts']);
    now = new Date(now.getTime() + 60_000);
    const edits = { requestedBy: 'edits', mode: 'structure', filesAffected: 1 };
    expect(await indexing.round()).toMatchObject(edits);
    expect((await knowledge.entity(projectId, idOf('c.ts', 'called'))).validTo).toBeNull();
    expect(await callers(idOf('b.ts', 'd'))).toEqual([]);
    expect(await index()).toMatchObject({ mode: 'types', filesAffected: 3 });
    expect(await callers(idOf('b.ts', 'd'))).toEqual(['called']);
  });

  it('reads packages, documents and history with the code, and joins them to it', async () => {
    writeSource(root, 'tax.ts', 'export function totalWithTax(): number { return 1; }\n');
    writeSource(root, 'package.json', '{ "name": "shop", "dependencies": { "left": "^1" } }');
    writeSource(root, 'README.md', '# Shop\n\nWhat [a](a.ts) is.\n\n## Tax\n\n`totalWithTax`, `totalWithoutTax`\n');
    const next = async (startId: string, type: RelationshipType) =>
      (await knowledge.traverse(projectId, { startId, relationshipTypes: [type], maxDepth: 1 })).visited
        .slice(1)
        .map(({ id }) => id);
    writeSource(root, '.gitignore', 'node_modules\n');
    await run('git', ['init', '-q'], { cwd: root });
    await run('git', ['add', '-A'], { cwd: root });
    const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
    // Edges hold from when it was committed.
    const env = { ...process.env, GIT_COMMITTER_DATE: now.toISOString() };
    await run('git', [...author, 'commit', '-q', '-m', 'Begin'], { cwd: root, env });
    expect(await index()).toMatchObject({ status: 'completed', error: null, filesTotal: 6, filesAffected: 6 });
    const [commit = ''] = await next('file:tax.ts', 'CREATED_IN');
    expect((await knowledge.entity(projectId, commit)).entity).toMatchObject({ newState: { subject: 'Begin' } });
    expect(await next(commit, 'MODIFIED_BY')).toEqual(['author:ann@example.com']);
    expect(await next(idOf('tax.ts', 'totalWithTax'), 'DOCUMENTED_BY')).toEqual(['doc:README.md']);
    expect(await next('file:a.ts', 'DOCUMENTED_BY')).toEqual(['doc:README.md']);
    expect(await next('module:.', 'DEPENDS_ON')).toEqual(['external:left']);
    const { revision } = await knowledge.cycles(projectId);
    expect(await index()).toMatchObject({ filesAffected: 0 });
    expect((await knowledge.cycles(projectId)).revision).toBe(revision);

    writeSource(root, 'README.md', '# Shop\n\n`totalWithTax`\n');
    indexing.edited(projectId, workspaceId, ['README.md']);
    now = new Date(now.getTime() + 60_000);
    expect(await indexing.round()).toMatchObject({ requestedBy: 'edits', filesAffected: 1, error: null });
    expect(await next('file:a.ts', 'DOCUMENTED_BY')).toEqual([]);
    expect(await next(idOf('tax.ts', 'totalWithTax'), 'DOCUMENTED_BY')).toEqual(['doc:README.md']);
    for (const path of ['README.md', 'package.json', 'tax.ts']) writeSource(root, path, null);
    expect(await index()).toMatchObject({ status: 'completed', filesTotal: 3, filesRemoved: 3 });
    expect((await knowledge.entity(projectId, 'doc:README.md#shop')).validTo).not.toBeNull();
    expect(await next('module:.', 'DEPENDS_ON')).toEqual([]);
  });

  it('goes on with what a process left behind, and gives up on what ends each of them', async () => {
    const asked = await indexing.request(projectId, { workspaceId, full: true }, 'ann');
    expect((await indexing.request(projectId, { workspaceId }, 'ben')).id).toBe(asked.id);
    const leave = () =>
      db.database.query(
        {
          name: '',
          text: `UPDATE graph_index_jobs SET status = 'running', attempt = attempt + 1, lease_until = $2 WHERE id = $1`,
        },
        [asked.id, now],
      );
    await leave();
    expect(await indexing.round()).toBeNull();
    now = new Date(now.getTime() + 1);
    expect(await indexing.round()).toMatchObject({ id: asked.id, status: 'completed', attempt: 2, filesDone: 3 });

    const next = await indexing.request(projectId, { workspaceId }, 'ann');
    await db.database.query({ name: '', text: `UPDATE graph_index_jobs SET attempt = 3 WHERE id = $1` }, [next.id]);
    expect(await indexing.round()).toMatchObject({ id: next.id, status: 'failed', attempt: 4 });
    expect((await indexing.list(projectId))[0]).toMatchObject({ id: next.id, error: expect.stringContaining('3') });
  });

  it('counts no attempt of a node that stopped as it should, and takes nothing in of one that lost its work', async () => {
    const { id } = await indexing.request(projectId, { workspaceId, full: true }, 'ann');
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const given = await claimIndexJob(db.database, 'n0', now, 30);
      expect(given).toMatchObject({ job: { id, attempt }, tries: 1 });
      if (given) await giveBackIndexJob(db.database, given.job);
    }
    const stale = (await claimIndexJob(db.database, 'n0', now, 0))?.job;
    now = new Date(now.getTime() + 1);
    expect(await indexing.round()).toMatchObject({ id, status: 'completed', attempt: 7 });
    if (!stale) throw new Error('Nobody had it.');
    const facts = { path: 'a.ts', entities: [], relationships: [], problems: [] };
    const remembered = { path: 'a.ts', hash: 'old', shape: '', setup: '', isGlobal: false, imports: [] };
    const read = async function* () {
      yield { type: 'files' as const, files: [{ indexer: 'typescript' as const, facts, remembered }] };
    };
    const parts = { database: db.database, knowledge, noise: loadNoiseSettings({}) };
    const { revision } = await knowledge.cycles(projectId);
    const before = await readIndexedFiles(db.database, projectId, workspaceId);
    await expect(runIndexJob(parts, stale, read, null)).rejects.toThrow('Somebody else');
    expect((await knowledge.entity(projectId, 'file:a.ts')).validTo).toBeNull();
    const plan = { total: 1, affected: ['a.ts'], removed: ['b.ts'] };
    await expect(
      runIndexJob(
        parts,
        stale,
        async function* () {
          yield { type: 'plan' as const, plan };
        },
        null,
      ),
    ).rejects.toThrow('Somebody else');
    expect((await knowledge.cycles(projectId)).revision).toBe(revision);
    expect(await readIndexedFiles(db.database, projectId, workspaceId)).toEqual(before);
  });

  it('reads all that was to be read also where whoever planned it ended before, though nothing of it has changed', async () => {
    expect(await index()).toMatchObject({ filesAffected: 0 });
    const { id } = await indexing.request(projectId, { workspaceId }, 'ann');
    const planned = (await claimIndexJob(db.database, 'n0', now, 30))?.job;
    if (planned?.id !== id) throw new Error('Nobody had it.');
    const work = new HeldWork({ database: db.database, knowledge }, planned);
    await work.plan({ total: 3, affected: ['b.ts', 'c.ts'], removed: [] });
    await giveBackIndexJob(db.database, planned);
    expect(await indexing.round()).toMatchObject({ id, status: 'completed', filesAffected: 2, filesDone: 2 });
  });

  it('says what a workspace failed with that is no more', async () => {
    const gone = writeSources({ 'a.ts': '' });
    const workspace = await workspaces.create(projectId, { path: gone }, 'ann');
    await indexing.request(projectId, { workspaceId: workspace.id }, 'ann');
    rmSync(gone, { recursive: true });
    expect(await indexing.round()).toMatchObject({ status: 'failed', error: expect.stringContaining(gone) });
  });

  it('is forgotten once it ended long ago, but for what was done last, by which a workspace is known', async () => {
    await index();
    const [last, ...older] = (await indexing.list(projectId)).filter(({ status }) => status === 'completed');
    expect(older.length).toBeGreaterThan(0);
    const done = (await indexing.list(projectId)).length;
    expect(await indexing.forgetOld(projectId, 1)).toBe(0);
    now = new Date(now.getTime() + 2 * 24 * 3600 * 1000);
    const asked = await indexing.request(projectId, { workspaceId }, 'ann');
    expect(await indexing.forgetOld(projectId, 1)).toBe(done - 1);
    expect((await indexing.list(projectId)).map(({ id }) => id)).toEqual([asked.id, last?.id]);
    expect(await listIndexedWorkspaces(db.database, 10)).toEqual([{ projectId, workspaceId }]);
  });

  it('knows jobs and workspaces of its project alone', async () => {
    const other = await insertTestProject(db.database);
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => null,
        (error: unknown) => (SignalboxError.is(error) ? error.code : error),
      );
    const [job] = await indexing.list(projectId);
    expect(await codeOf(indexing.request(other, { workspaceId }, 'ann'))).toBe('WORKSPACE_NOT_FOUND');
    expect(await codeOf(indexing.get(other, job?.id ?? ''))).toBe('GRAPH_INDEX_JOB_NOT_FOUND');
    expect(await indexing.list(other)).toEqual([]);
  });
});
