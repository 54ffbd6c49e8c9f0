import { mkdir, mkdtemp, readdir, readFile, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Core, createCore } from './core.ts';
import { firstBackend, insertTestProject, type TestDatabase } from './testing/index.ts';
import type { Workspace, WorkspaceChain } from './workspaces/index.ts';

// Git does nearly all of it, for a dozen captures: once is enough.
describe('captures that somebody refers to outlive the pruning of their store', () => {
  let opened: TestDatabase;
  let root: string;
  let core: Core;
  let projectId: string;
  let workspace: Workspace;
  let chain: WorkspaceChain;
  const work = (...names: string[]) => join(root, 'work', ...names);
  const put = (name: string, content: string) => writeFile(work(name), content);
  const session = (title: string) =>
    core.sessions.create(projectId, { title, initialPrompt: 'do it', workspaceId: workspace.id }, 'me');
  const shown = async (sessionId: string, seq: number, path: string) =>
    (await core.sessionFiles.content(projectId, sessionId, seq, path)).text;
  const say = async (sessionId: string) => {
    const event = { type: 'output' as const, actor: 'me', payload: { text: 'here' } };
    return (await core.journal.append(projectId, sessionId, [event]))[0]?.seq ?? 0;
  };
  const trees: Record<string, string> = {};
  const ids: Record<string, string> = {};
  const seqs: Record<string, number> = {};

  beforeAll(async () => {
    opened = await firstBackend().open();
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-in-use-')));
    await mkdir(work());
    projectId = await insertTestProject(opened.database);
    const logger = pino({ level: 'silent' });
    core = createCore({ database: opened.database, dataDir: join(root, 'data'), nodeId: 'node', logger });
    workspace = await core.workspaces.create(projectId, { path: work() }, 'me');
    chain = core.captures.chain(workspace);

    await put('f', 'at the point');
    const point = { name: 'kept', workspaceId: workspace.id, capture: ['file' as const] };
    ids.point = (await core.rollback.points.create(projectId, point, 'me')).id;

    for (const [name, end] of [
      ['resumable', 'fail'],
      ['failed once', 'complete'],
      ['over', 'complete'],
    ] as const) {
      const { id } = await session(name);
      await core.sessions.start(projectId, id, 'me');
      await put('f', `at the checkpoint of ${name}`);
      const includeFailureSnapshot = name === 'failed once';
      const input = { data: null, includeFailureSnapshot };
      const { capture } = await core.sessions.addCheckpoint(projectId, id, input);
      seqs[name] = await say(id);
      if (end === 'fail') await core.sessions.fail(projectId, id, { error: 'broke' }, 'me');
      else await core.sessions.complete(projectId, id, {}, 'me');
      [ids[name], trees[name]] = [id, capture?.treeId ?? ''];
    }

    for (const count of [1, 2]) {
      await put('f', `before the recording ${count}`);
      await chain.step('request');
    }
    const recorded = await session('recorded');
    await core.sessions.start(projectId, recorded.id, 'me');
    await put('f', 'while recorded');
    await chain.step('look', recorded.id);
    seqs.recorded = await say(recorded.id);
    await core.sessions.complete(projectId, recorded.id, {}, 'me');
    await core.recordings.make(projectId, recorded.id, {}, 'me');
    ids.recorded = recorded.id;

    await put('g', 'before');
    const undone = await session('undone');
    await core.sessions.start(projectId, undone.id, 'me');
    await chain.openWindow({ sessionId: undone.id, callId: 'c', tool: 'bash', actor: 'a', attempt: 1 }, null);
    await put('g', 'by the session');
    await chain.closeWindow(undone.id, 'c');
    await core.sessions.complete(projectId, undone.id, {}, 'me');
    ids.undo = (await core.undos.create(projectId, { selection: { sessionIds: [undone.id] } }, 'me')).id;
    expect((await core.undos.finished(projectId, ids.undo)).error).toBeNull();

    await put('f', 'nobody refers to this');
    trees.nobodys = (await chain.step('request')).capture.treeId;
    await put('f', 'now');
    await chain.step('request');
    await makeOld(join(core.captures.of(workspace).gitDir, 'objects'));
    await core.captureStores.prune({ days: 0, bytes: 2 ** 40 });
  }, 300_000);
  afterAll(async () => {
    await core.close();
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });

  test('those that nobody refers to are gone', async () => {
    const repository = core.captures.of(workspace);
    expect(await repository.kept([trees.nobodys ?? '', trees.over ?? ''])).toEqual(new Set());
    const seen = shown(ids.over ?? '', seqs.over ?? 0, 'f');
    await expect(seen).rejects.toMatchObject({ code: 'CAPTURE_NOT_FOUND' });
  });

  test('those of checkpoints of a session that can go on', async () => {
    const text = await shown(ids.resumable ?? '', seqs.resumable ?? 0, 'f');
    expect(text).toBe('at the checkpoint of resumable');
  });

  test('those of checkpoints that a failure snapshot names', async () => {
    const { items } = await core.sessions.failureSnapshots(projectId, { sessionId: ids['failed once'] });
    const { capture } = await core.sessions.getCheckpoint(projectId, ids['failed once'] ?? '', items[0]?.sequence ?? 0);
    expect(await core.captures.of(workspace).held()).toContain(capture?.treeId);
    expect(await shown(ids['failed once'] ?? '', seqs['failed once'] ?? 0, 'f')).toBe(
      'at the checkpoint of failed once',
    );
  });

  test('those that stood while a session was recorded', async () => {
    const { items } = await core.recordings.list(projectId, { sessionId: ids.recorded as string });
    expect(await shown(ids.recorded ?? '', items[0]?.lastSeq ?? 0, 'f')).toBe('while recorded');
    expect(await shown(ids.recorded ?? '', seqs.recorded ?? 0, 'f')).toBe('while recorded');
  });

  test('those that the redo of an undo needs', async () => {
    const { id } = await core.undos.redo(projectId, ids.undo ?? '', {}, 'me');
    expect((await core.undos.finished(projectId, id)).error).toBeNull();
    expect(await readFile(work('g'), 'utf8')).toBe('by the session');
  });

  test('those of rollback points', async () => {
    const { id } = await core.rollback.operations.start(projectId, ids.point ?? '', {}, 'me');
    const { status, error } = await core.rollback.operations.wait(projectId, id);
    expect([status, error]).toEqual(['completed', null]);
    expect(await readFile(work('f'), 'utf8')).toBe('at the point');
    expect(await readdir(work())).toEqual(['f']);
  });
});

/** As if all had been written two hours ago: what is young is never dropped. */
async function makeOld(directory: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 3_600_000);
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
  }
}
