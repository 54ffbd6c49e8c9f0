import { execFile } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import { Indexing } from './indexing.ts';

const run = promisify(execFile);
const CONFIGURATION = JSON.stringify({ compilerOptions: { lib: ['es5'], types: [], module: 'nodenext' } });

describeOnBackends('edits that indexing is told of', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let workspaces: Workspaces;
  let projectId: string;
  const nodes: Indexing[] = [];
  const places: string[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    knowledge = new Knowledge(parts);
    workspaces = new Workspaces(parts);
    projectId = await insertTestProject(db.database);
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
    for (const place of places.splice(0)) rmSync(place, { recursive: true });
  });
  afterAll(async () => {
    await db.close();
    expect(errors).toEqual([]);
  });

  const nodeCalled = (nodeId: string) => {
    const parts = { database: db.database, clock: systemClock, ids: systemIds, knowledge, workspaces, nodeId };
    const node = new Indexing({ ...parts, noise: loadNoiseSettings({}), onError: (error) => errors.push(error) });
    nodes.push(node);
    return node;
  };
  const placeOf = async (files: Record<string, string>) => {
    const place = writeSources({ 'tsconfig.json': CONFIGURATION, ...files });
    places.push(place);
    return { place, id: (await workspaces.create(projectId, { path: place }, 'ann')).id };
  };
  /** Those of these names that the graph has now. */
  const found = async (...names: string[]) => {
    const results = names.map((query) => knowledge.search(projectId, { query, entityTypes: ['symbol'] }));
    const known = new Set((await Promise.all(results)).flatMap((one) => one.results.map(({ name }) => name)));
    return names.filter((name) => known.has(name));
  };

  it('reads no edit by what another node has read anew since', async () => {
    const { place, id } = await placeOf({ 'x.ts': 'export const horseBefore = 1;\n', 'y.ts': '' });
    const [one, other] = [nodeCalled('one'), nodeCalled('other')];
    for (const node of [one, other]) {
      await node.request(projectId, { workspaceId: id, full: true }, 'ann');
      expect(await node.round()).toMatchObject({ status: 'completed', filesDone: 2 });
    }
    writeSource(place, 'x.ts', 'export const horseAfter = 1;\n');
    one.edited(projectId, id, ['x.ts']);
    expect(await one.round()).toMatchObject({ filesAffected: 1, error: null });
    writeSource(place, 'y.ts', 'export const camelAfter = 1;\n');
    other.edited(projectId, id, ['y.ts']);
    expect(await other.round()).toMatchObject({ filesAffected: 1, error: null });
    expect(await found('horseBefore', 'horseAfter', 'camelAfter')).toEqual(['horseAfter', 'camelAfter']);
  });

  it('hears of the first file of a workspace that was empty', async () => {
    const { place, id } = await placeOf({});
    const indexing = nodeCalled('first');
    await indexing.request(projectId, { workspaceId: id }, 'ann');
    expect(await indexing.round()).toMatchObject({ status: 'completed', filesTotal: 0 });
    // Asking is itself a look at whatever changed meanwhile.
    while (await indexing.round());
    writeSource(place, 'first.ts', 'export const veryFirst = 1;\n');
    indexing.edited(projectId, id, ['first.ts']);
    expect(await indexing.round()).toMatchObject({ requestedBy: 'edits', filesDone: 1 });
  });

  it('looks again at edits whose reading failed, though nobody tells of them again', async () => {
    const { place, id } = await placeOf({ 'z.ts': 'export const goatBefore = 1;\n' });
    const node = nodeCalled('again');
    await node.request(projectId, { workspaceId: id }, 'ann');
    expect(await node.round()).toMatchObject({ status: 'completed' });
    writeSource(place, 'z.ts', 'export const goatAfter = 1;\n');
    renameSync(place, `${place}-away`);
    node.edited(projectId, id, ['z.ts']);
    node.start();
    const failed = async () => (await node.list(projectId)).some((job) => job.workspaceId === id && job.error !== null);
    await expect.poll(failed, { interval: 20 }).toBe(true);
    renameSync(`${place}-away`, place);
    await expect.poll(() => found('goatBefore', 'goatAfter')).toEqual(['goatAfter']);
  });

  it('fails where git cannot say what the user ignores, and reads none of that', async () => {
    const { place, id } = await placeOf({ '.gitignore': 'made.ts\n', 'made.ts': 'export const ignoredOne = 1;\n' });
    const indexing = nodeCalled('git');
    await run('git', ['init', '-q'], { cwd: place });
    writeSource(place, '.git/config', '[core\n');
    await indexing.request(projectId, { workspaceId: id }, 'ann');
    // Whatever work others left is done as well.
    while (await indexing.round());
    const own = (await indexing.list(projectId)).filter(({ workspaceId }) => workspaceId === id);
    expect(own).toMatchObject([{ status: 'failed', error: expect.stringContaining('config') }]);
    expect(await found('ignoredOne')).toEqual([]);
  });
});
