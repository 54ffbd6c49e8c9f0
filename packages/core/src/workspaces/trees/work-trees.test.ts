import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, postgresBackend } from '../../testing/index.ts';
import { openTreeRoom, type TreeRoom, userGit } from './testing/tree-room.ts';
import type { WorkTree } from './work-tree.ts';

const unlinked = async () => undefined;

async function treeOf(room: TreeRoom, sessionId: string): Promise<WorkTree | undefined> {
  const { items } = await room.trees.list(room.projectId, {
    filters: [{ field: 'sessionId', operator: 'eq', value: sessionId }],
  });
  return items[0];
}

describeOnBackends('work trees of sessions', (backend) => {
  let room: TreeRoom;
  beforeAll(async () => {
    room = await openTreeRoom(backend);
  });
  afterAll(() => room.close());

  const audited = async (id: string | undefined) =>
    (await room.sql('SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY id', [id])).map(
      ({ action }) => action,
    );

  test('one is made at the first start, apart from what the user has under way, and used again by the next', async () => {
    const { path, workspace } = await room.repository({ 'a.txt': 'committed\n' });
    await writeFile(join(path, 'a.txt'), 'changed by the user\n');
    await writeFile(join(path, 'untracked.txt'), 'mine\n');
    const before = userGit(path, 'status', '--porcelain=v2', '--branch');
    const session = await room.session(workspace);
    const linked: string[] = [];
    const place = await room.trees.ensure(session, 'runner', async (_tx, id) => void linked.push(id));

    const tree = await treeOf(room, session.id);
    expect(tree).toMatchObject({
      status: 'ready',
      sessionId: session.id,
      workspaceId: workspace.id,
      sessionStatus: 'pending',
    });
    expect(tree?.branch).toBe(`signalbox/${session.id.slice(-8)}`);
    expect(place).toMatchObject({ id: tree?.treeWorkspaceId, path: tree?.path, parentId: workspace.id });
    expect(linked).toEqual([place.id]);
    expect(await readdir(place.path)).toEqual(['.git', 'a.txt']);
    expect(userGit(place.path, 'status', '--porcelain', '--branch')).toBe(`## ${tree?.branch}`);
    expect(userGit(place.path, 'show', 'HEAD:a.txt')).toBe('committed');
    expect(userGit(path, 'status', '--porcelain=v2', '--branch')).toBe(before);
    expect(await audited(tree?.id)).toEqual(['work_tree.make']);
    // It is no choice for others.
    expect((await room.workspaces.list(room.projectId, 1, 100)).items.map(({ id }) => id)).not.toContain(place.id);

    await writeFile(join(place.path, 'work.txt'), 'half done\n');
    expect(await room.trees.ensure(session, 'runner', unlinked)).toEqual(place);
    expect(await readdir(place.path)).toContain('work.txt');
    await expect(room.trees.discard(room.projectId, tree?.id ?? '', 'me')).rejects.toMatchObject({
      code: 'WORK_TREE_IN_USE',
      details: { status: 'pending' },
    });
    await expect(room.trees.merge(room.projectId, tree?.id ?? '', 'me')).rejects.toMatchObject({
      code: 'WORK_TREE_IN_USE',
    });
  });

  test('after the session one without anything in it goes, any other is kept until it is discarded', async () => {
    const { path, workspace } = await room.repository({ 'a.txt': 'one\n', '.gitignore': 'built\n' });
    const [clean, changed, committed] = [
      await room.session(workspace),
      await room.session(workspace),
      await room.session(workspace),
    ];
    const places = [];
    for (const session of [clean, changed, committed])
      places.push((await room.trees.ensure(session, 'runner', unlinked)).path);
    const [atClean = '', atChanged = '', atCommitted = ''] = places;
    await writeFile(join(atClean, 'built'), 'ignored\n');
    await writeFile(join(atChanged, 'new.txt'), 'new\n');
    await writeFile(join(atCommitted, 'a.txt'), 'two\n');
    userGit(atCommitted, 'commit', '-qam', 'Two');

    await room.trees.settle(room.projectId, clean.id);
    expect((await treeOf(room, clean.id))?.status, 'it may still run').toBe('ready');
    for (const { id } of [clean, changed, committed]) await room.end(id);
    await room.trees.settleAll();
    const statuses = [clean, changed, committed].map(async ({ id }) => (await treeOf(room, id))?.status);
    expect(await Promise.all(statuses)).toEqual(['removed', 'kept', 'kept']);
    expect(places.map((place) => existsSync(place))).toEqual([false, true, true]);
    expect(userGit(path, 'branch', '--format=%(refname:short)').split('\n')).toHaveLength(3);
    expect(await audited((await treeOf(room, clean.id))?.id)).toEqual(['work_tree.make', 'work_tree.remove']);

    const left = (await room.trees.leftOver(room.projectId)).trees.map(({ sessionId }) => sessionId);
    expect(left).toEqual(expect.arrayContaining([changed.id, committed.id]));
    expect(left).not.toContain(clean.id);
    expect((await room.trees.leftOver(systemIds.uuid())).trees).toEqual([]);

    const kept = await treeOf(room, committed.id);
    const { id = '', version = 0 } = kept ?? {};
    await expect(room.trees.discard(room.projectId, id, 'me', version - 1)).rejects.toMatchObject({
      code: 'OPTIMISTIC_LOCK',
    });
    await expect(room.trees.discard(systemIds.uuid(), id, 'me')).rejects.toMatchObject({ code: 'WORK_TREE_NOT_FOUND' });
    expect(existsSync(atCommitted)).toBe(true);
    expect(await room.trees.discard(room.projectId, id, 'me', version)).toMatchObject({ status: 'discarded' });
    expect(existsSync(atCommitted)).toBe(false);
    expect(userGit(path, 'branch', '--format=%(refname:short)').split('\n')).toHaveLength(2);
    expect(userGit(path, 'worktree', 'list').split('\n')).toHaveLength(2);
    expect(await audited(id)).toEqual(['work_tree.make', 'work_tree.keep', 'work_tree.discard']);
    await expect(room.trees.discard(room.projectId, id, 'me')).rejects.toMatchObject({ code: 'WORK_TREE_OVER' });
    await expect(room.trees.preview(room.projectId, id)).rejects.toMatchObject({ code: 'WORK_TREE_OVER' });
  });

  test('one whose session is gone can still be found and discarded; what nobody knows is named', async () => {
    const { workspace } = await room.repository({ 'a.txt': 'one\n' });
    const session = await room.session(workspace);
    const { path } = await room.trees.ensure(session, 'runner', unlinked);
    await writeFile(join(path, 'b.txt'), 'b\n');
    const { id = '' } = (await treeOf(room, session.id)) ?? {};
    await room.sql('DELETE FROM sessions WHERE id = $1', [session.id]);
    const stray = join(room.root, 'worktrees', systemIds.uuid());
    await mkdir(stray);
    await room.trees.settleAll();
    const { trees, strays } = await room.trees.leftOver(room.projectId);
    expect(trees.find((tree) => tree.id === id)).toMatchObject({ sessionId: null, sessionTitle: null, status: 'kept' });
    expect(strays).toEqual([stray]);
    expect(await room.trees.discard(room.projectId, id, 'me')).toMatchObject({ status: 'discarded', sessionId: null });
    expect(existsSync(path)).toBe(false);
    await rm(stray, { recursive: true });
  });

  test('a session that is started again gets one anew where it is gone by decision, and is told where it is not', async () => {
    const { path, workspace } = await room.repository({ 'a.txt': 'one\n' });
    const session = await room.session(workspace);
    const place = await room.trees.ensure(session, 'runner', unlinked);
    // What cannot be looked at is not gone.
    await rename(place.path, `${place.path}.aside`);
    await symlink(place.path, place.path);
    await expect(room.trees.ensure(session, 'runner', unlinked)).rejects.toMatchObject({ code: 'ELOOP' });
    await rm(place.path);
    await rename(`${place.path}.aside`, place.path);
    await rm(place.path, { recursive: true });
    await expect(room.trees.ensure(session, 'runner', unlinked)).rejects.toMatchObject({ code: 'WORK_TREE_GONE' });
    const { id = '' } = (await treeOf(room, session.id)) ?? {};
    await expect(room.trees.preview(room.projectId, id)).rejects.toMatchObject({ code: 'WORK_TREE_GONE' });
    await room.end(session.id);
    await room.trees.discard(room.projectId, id, 'me');
    await writeFile(join(path, 'a.txt'), 'two\n');
    userGit(path, 'commit', '-qam', 'Two');
    expect(await room.trees.ensure(session, 'runner', unlinked)).toEqual(place);
    expect(await treeOf(room, session.id)).toMatchObject({
      id,
      status: 'ready',
      base: userGit(path, 'rev-parse', 'HEAD'),
    });
    expect(userGit(place.path, 'show', 'HEAD:a.txt')).toBe('two');
  });
});

describe('making a work tree', { timeout: 180_000 }, () => {
  let room: TreeRoom;
  beforeAll(async () => {
    room = await openTreeRoom(postgresBackend);
  });
  afterAll(() => room.close());

  test.each(['half made', 'not begun', 'whole'])(
    'one whose making was broken off, %s, is made by the next start',
    async (how) => {
      const { path, workspace } = await room.repository({ 'a.txt': 'one\n' });
      const session = await room.session(workspace);
      const place = await room.trees.ensure(session, 'runner', unlinked);
      await room.sql(`UPDATE work_trees SET status = 'making' WHERE session_id = $1`, [session.id]);
      if (how === 'half made') {
        await rm(join(place.path, '.git'));
        await rm(join(place.path, 'a.txt'));
      }
      if (how === 'not begun') userGit(path, 'worktree', 'remove', place.path);
      if (how === 'not begun') userGit(path, 'branch', '-D', `signalbox/${session.id.slice(-8)}`);
      expect(await room.trees.ensure(session, 'runner', unlinked)).toEqual(place);
      expect(await treeOf(room, session.id)).toMatchObject({
        status: 'ready',
        branch: `signalbox/${session.id.slice(-8)}`,
      });
      expect(userGit(place.path, 'status', '--porcelain', '--branch')).toBe(`## signalbox/${session.id.slice(-8)}`);
      expect(await readdir(place.path)).toEqual(['.git', 'a.txt']);
    },
  );

  test('a directory below the root of the repository is the same one below the root of the tree', async () => {
    const { path } = await room.repository({ 'a.txt': 'one\n' });
    await mkdir(join(path, 'packages', 'a'), { recursive: true });
    const below = await room.workspaces.create(room.projectId, { path: join(path, 'packages', 'a') }, 'me');
    const session = await room.session(below);
    await expect(room.trees.ensure(session, 'runner', unlinked)).rejects.toMatchObject({ code: 'WORK_TREE_NO_COMMIT' });
    await writeFile(join(below.path, 'b.txt'), 'b\n');
    userGit(path, 'add', '.');
    userGit(path, 'commit', '-qm', 'Packages');
    const place = await room.trees.ensure(session, 'runner', unlinked);
    const tree = await treeOf(room, session.id);
    expect(place.path).toBe(join(tree?.path ?? '', 'packages', 'a'));
    expect(await readdir(place.path)).toEqual(['b.txt']);
  });

  test('without a repository, or a commit, there is none, and why is said', async () => {
    const bare = join(room.root, 'plain');
    await mkdir(bare);
    const plain = await room.session(await room.workspaces.create(room.projectId, { path: bare }, 'me'));
    await expect(room.trees.ensure(plain, 'runner', unlinked)).rejects.toMatchObject({
      code: 'WORK_TREE_NO_REPOSITORY',
      status: 409,
    });
    const { workspace } = await room.repository();
    await expect(room.trees.ensure(await room.session(workspace), 'runner', unlinked)).rejects.toMatchObject({
      code: 'WORK_TREE_NO_COMMIT',
    });
    expect(await treeOf(room, plain.id)).toBeUndefined();
  });

  test('where git cannot make it nothing is left, and a branch of the same name is the user’s', async () => {
    const { path, workspace } = await room.repository({ 'a.txt': 'one\n' });
    const session = await room.session(workspace);
    userGit(path, 'branch', 'signalbox');
    await expect(room.trees.ensure(session, 'runner', unlinked)).rejects.toMatchObject({ code: 'WORK_TREE_FAILED' });
    expect(await treeOf(room, session.id)).toMatchObject({ status: 'removed' });
    expect(existsSync(join(room.root, 'worktrees', session.id))).toBe(false);
    userGit(path, 'branch', '-m', 'signalbox', `signalbox/${session.id.slice(-8)}`);
    await room.trees.ensure(session, 'runner', unlinked);
    expect(await treeOf(room, session.id)).toMatchObject({ status: 'ready', branch: `signalbox/${session.id}` });
  });
});
