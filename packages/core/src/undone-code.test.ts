import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Core, createCore } from './core.ts';
import { firstBackend, insertTestProject, type TestDatabase } from './testing/index.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };

let opened: TestDatabase;
let root: string;
let core: Core;
let projectId: string;

beforeAll(async () => {
  opened = await firstBackend().open();
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-undone-code-')));
  await mkdir(join(root, 'work'));
  projectId = await insertTestProject(opened.database);
  const logger = pino({ level: 'silent' });
  // Nothing watches: what is read again is what the undo itself tells of.
  core = createCore({
    ...{ database: opened.database, dataDir: join(root, 'data'), nodeId: 'node', logger },
    watchCode: false,
  });
});
afterAll(async () => {
  await core.indexing.stop();
  await core.close();
  await opened.close();
  await rm(root, { recursive: true, force: true });
});

const put = (content: string) => writeFile(join(root, 'work', 'price.ts'), content);
const known = async (name: string) =>
  (await core.knowledge.search(projectId, { query: name, entityTypes: ['symbol'] })).results.map((one) => one.name);

test('code that an undo brings back is read again, and what it takes away is no more in the graph', {
  timeout: 180_000,
}, async () => {
  await put('export function netPrice(): number { return 1; }\n');
  const workspace = await core.workspaces.create(projectId, { path: join(root, 'work') }, 'me');
  core.indexing.start();
  await core.indexing.request(projectId, { workspaceId: workspace.id }, 'me');
  await expect.poll(() => known('netPrice'), PATIENCE).toEqual(['netPrice']);

  const wanted = { title: 'rename', initialPrompt: 'do it', workspaceId: workspace.id };
  const { id: sessionId } = await core.sessions.create(projectId, wanted, 'me');
  await core.sessions.start(projectId, sessionId, 'me');
  const chain = core.captures.chain(workspace);
  await chain.openWindow({ sessionId, callId: 'c', tool: 'bash', actor: 'a', attempt: 1 }, null);
  await put('export function grossPrice(): number { return 2; }\n');
  await chain.closeWindow(sessionId, 'c');
  await core.sessions.complete(projectId, sessionId, {}, 'me');
  await expect
    .poll(async () => [await known('netPrice'), await known('grossPrice')], PATIENCE)
    .toEqual([[], ['grossPrice']]);

  const { id } = await core.undos.create(projectId, { selection: { sessionIds: [sessionId] } }, 'me');
  expect((await core.undos.finished(projectId, id)).error).toBeNull();
  await expect
    .poll(async () => [await known('netPrice'), await known('grossPrice')], PATIENCE)
    .toEqual([['netPrice'], []]);
});
