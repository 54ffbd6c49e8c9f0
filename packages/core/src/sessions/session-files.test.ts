import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Journal } from '../journal/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { Captures, FileHistory } from '../workspaces/index.ts';
import { SessionFiles } from './session-files.ts';
import { codeOf, openFixture } from './testing/session-fixture.ts';

describeOnBackends('files at any event', (backend) => {
  it('are those of the nearest capture at or before it, with what it changed, and each file as it was', async () => {
    const f = await openFixture(backend);
    const { projectId } = f;
    const { database } = f.db;
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-files-')));
    const work = await realpath(await mkdtemp(join(root, 'work-')));
    const workspace = await f.workspaces.create(projectId, { path: work }, 'me');
    const directory = join(root, 'captures');
    const captures = new Captures({ ...f.parts, directory });
    const history = new FileHistory({ database, captures, directory });
    const files = new SessionFiles({ database, workspaces: f.workspaces, history });
    const journal = new Journal({ database });
    const { id } = await f.make({ runtime: 'command', command: ['true'], workspaceId: workspace.id });
    let position = 0;
    const capture = async () => {
      const { treeId } = await captures.of(workspace).capture();
      position += 1;
      await f.sql(
        `INSERT INTO workspace_captures (id, project_id, workspace_id, position, tree_id, files, bytes, reason, taken_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0, 'look', $6)`,
        [f.parts.ids.uuid(), projectId, workspace.id, position, treeId, new Date().toISOString()],
      );
    };
    /** An event of its own millisecond, so that what is at or before it is plain. */
    const say = async (note: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const [receipt] = await journal.append(projectId, id, [{ type: 'output', actor: 'a', payload: { note } }]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return receipt?.seq ?? 0;
    };

    const early = await say('before any capture');
    expect(await codeOf(files.at(projectId, id, early))).toBe('CAPTURE_NOT_FOUND');
    await writeFile(join(work, 'kept.txt'), 'one\n');
    await writeFile(join(work, 'gone.bin'), Buffer.from([1, 0, 2]));
    await capture();
    const first = await say('two files');
    await writeFile(join(work, 'kept.txt'), 'one\ntwo\n');
    await rm(join(work, 'gone.bin'));
    await writeFile(join(work, 'ünd [x]*.txt'), 'new\n');
    await capture();
    const second = await say('changed');
    await writeFile(join(work, 'kept.txt'), 'later\n');

    const then = await files.at(projectId, id, first);
    expect(then).toMatchObject({ seq: first, capture: { position: 1 }, changes: [] });
    expect(then.files.map(({ path, size }) => [path, size])).toEqual([
      ['gone.bin', 3],
      ['kept.txt', 4],
    ]);
    const now = await files.at(projectId, id, second);
    expect(now.files.map(({ path }) => path)).toEqual(['kept.txt', 'ünd [x]*.txt']);
    expect(now.changes.map(({ path, operation }) => `${operation} ${path}`).sort()).toEqual([
      'added ünd [x]*.txt',
      'deleted gone.bin',
      'modified kept.txt',
    ]);
    const text = async (seq: number, path: string) => (await files.content(projectId, id, seq, path)).text;
    expect(await text(first, 'kept.txt')).toBe('one\n');
    expect(await text(second, 'kept.txt')).toBe('one\ntwo\n');
    expect(await text(second, 'ünd [x]*.txt')).toBe('new\n');
    expect(await files.content(projectId, id, first, 'gone.bin')).toMatchObject({ binary: true, text: null, size: 3 });
    expect(await codeOf(files.content(projectId, id, second, 'gone.bin'))).toBe('FILE_NOT_FOUND');
    expect(await readFile(join(work, 'kept.txt'), 'utf8')).toBe('later\n');

    await f.sql('UPDATE workspace_captures SET pruned_at = now() WHERE position = 1');
    expect(await codeOf(files.at(projectId, id, first))).toBe('CAPTURE_NOT_FOUND');
    const { id: bare } = await f.make();
    expect(await codeOf(files.at(projectId, bare, 0))).toBe('SESSION_WITHOUT_WORKSPACE');
    expect(await codeOf(files.at(projectId, id, 99))).toBe('JOURNAL_SEQ_UNKNOWN');
    await f.db.close();
    await rm(root, { recursive: true, force: true });
  });
});
