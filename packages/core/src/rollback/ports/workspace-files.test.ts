import { chmod, lstat, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import { describeOnBackends, firstBackend, type TestDatabase } from '../../testing/index.ts';
import { type FileWrite, type UndoParts, Undos } from '../undo/index.ts';
import { UndoRoom } from '../undo/testing/undo-room.ts';
import type { FileState } from './file-port.ts';
import { WorkspaceFiles } from './workspace-files.ts';

describeOnBackends('files of a workspace', (backend) => {
  let opened: TestDatabase;
  let room: UndoRoom;
  let files: WorkspaceFiles;
  beforeAll(async () => {
    opened = await backend.open();
    room = await UndoRoom.open(opened.database);
    files = writing();
  });
  afterAll(async () => {
    await room.close();
    await opened.close();
  });
  beforeEach(async () => {
    for (const name of await readdir(room.directory)) await room.remove(name);
    await room.chain.step('look');
  });

  const writing = (more: Partial<UndoParts> = {}) =>
    new WorkspaceFiles({ ...room.parts, undos: new Undos({ ...room.parts, ...more }) });
  const captured = async () => files.filesOf(room.projectId, await files.capture(room.projectId, room.workspace.id));
  const live = (paths: readonly string[]) => files.read(room.projectId, room.workspace.id, paths);
  /** What leads from the files as they are to these. */
  async function writesTo(wanted: ReadonlyMap<string, FileState>): Promise<FileWrite[]> {
    const now = await captured();
    return [...new Set([...wanted.keys(), ...now.keys()])].map((path) => ({
      path,
      expected: now.get(path) ?? null,
      target: wanted.get(path) ?? null,
    }));
  }
  const restore = (writes: readonly FileWrite[], { by = files, force = false, signal }: RestoreOptions = {}) =>
    by.restore(room.projectId, room.workspace.id, writes, {
      actor: 'tester',
      operationId: null,
      sessionId: null,
      force,
      signal,
    });
  const lastUndo = async () => (await room.undos.list(room.projectId, { pageSize: 1 })).items[0];
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? { code: error.code, details: error.details } : error),
    );

  it('are read alike in a capture and as they stand', async () => {
    await room.write('a.txt', 'one\r\n');
    await room.write('sub/name with\ttab', Buffer.from([0, 255, 10]));
    await room.write('run', '#!/bin/sh\n', 0o755);
    await room.link('link', 'a.txt');
    const all = await captured();
    expect([...all.keys()].sort()).toEqual(['a.txt', 'link', 'run', 'sub/name with\ttab']);
    const modes = ['run', 'link', 'a.txt'].map((path) => all.get(path)?.mode);
    expect(modes).toEqual(['100755', '120000', '100644']);
    expect(await live([...all.keys(), 'gone', 'sub'])).toEqual(all);
  });

  it('are put back byte for byte, as one undo that can be taken back itself', async () => {
    const bytes = Buffer.from([0, 13, 10, 255]);
    await room.write('changed', bytes);
    await room.write('sub/deleted', 'here');
    await room.write('run', 'x');
    await room.link('link', 'changed');
    await room.write('place', 'a file');
    const before = await captured();
    await room.write('changed', 'something else');
    await room.remove('sub');
    await chmod(join(room.directory, 'run'), 0o755);
    await room.remove('link');
    await rename(join(room.directory, 'changed'), join(room.directory, 'renamed'));
    await room.remove('place');
    await room.write('place/within', 'below a directory');
    const changed = await room.state();
    const writes = await writesTo(before);
    expect(await restore(writes)).toEqual([]);
    expect(await captured()).toEqual(before);
    expect(await readFile(join(room.directory, 'changed'))).toEqual(bytes);
    expect((await lstat(join(room.directory, 'run'))).mode & 0o111).toBe(0);
    expect(await readlink(join(room.directory, 'link'))).toBe('changed');
    expect((await readdir(room.directory)).sort()).toEqual(['changed', 'link', 'place', 'run', 'sub']);
    const undo = await lastUndo();
    expect(undo).toMatchObject({ status: 'completed', selection: { workspaceId: room.workspace.id }, undoes: null });
    const filters = [{ field: 'undoId', operator: 'eq' as const, value: undo?.id as string }];
    const { items } = await room.parts.changes.list(room.projectId, { filters, pageSize: 50 });
    expect(new Set(items.map(({ attribution, actor }) => `${attribution} by ${actor}`))).toEqual(
      new Set(['undo by tester']),
    );
    expect(items.length).toBeGreaterThanOrEqual(5);
    const redo = await room.undos.redo(room.projectId, undo?.id as string, {}, 'tester');
    expect((await room.undos.finished(room.projectId, redo.id)).error).toBeNull();
    expect(await room.state()).toEqual(changed);
  });

  it('are left alone, and named, where somebody else wrote since, both ends of a move alike', async () => {
    for (const name of ['a', 'b', 'old-place']) await room.write(name, `${name} before`);
    const before = await captured();
    for (const name of ['a', 'b']) await room.write(name, `${name} after`);
    await rename(join(room.directory, 'old-place'), join(room.directory, 'new-place'));
    const writes = (await writesTo(before)).map((write) => {
      const companion = { 'old-place': 'new-place', 'new-place': 'old-place' }[write.path];
      return companion === undefined ? write : { ...write, companion };
    });
    await room.write('a', 'theirs');
    await room.write('new-place', 'theirs, too');
    expect(await restore(writes)).toEqual(['a', 'new-place', 'old-place']);
    const contents = ['a', 'b', 'new-place'].map((name) => room.read(name));
    expect(await Promise.all(contents)).toEqual(['theirs', 'b before', 'theirs, too']);
    expect(await readdir(room.directory)).toEqual(['a', 'b', 'new-place']);
    // What stood there is on record as somebody's, and not as the undo's.
    const undo = await lastUndo();
    expect(undo).toMatchObject({ status: 'completed', report: { foreign: ['a', 'new-place', 'old-place'] } });
    const { items } = await room.parts.changes.list(room.projectId, { pageSize: 50 });
    expect(items.find(({ path }) => path === 'a')).toMatchObject({ attribution: 'external', undoId: null });
  });

  // Of what follows git does the most, and no SQL that was not seen above: once is enough.
  if (backend !== firstBackend()) return;

  it.each([
    ['content', 'a'],
    ['rename', 'ignored'],
    ['record', ''],
  ])('go back wholly when writing fails at the step %s, what is ignored included', async (step, at) => {
    await room.write('.gitignore', 'ignored\n');
    await room.write('a', 'before');
    await room.write('d/gone', 'before');
    const before = await captured();
    await room.write('a', 'after');
    await room.remove('d');
    await room.write('ignored', 'nobody captures this');
    const after = await room.state();
    const writes = await writesTo(before);
    const ignored = (await live(['ignored'])).get('ignored') ?? null;
    writes.push({ path: 'ignored', expected: ignored, target: before.get('a') as FileState });
    const failing = writing({
      beforeStep: (now, path) => {
        if (now === step && path === at) throw new Error('no space is left');
      },
    });
    const error = await failure(restore(writes, { by: failing }));
    const undo = await lastUndo();
    expect(error).toMatchObject({
      code: 'ROLLBACK_FILES_NOT_RESTORED',
      details: { undoId: undo?.id, reason: 'no space is left', foreign: [] },
    });
    expect(undo).toMatchObject({ status: 'failed', restored: 'old' });
    expect(await room.state()).toEqual(after);
    expect(await restore(writes)).toEqual([]);
    expect([await room.read('ignored'), await room.read('d/gone')]).toEqual(['before', 'before']);
  });

  it('go back when it is given up in the middle', async () => {
    for (const name of ['a', 'b']) await room.write(name, 'before');
    const before = await captured();
    for (const name of ['a', 'b']) await room.write(name, 'after');
    const stop = new AbortController();
    const stopped = writing({
      beforeStep: (step, path) => {
        if (step === 'rename' && path === 'a') stop.abort(new Error('given up'));
      },
    });
    const error = await failure(restore(await writesTo(before), { by: stopped, signal: stop.signal }));
    expect(error).toMatchObject({ code: 'ROLLBACK_FILES_NOT_RESTORED', details: { reason: 'given up' } });
    expect([await room.read('a'), await room.read('b')]).toEqual(['after', 'after']);
  });

  it('wait for tool calls that may be writing, and let none begin meanwhile', async () => {
    await room.write('a', 'before');
    const before = await captured();
    await room.write('a', 'after');
    const session = await room.session('At work');
    const end = await room.openCall(session);
    const impatient = writing({ waitMs: 0 });
    const writes = await writesTo(before);
    expect(await failure(restore(writes, { by: impatient }))).toMatchObject({ code: 'ROLLBACK_FILES_NOT_RESTORED' });
    expect(await room.read('a')).toBe('after');
    let held: string | undefined;
    const holding = writing({
      waitMs: 0,
      beforeStep: async (step) => {
        if (step !== 'content') return;
        const sql = `SELECT held_by FROM capture_chains WHERE workspace_id = '${room.workspace.id}' AND held_until > now()`;
        const [row] = await opened.database.query<{ held_by: string }>({ name: '', text: sql }, []);
        held = row?.held_by;
      },
    });
    expect(await restore(writes, { by: holding, force: true })).toEqual([]);
    expect(held).toEqual(expect.any(String));
    expect(await room.read('a')).toBe('before');
    await end();
  });

  it('are not written outside of the workspace', async () => {
    await room.write('a', 'one');
    const target = (await captured()).get('a') as FileState;
    await symlink(dirname(room.directory), join(room.directory, 'out'));
    const refused = await failure(restore([{ path: '../escaped', target, expected: null }]));
    expect(refused).toMatchObject({ code: 'ROLLBACK_FILES_NOT_RESTORED' });
    expect((await lastUndo())?.error?.code).toBe('UNDO_PATH_UNSAFE');
    expect(await restore([{ path: 'out/escaped', target, expected: null }])).toEqual(['out/escaped']);
    expect((await readdir(dirname(room.directory))).sort()).toEqual(['captures', 'work']);
    await rm(join(room.directory, 'out'));
  });

  it('take away nothing that nobody asked for: a file on the way, or below', async () => {
    await room.write('f/theirs', 'new');
    await room.write('g', 'theirs');
    const target = (await captured()).get('g') as FileState;
    const writes = ['f', 'g/below', 'h'].map((path) => ({ path, target, expected: null }));
    expect(await restore(writes)).toEqual(['f', 'g/below']);
    expect(Object.keys(await room.state())).toEqual(['f/', 'f/theirs', 'g', 'h']);
  });
});

interface RestoreOptions {
  by?: WorkspaceFiles;
  force?: boolean;
  signal?: AbortSignal;
}
