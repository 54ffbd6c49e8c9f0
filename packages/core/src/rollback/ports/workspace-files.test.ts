import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Captures, type Workspace } from '../../workspaces/index.ts';
import type { FileState } from './file-port.ts';
import { WorkspaceFiles } from './workspace-files.ts';

const PROJECT = 'project';
const WORKSPACE = 'workspace';

describe('files of a workspace', () => {
  let root: string;
  let work: string;
  let files: WorkspaceFiles;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-files-')));
    work = join(root, 'work');
    await mkdir(join(work, 'sub'), { recursive: true });
    const workspace = { id: WORKSPACE, path: work } as Workspace;
    files = new WorkspaceFiles({
      workspaces: { get: async () => workspace },
      captures: new Captures({
        directory: join(root, 'captures'),
        database: {} as Database,
        clock: systemClock,
        ids: systemIds,
      }),
      uuid: () => systemIds.uuid(),
    });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const captured = async () => files.filesOf(PROJECT, await files.capture(PROJECT, WORKSPACE));
  const put = (path: string, content: string | Buffer) => writeFile(join(work, path), content);
  const live = async (path: string) => (await files.read(PROJECT, WORKSPACE, [path])).get(path) ?? null;
  const write = async (path: string, target: FileState | null) =>
    files.write(PROJECT, WORKSPACE, { path, target, expected: await live(path) });

  it('are read alike in a capture and as they stand', async () => {
    await put('a.txt', 'one\r\n');
    await put('sub/name with\ttab', Buffer.from([0, 255, 10]));
    await put('run', '#!/bin/sh\n');
    await chmod(join(work, 'run'), 0o755);
    await symlink('a.txt', join(work, 'link'));
    const all = await captured();
    expect([...all.keys()].sort()).toEqual(['a.txt', 'link', 'run', 'sub/name with\ttab']);
    expect([all.get('run')?.mode, all.get('link')?.mode, all.get('a.txt')?.mode]).toEqual([
      '100755',
      '120000',
      '100644',
    ]);
    expect(await files.read(PROJECT, WORKSPACE, [...all.keys(), 'gone', 'sub'])).toEqual(all);
  });

  it('are put back byte for byte: changed, deleted, renamed, made executable, linked', async () => {
    const bytes = Buffer.from([0, 13, 10, 255]);
    await put('changed', bytes);
    await put('sub/deleted', 'here');
    await put('run', 'x');
    await symlink('changed', join(work, 'link'));
    const before = await captured();
    await put('changed', 'something else');
    await rm(join(work, 'sub'), { recursive: true });
    await chmod(join(work, 'run'), 0o755);
    await rm(join(work, 'link'));
    await rename(join(work, 'changed'), join(work, 'renamed'));
    for (const [path, state] of before) await write(path, state);
    await write('renamed', null);
    expect(await captured()).toEqual(before);
    expect([await readFile(join(work, 'changed')), await readFile(join(work, 'sub/deleted'), 'utf8')]).toEqual([
      bytes,
      'here',
    ]);
    expect([(await lstat(join(work, 'run'))).mode & 0o111, await readlink(join(work, 'link'))]).toEqual([0, 'changed']);
    expect((await readdir(work)).sort()).toEqual(['changed', 'link', 'run', 'sub']);
  });

  it('are not written over what somebody changed since, and leave nothing beside it', async () => {
    await put('a', 'one');
    const [, state] = [...(await captured())][0] as [string, FileState];
    await put('a', 'two');
    const expected = await live('a');
    await put('a', 'theirs');
    const writing = files.write(PROJECT, WORKSPACE, { path: 'a', target: state, expected });
    await expect(writing).rejects.toMatchObject({ code: 'ROLLBACK_WRITE_STALE', details: { path: 'file:a' } });
    const removing = files.write(PROJECT, WORKSPACE, { path: 'a', target: null, expected });
    await expect(removing).rejects.toMatchObject({ code: 'ROLLBACK_WRITE_STALE' });
    expect([await readFile(join(work, 'a'), 'utf8'), await readdir(work)]).toEqual(['theirs', ['a', 'sub']]);
  });

  it('are not written outside of the workspace', async () => {
    await put('a', 'one');
    const [, state] = [...(await captured())][0] as [string, FileState];
    await symlink(root, join(work, 'out'));
    for (const path of ['../escaped', 'out/escaped']) {
      const writing = files.write(PROJECT, WORKSPACE, { path, target: state, expected: null });
      await expect(writing).rejects.toMatchObject({ code: 'UNDO_PATH_UNSAFE' });
    }
    expect((await readdir(root)).sort()).toEqual(['captures', 'work']);
  });
});
