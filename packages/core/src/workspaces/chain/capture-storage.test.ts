import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../../testing/index.ts';
import { Captures } from '../captures.ts';
import { Workspaces } from '../workspaces.ts';
import { CaptureStores } from './capture-storage.ts';

const DAY_MS = 24 * 3_600_000;
const ROOMY = { days: 30, bytes: 2 ** 40 };

describeOnBackends('stores of captures', (backend) => {
  let opened: TestDatabase;
  let root: string;
  beforeAll(async () => {
    opened = await backend.open();
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-stores-')));
  });
  afterAll(async () => {
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });
  const sql = (text: string, ...values: unknown[]) => opened.database.query({ name: '', text }, values);

  test('what is old goes, finished sessions first; what is newest, unfinished or referred to stays', async () => {
    const work = join(root, 'work');
    await mkdir(work);
    const clock = new ManualClock(new Date());
    const parts = { database: opened.database, clock, ids: systemIds };
    const workspaces = new Workspaces(parts);
    const captures = new Captures({ ...parts, directory: join(root, 'captures') });
    const stores = new CaptureStores({ ...parts, workspaces, captures });
    const project = await insertTestProject(opened.database);
    const workspace = await workspaces.create(project, { path: work }, 'me');
    const chain = captures.chain(workspace);
    const trees: string[] = [];
    const sessions: string[] = [];
    for (const text of ['first', 'second', 'third', 'fourth']) {
      const session = await insertTestSession(opened.database, project);
      await writeFile(join(work, 'f.txt'), `${text}\n`);
      trees.push((await chain.step('session_start', session)).capture.treeId);
      sessions.push(session);
      await clock.advance(1000);
    }
    const pruned = async () =>
      (
        await sql('SELECT pruned_at FROM workspace_captures WHERE workspace_id = $1 ORDER BY position', workspace.id)
      ).map((row) => (row as { pruned_at: unknown }).pruned_at !== null);
    await stores.prune(ROOMY);
    expect(await pruned()).toEqual([false, false, false, false]);
    expect(await stores.usage(project, workspace.id)).toMatchObject({
      captures: 4,
      pruned: 0,
      bytes: expect.any(Number),
    });
    expect((await stores.usage(project, workspace.id)).bytes).toBeGreaterThan(0);

    const finish = (id: string | undefined) =>
      sql(`UPDATE sessions SET status = 'cancelled', version = version + 1 WHERE id = $1`, id);
    await finish(sessions[1]);
    await stores.prune({ ...ROOMY, bytes: 1 });
    expect(await pruned()).toEqual([false, true, false, false]);
    await finish(sessions[0]);
    await finish(sessions[3]);
    await clock.advance(31 * DAY_MS);
    stores.keepAlso(async (_project, id) => (id === workspace.id ? [trees[0] as string] : []));
    await stores.prune(ROOMY);
    expect(await pruned()).toEqual([true, true, false, false]);
    // Nothing young is dropped from the disk; what is referred to, or kept, is held by name.
    const repository = captures.of(workspace);
    expect(await repository.kept(trees)).toEqual(new Set(trees));
    expect(new Set(await repository.held())).toEqual(new Set([trees[0], trees[2], trees[3]]));
    expect(await stores.stores()).toMatchObject({ known: [{ id: workspace.id }], strays: [] });
    await mkdir(join(root, 'captures', `${systemIds.uuid()}.git`));
    expect((await stores.stores()).strays).toHaveLength(1);
  }, 120_000);
});
