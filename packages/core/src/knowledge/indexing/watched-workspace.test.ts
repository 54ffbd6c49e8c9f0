import { execFile } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { firstBackend, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import { FileWatcher } from '../watching/file-watcher.ts';
import { Indexing } from './indexing.ts';

const run = promisify(execFile);
const PATIENCE = { timeout: 60_000, interval: 50 };
const CONFIGURATION = JSON.stringify({ compilerOptions: { lib: ['es5'], types: [], module: 'nodenext' } });

let db: TestDatabase;
let knowledge: Knowledge;
let workspaces: Workspaces;
let projectId: string;
let workspaceId: string;
let root: string;
let node: Indexing | null = null;
const errors: unknown[] = [];

beforeAll(async () => {
  db = await firstBackend().open();
  const parts = { database: db.database, clock: systemClock, ids: systemIds };
  knowledge = new Knowledge(parts);
  workspaces = new Workspaces(parts);
  projectId = await insertTestProject(db.database);
  root = writeSources({ 'tsconfig.json': CONFIGURATION, 'a.ts': 'export const first = 1;\n' });
  workspaceId = (await workspaces.create(projectId, { path: root }, 'ann')).id;
});
afterAll(async () => {
  await node?.stop();
  await db.close();
  rmSync(root, { recursive: true });
  expect(errors).toEqual([]);
});

/** A process, of which each has a name of its own. */
function begin(nodeId: string, watch: boolean): Indexing {
  const onError = (error: unknown) => errors.push(error);
  const parts = { database: db.database, clock: systemClock, ids: systemIds };
  node = new Indexing({ ...parts, knowledge, workspaces, nodeId, watch, noise: loadNoiseSettings({}), onError });
  return node;
}
const found = async (query: string) =>
  (await knowledge.search(projectId, { query, entityTypes: ['symbol'] })).results.map(({ name, path }) => [name, path]);
const jobs = async (indexing: Indexing) =>
  (await indexing.list(projectId)).map(({ requestedBy, status }) => `${requestedBy} ${status}`);

it('what is written, moved and deleted in a watched workspace comes into the graph, and goes, by itself', async () => {
  const indexing = begin('n1', true);
  indexing.start();
  await indexing.request(projectId, { workspaceId }, 'ann');
  // It is looked at once more when it is watched.
  await expect.poll(() => jobs(indexing), PATIENCE).toEqual(['edits completed', 'ann completed']);
  expect(await found('first')).toEqual([['first', 'a.ts']]);

  writeSource(root, 'b.ts', 'export function fresh(): number { return 1; }\n');
  await expect.poll(() => found('fresh'), PATIENCE).toEqual([['fresh', 'b.ts']]);
  renameSync(join(root, 'b.ts'), join(root, 'c.ts'));
  await expect.poll(() => found('fresh'), PATIENCE).toEqual([['fresh', 'c.ts']]);
  writeSource(root, 'c.ts', 'export function other(): number { return 1; }\n');
  await expect
    .poll(async () => [await found('fresh'), await found('other')], PATIENCE)
    .toEqual([[], [['other', 'c.ts']]]);
  writeSource(root, 'c.ts', null);
  await expect.poll(() => found('other'), PATIENCE).toEqual([]);
  // Of all that work the list has the last.
  await expect.poll(() => jobs(indexing), PATIENCE).toEqual(['edits completed', 'ann completed']);
  await indexing.stop();
});

it('goes on with a watched workspace in the next process, whatever that is called', async () => {
  writeSource(root, 'd.ts', 'export const meanwhile = 1;\n');
  const indexing = begin('n2', true);
  const [before] = await indexing.list(projectId);
  indexing.start();
  await expect.poll(() => found('meanwhile'), PATIENCE).toEqual([['meanwhile', 'd.ts']]);
  await expect.poll(async () => (await indexing.list(projectId))[0]?.id, PATIENCE).not.toBe(before?.id);
  writeSource(root, 'd.ts', 'export const later = 1;\n');
  await expect.poll(() => found('later'), PATIENCE).toEqual([['later', 'd.ts']]);
  await indexing.stop();
});

it('takes in what is committed in a watched workspace, though no file of it changes', async () => {
  const git = async (...words: string[]) => {
    const author = ['-c', 'user.name=Ann', '-c', 'user.email=a@b'];
    return (await run('git', [...author, ...words], { cwd: root })).stdout.trim();
  };
  const isKnown = async (hash: string) =>
    await knowledge.entity(projectId, `change:${hash}`).then(
      () => true,
      () => false,
    );
  const indexing = begin('n4', true);
  indexing.start();
  // Once this is seen it is watched.
  writeSource(root, 'f.ts', 'export const watched = 1;\n');
  await expect.poll(() => found('watched'), PATIENCE).toEqual([['watched', 'f.ts']]);
  await git('init', '-q', '-b', 'main');
  for (const path of ['f.ts', 'a.ts']) {
    await git('add', path);
    await git('commit', '-q', '-m', path);
    const hash = await git('rev-parse', 'HEAD');
    await expect.poll(() => isKnown(hash), PATIENCE).toBe(true);
  }
  await indexing.stop();
});

it('watches nothing where that is switched off', async () => {
  const indexing = begin('n3', false);
  await indexing.request(projectId, { workspaceId }, 'ann');
  expect(await indexing.round()).toMatchObject({ status: 'completed' });
  const told: string[] = [];
  const control = new FileWatcher(
    { root },
    {
      onBatch: ({ changes }) => told.push(...changes.map(({ path }) => path)),
      onError: (error) => errors.push(error),
    },
    systemClock,
  );
  await control.start();
  writeSource(root, 'e.ts', 'export const unseen = 1;\n');
  await expect.poll(() => told, PATIENCE).toEqual(['e.ts']);
  await control.stop();
  expect(await indexing.round()).toBeNull();
  expect(await found('unseen')).toEqual([]);
});
