import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { Projects } from '../projects/index.ts';
import { describeOnBackends, type TestDatabase } from '../testing/index.ts';
import { Workspaces } from './index.ts';

describeOnBackends('workspaces', (backend) => {
  let opened: TestDatabase;
  let workspaces: Workspaces;
  let project: string;
  let root: string;

  beforeEach(async () => {
    opened = await backend.open();
    workspaces = new Workspaces({ database: opened.database, ids: systemIds });
    project = (await new Projects({ database: opened.database, ids: systemIds }).ensureDefault()).id;
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-workspaces-')));
    await mkdir(join(root, 'repo'));
    await writeFile(join(root, 'repo', 'a.txt'), 'hello');
    await writeFile(join(root, 'secret.txt'), 'secret');
  });
  afterEach(async () => {
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });

  test('a directory becomes one workspace, by its real path', async () => {
    await symlink(join(root, 'repo'), join(root, 'alias'));
    const made = await workspaces.create(project, { path: join(root, 'alias') }, 'me');
    expect(made).toMatchObject({ path: join(root, 'repo'), name: 'repo', version: 1 });
    await expect(workspaces.create(project, { path: join(root, 'repo') }, 'me')).rejects.toMatchObject({
      code: 'WORKSPACE_EXISTS',
      details: { id: made.id },
    });
    expect((await workspaces.ensure(project, join(root, 'repo'), 'me')).id).toBe(made.id);
  });

  test.each(['missing', 'secret.txt'])('refuses %s as a workspace', async (name) => {
    await expect(workspaces.create(project, { path: join(root, name) }, 'me')).rejects.toMatchObject({
      code: 'WORKSPACE_PATH_INVALID',
      status: 400,
    });
  });

  test('refuses the root of the file system', async () => {
    await expect(workspaces.create(project, { path: '/' }, 'me')).rejects.toMatchObject({
      code: 'WORKSPACE_PATH_INVALID',
    });
  });

  test('reads inside, and no path leads out', async () => {
    const { id } = await workspaces.create(project, { path: join(root, 'repo') }, 'me');
    expect(await workspaces.readFile(project, id, 'a.txt')).toMatchObject({ text: 'hello', binary: false, size: 5 });
    expect(await workspaces.listFiles(project, id, '')).toEqual([{ name: 'a.txt', kind: 'file' }]);
    await symlink(join(root, 'secret.txt'), join(root, 'repo', 'link'));
    await symlink(root, join(root, 'repo', 'up'));
    await symlink(join(root, 'nowhere'), join(root, 'repo', 'dangling'));
    for (const path of [
      '../secret.txt',
      join(root, 'secret.txt'),
      'x/../../secret.txt',
      'link',
      'up/secret.txt',
      'dangling',
      'a\0',
    ]) {
      await expect(workspaces.readFile(project, id, path)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_WORKSPACE' });
    }
    await expect(workspaces.readFile(project, id, 'none')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test('a deleted workspace is unknown, and its directory can be added again', async () => {
    const first = await workspaces.create(project, { path: join(root, 'repo') }, 'me');
    await expect(workspaces.delete(project, first.id, 9, 'me')).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    await workspaces.delete(project, first.id, 1, 'me');
    await expect(workspaces.get(project, first.id)).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    const again = await workspaces.create(project, { path: join(root, 'repo') }, 'me');
    expect(again.id).not.toBe(first.id);
    expect(await workspaces.list(project, 1, 10)).toMatchObject({ total: 1, items: [{ id: again.id }] });
  });
});
