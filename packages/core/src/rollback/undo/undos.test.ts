import { chmod, lstat, mkdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, firstBackend, type TestDatabase } from '../../testing/index.ts';
import { UndoRoom } from './testing/undo-room.ts';
import type { CreateUndo } from './undo.ts';
import { Undos } from './undos.ts';

const lines = (...all: string[]) => `${all.join('\n')}\n`;
const TEN = Array.from({ length: 10 }, (_, index) => `line ${index}`);
const with_ = (changes: Record<number, string>) => lines(...TEN.map((line, index) => changes[index] ?? line));

describeOnBackends('undo of a workspace', (backend) => {
  let opened: TestDatabase;
  let room: UndoRoom;
  let a: string;
  let b: string;

  beforeAll(async () => {
    opened = await backend.open();
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    room = await UndoRoom.open(opened.database);
    a = await room.session('A');
    b = await room.session('B');
  });
  afterEach(async () => {
    await room.close();
    expect(room.errors).toEqual([]);
  });

  const sql = (text: string, values: readonly unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);

  test('takes back what one session did and keeps its neighbour’s work, untracked, moved, linked and executable files too', async () => {
    await room.write('shared.txt', lines(...TEN));
    await room.write('kept.txt', 'nobody touches this\n');
    await room.write('gone.bin', Buffer.from([0, 1, 2, 255]));
    await room.write('bin/run', '#!/bin/sh\n', 0o644);
    await room.write('deep/down/only.txt', 'alone here\n');
    await room.link('link', 'kept.txt');
    await mkdir(join(room.directory, 'empty'));
    await room.chain.step('session_start');
    const before = await room.state();
    const long = new Date('2001-02-03T04:05:06Z');
    await utimes(join(room.directory, 'kept.txt'), long, long);

    await room.as(a, async () => {
      await room.write('shared.txt', with_({ 1: 'by A' }));
      await room.write('new/by-a.txt', 'A\n');
    });
    await room.as(b, async () => {
      await room.write('shared.txt', with_({ 1: 'by A', 7: 'by B' }));
      await room.write('new/by-b.txt', 'B\n');
    });
    await room.as(a, async () => {
      await room.remove('gone.bin');
      await chmod(join(room.directory, 'bin/run'), 0o755);
      await room.remove('deep');
      await room.link('link', 'shared.txt');
      await rename(join(room.directory, 'new/by-a.txt'), join(room.directory, 'moved.txt'));
      await room.remove('empty');
    });
    const { mtimeMs } = await stat(join(room.directory, 'kept.txt'));

    const preview = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(Object.fromEntries(preview.paths.map(({ path, outcome }) => [path, outcome]))).toEqual({
      'bin/run': 'restored',
      'deep/down/only.txt': 'restored',
      'gone.bin': 'restored',
      link: 'restored',
      'moved.txt': 'restored',
      'new/by-a.txt': 'unchanged',
      'shared.txt': 'merged',
    });
    expect(preview.paths.find(({ path }) => path === 'shared.txt')?.diff).toContain('-by A\n+line 1\n');
    expect(preview.directories.created).toEqual(['empty']);

    const undo = await room.undo({ selection: { sessionIds: [a] }, expectedPlan: preview.digest });
    expect(undo).toMatchObject({ status: 'completed', error: null, restored: null, report: { foreign: [] } });
    expect(undo.plan?.targetTree).toBe(preview.targetTree);
    expect(await room.state()).toEqual({
      ...before,
      'new/': 'directory',
      'new/by-b.txt': '644 B\n',
      'shared.txt': `644 ${with_({ 7: 'by B' })}`,
    });
    expect((await stat(join(room.directory, 'kept.txt'))).mtimeMs).toBe(mtimeMs);
    expect((await lstat(join(room.directory, 'link'))).isSymbolicLink()).toBe(true);
  });

  test('is itself a change, journaled, audited and fed, and redo takes it back exactly', async () => {
    await room.write('f.txt', 'old\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'new\n'));
    const after = await room.state();
    const undo = await room.undo({ selection: { sessionIds: [a] } });
    expect(await room.read('f.txt')).toBe('old\n');
    const [change] = (await room.parts.changes.list(room.projectId, { sortBy: 'position', sortOrder: 'desc' })).items;
    expect(change).toMatchObject({ path: 'f.txt', attribution: 'undo', undoId: undo.id, actor: 'tester' });
    const journal = await sql(`SELECT payload FROM journal_events WHERE session_id = $1 AND type = 'status'`, [a]);
    expect(journal.map(({ payload }) => payload)).toContainEqual({
      phase: 'undo',
      detail: {
        undoId: undo.id,
        by: 'tester',
        own: true,
        paths: [{ path: 'f.txt', outcome: 'restored' }],
        pathCount: 1,
      },
    });
    const told = await sql(
      `SELECT payload FROM journal_events WHERE session_id = $1 AND payload ->> 'phase' = 'undo'`,
      [b],
    );
    expect(told).toHaveLength(1);
    const audit = await sql(`SELECT action, actor FROM audit_events WHERE subject_id = $1 ORDER BY at, id`, [undo.id]);
    expect(audit.map(({ action }) => action).sort()).toEqual(['undo.apply', 'undo.complete', 'undo.create']);
    const writes = await sql('SELECT path, outcome FROM undo_writes WHERE undo_id = $1', [undo.id]);
    expect(writes).toEqual([{ path: 'f.txt', outcome: 'written' }]);

    const begun = await room.undos.redo(room.projectId, undo.id, {}, 'tester');
    const redo = await room.undos.finished(room.projectId, begun.id);
    expect(redo).toMatchObject({ status: 'completed', undoes: undo.id });
    expect(await room.state()).toEqual(after);
    await expect(room.undos.redo(room.projectId, crypto.randomUUID(), {}, 'x')).rejects.toMatchObject({
      code: 'UNDO_NOT_FOUND',
    });
  });

  test('leaves nobody’s and doubtful changes unless they are named, not even by everything since a position', async () => {
    await room.write('a.txt', 'a0\n');
    await room.write('b.txt', 'b0\n');
    await room.write('c.txt', 'c0\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('a.txt', 'a1\n'));
    const [doubtful] = await room.asAll([a, b], () => room.write('b.txt', 'b1\n'));
    const [persons] = await room.asPerson(() => room.write('c.txt', 'c1\n'));
    const ids = [doubtful?.id ?? '', persons?.id ?? ''] as const;
    const { leftOut } = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(leftOut).toEqual([{ changeId: ids[0], path: 'b.txt', attribution: 'ambiguous' }]);
    const all = await room.undos.preview(room.projectId, { selection: { workspaceId: room.workspace.id, after: 0 } });
    expect(all.leftOut.map(({ path }) => path)).toEqual(['b.txt', 'c.txt']);
    expect(all.paths.map(({ path }) => path)).toEqual(['a.txt']);
    await room.undo({ selection: { sessionIds: [a] } });
    expect([await room.read('a.txt'), await room.read('b.txt')]).toEqual(['a0\n', 'b1\n']);
    await room.undo({ selection: { changeIds: [ids[0], ids[1]] } });
    expect([await room.read('b.txt'), await room.read('c.txt')]).toEqual(['b0\n', 'c0\n']);
  });

  test('selections compose: paths, calls, positions, times, agents and hunks', async () => {
    await room.write('one.txt', lines(...TEN, ...TEN));
    await room.write('lib/two.ts', 'two 0\n');
    await room.write('lib/three.ts', 'three 0\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('lib/two.ts', 'two 1\n'), 'call-two');
    const [third] = await room.as(a, () => room.write('lib/three.ts', 'three 1\n'), 'call-three');
    const twenty = [...TEN, ...TEN];
    twenty[1] = 'first hunk';
    twenty[18] = 'second hunk';
    const [hunky] = await room.as(a, () => room.write('one.txt', lines(...twenty)), 'call-one');
    const paths = async (selection: Parameters<typeof room.undos.preview>[1]['selection']) =>
      (await room.undos.preview(room.projectId, { selection })).paths.map(({ path }) => path);
    expect(await paths({ sessionIds: [a], paths: ['lib/**'] })).toEqual(['lib/three.ts', 'lib/two.ts']);
    expect(await paths({ sessionIds: [a], paths: ['lib'] })).toEqual(['lib/three.ts', 'lib/two.ts']);
    expect(await paths({ callIds: ['call-two'] })).toEqual(['lib/two.ts']);
    expect(await paths({ sessionIds: [a], after: third?.position ?? 0 })).toEqual(['one.txt']);
    expect(await paths({ sessionIds: [a], upTo: third?.position ?? 0 })).toEqual(['lib/three.ts', 'lib/two.ts']);
    expect(await paths({ sessionIds: [a], since: third?.occurredAt ?? '', paths: ['*.txt'] })).toEqual(['one.txt']);
    expect(await paths({ agents: ['agent'], callIds: ['call-one', 'call-two'] })).toEqual(['lib/two.ts', 'one.txt']);
    await expect(paths({ sessionIds: [b] })).rejects.toMatchObject({ code: 'UNDO_NOTHING_SELECTED' });
    await expect(paths({ workspaceId: room.workspace.id })).rejects.toMatchObject({ code: 'UNDO_SELECTION_EMPTY' });

    const changeId = hunky?.id ?? '';
    await expect(paths({ hunks: [{ changeId, hunks: [3] }] })).rejects.toMatchObject({ code: 'UNDO_NO_SUCH_HUNK' });
    await room.undo({ selection: { hunks: [{ changeId, hunks: [2] }] } });
    twenty[18] = 'line 8';
    expect(await room.read('one.txt')).toBe(lines(...twenty));
    await room.undo({ selection: { keepHunks: [{ changeId, hunks: [2] }] } });
    expect(await room.read('one.txt')).toBe(lines(...TEN, ...TEN));
    expect(await room.read('lib/two.ts')).toBe('two 1\n');
  });

  // Of what follows git does the most, and no SQL that was not seen above: once is enough.
  if (backend !== firstBackend()) return;

  test('everything since a rollback point, and what concerns entities, narrow a selection further; the run does what was previewed', async () => {
    for (const name of ['one.txt', 'two.txt', 'moved.txt']) await room.write(name, 'old\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('one.txt', 'before the point\n'));
    const position = (await room.chain.latest())?.position ?? 0;
    const at = new Date().toISOString();
    await room.as(a, () => room.write('one.txt', 'after the point\n'));
    await room.as(a, () => room.write('two.txt', 'after the point\n'));
    await room.as(b, () => rename(join(room.directory, 'moved.txt'), join(room.directory, 'new.txt')));
    const pointId = systemIds.uuid();
    const elsewhere = systemIds.uuid();
    const undos = new Undos({
      ...room.parts,
      pointMoments: async (_projectId, id) => ({
        workspaceId: id === elsewhere ? systemIds.uuid() : room.workspace.id,
        position: id === pointId ? position : null,
        at,
      }),
      entityFiles: {
        filesOf: async (_projectId, workspaceId, ids) => {
          expect(workspaceId).toBe(room.workspace.id);
          const known = new Map([
            ['function:one', ['one.txt']],
            ['class:moved', ['moved.txt']],
          ]);
          return new Map([...known].filter(([id]) => ids.includes(id)));
        },
      },
    });
    const paths = async (selection: CreateUndo['selection']) =>
      (await undos.preview(room.projectId, { selection })).paths.map(({ path }) => path);
    expect(await paths({ sincePoint: pointId })).toEqual(['moved.txt', 'new.txt', 'one.txt', 'two.txt']);
    expect(await paths({ sincePoint: pointId, sessionIds: [a], paths: ['two.txt'] })).toEqual(['two.txt']);
    // One whose place in the chain is not known goes by its time; of two starts the later one holds.
    expect(await paths({ sincePoint: systemIds.uuid(), sessionIds: [a] })).toEqual(['one.txt', 'two.txt']);
    expect(await paths({ sincePoint: pointId, after: position + 1, sessionIds: [a] })).toEqual(['two.txt']);
    expect(await paths({ entities: ['class:moved'], workspaceId: room.workspace.id })).toEqual([
      'moved.txt',
      'new.txt',
    ]);
    const nothing = paths({ entities: ['function:one'], sessionIds: [b] });
    await expect(nothing).rejects.toMatchObject({ code: 'UNDO_NOTHING_SELECTED' });
    const unknown = paths({ entities: ['function:one', 'nobody'], sessionIds: [a] });
    await expect(unknown).rejects.toMatchObject({ code: 'UNDO_ENTITIES_UNKNOWN', details: { entities: ['nobody'] } });
    const mixed = paths({ sincePoint: elsewhere, workspaceId: room.workspace.id });
    await expect(mixed).rejects.toMatchObject({ code: 'UNDO_SPANS_WORKSPACES' });
    await expect(room.undos.preview(room.projectId, { selection: { sincePoint: pointId } })).rejects.toMatchObject({
      code: 'ROLLBACK_NOT_FOUND',
    });

    const selection = { sincePoint: pointId, sessionIds: [a], entities: ['function:one'] };
    const { digest, changeIds } = await undos.preview(room.projectId, { selection });
    const { id } = await undos.create(room.projectId, { selection, expectedPlan: digest }, 'tester');
    const done = await undos.finished(room.projectId, id);
    expect(done).toMatchObject({ status: 'completed', selection, plan: { digest, changeIds } });
    expect([await room.read('one.txt'), await room.read('two.txt')]).toEqual([
      'before the point\n',
      'after the point\n',
    ]);
  });

  describe('where something newer stands in the same place', () => {
    const UNDO_A = () => ({ sessionIds: [a] });
    let later: string;

    beforeEach(async () => {
      await room.write('f.txt', lines(...TEN));
      await room.chain.step('session_start');
      await room.as(a, () => room.write('f.txt', with_({ 1: 'A here', 8: 'A there' })));
      const [change] = await room.as(b, () =>
        room.write('f.txt', with_({ 1: 'B here', 5: 'B besides', 8: 'A there' })),
      );
      later = change?.id ?? '';
    });

    test('both sides are told, and nothing is written while it is open', async () => {
      const { conflicts, paths } = await room.undos.preview(room.projectId, { selection: UNDO_A() });
      expect(conflicts).toMatchObject([{ kind: 'content', path: 'f.txt', answer: null, dependents: [later] }]);
      expect(conflicts[0]?.base?.text).toContain('A here');
      expect(conflicts[0]?.ours?.text).toContain('B here');
      expect(conflicts[0]?.theirs?.text).toContain('line 1');
      expect(conflicts[0]?.merged).toContain('<<<<<<<');
      expect(paths).toMatchObject([{ path: 'f.txt', outcome: 'conflict' }]);
      const before = await room.state();
      await expect(room.undo({ selection: UNDO_A() })).rejects.toMatchObject({
        code: 'UNDO_CONFLICT',
        details: { count: 1, conflicts: [{ path: 'f.txt', dependents: [later] }] },
      });
      expect(await room.state()).toEqual(before);
      expect((await room.undos.list(room.projectId)).items).toEqual([]);
    });

    test.each([
      ['ours', with_({ 1: 'B here', 5: 'B besides' }), 'merged'],
      ['theirs', with_({ 5: 'B besides' }), 'merged'],
      ['overwrite', with_({ 5: 'B besides' }), 'merged'],
      ['skip', with_({ 1: 'B here', 5: 'B besides', 8: 'A there' }), 'kept'],
    ] as const)('the answer %s does what it says', async (answer, expected, outcome) => {
      const options = { resolutions: [{ path: 'f.txt', answer }] };
      const preview = await room.undos.preview(room.projectId, { selection: UNDO_A(), options });
      const undo = await room.undo({ selection: UNDO_A(), options, expectedPlan: preview.digest });
      expect(undo.status).toBe('completed');
      expect(undo.plan?.paths).toMatchObject([{ path: 'f.txt', outcome }]);
      expect(await room.read('f.txt')).toBe(expected);
    });

    test('a merge by hand is taken as it is, and for all of the path', async () => {
      const options = { resolutions: [{ path: 'f.txt', answer: 'merge' as const, text: 'by hand\n' }] };
      await room.undo({ selection: UNDO_A(), options });
      expect(await room.read('f.txt')).toBe('by hand\n');
    });

    test('the dependent change can go along, or keep the selected one', async () => {
      const included = await room.undos.preview(room.projectId, {
        selection: UNDO_A(),
        options: { onDependent: 'include' },
      });
      expect(included).toMatchObject({ conflicts: [], includedDependents: [later] });
      const skip = { dependents: [{ changeId: later, answer: 'skip' as const }] };
      const skipped = await room.undos.preview(room.projectId, { selection: UNDO_A(), options: skip });
      expect(skipped).toMatchObject({ conflicts: [{ answer: 'skip' }], paths: [{ outcome: 'kept' }] });
      await room.undo({ selection: UNDO_A(), options: { onDependent: 'include' } });
      expect(await room.read('f.txt')).toBe(lines(...TEN));
    });

    test('what was previewed is asked for, and refused when it would be something else by now', async () => {
      const options = { onConflict: 'theirs' as const };
      const { digest } = await room.undos.preview(room.projectId, { selection: UNDO_A(), options });
      await room.asPerson(() => room.write('elsewhere.txt', 'somebody’s\n'));
      const again = await room.undos.preview(room.projectId, { selection: UNDO_A(), options });
      expect(again.digest).toBe(digest);
      await room.asPerson(() => room.write('f.txt', with_({ 1: 'C here', 8: 'A there' })));
      const refused = room.undo({ selection: UNDO_A(), options, expectedPlan: digest });
      await expect(refused).rejects.toMatchObject({ code: 'UNDO_PLAN_CHANGED' });
      expect(await room.read('f.txt')).toContain('C here');
    });
  });

  test.each([
    ['modify_delete', () => room.remove('f.txt'), null, '644 old\n'],
    ['binary', () => room.write('f.txt', Buffer.from('\0B')), '644 \0B', '644 old\n'],
    ['symlink', () => room.link('f.txt', 'elsewhere'), 'link to elsewhere', '644 old\n'],
  ] as const)('a conflict of %s has both sides, and either can be taken', async (_kind, change, ours, theirs) => {
    await room.write('f.txt', 'old\n');
    await room.write('other.txt', 'other\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'by A\n'));
    await room.as(b, change);
    const { conflicts } = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0]?.paths).toContain('f.txt');
    expect(conflicts[0]?.theirs?.text).toBe('old\n');
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'ours' } });
    expect((await room.state())['f.txt'] ?? null).toBe(ours);
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'theirs' } });
    expect((await room.state())['f.txt']).toBe(theirs);
    expect(Object.keys(await room.state())).toEqual(['f.txt', 'other.txt']);
  });

  test('two renames of one file conflict, and either name can be had', async () => {
    const text = lines(...TEN);
    await room.write('first.txt', text);
    await room.chain.step('session_start');
    const move = (from: string, to: string) => () => rename(join(room.directory, from), join(room.directory, to));
    await room.as(a, move('first.txt', 'by-a.txt'));
    await room.as(b, move('by-a.txt', 'by-b.txt'));
    const { conflicts } = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(conflicts).toMatchObject([{ kind: 'rename', answer: null }]);
    expect(conflicts[0]?.paths).toEqual(['by-a.txt', 'by-b.txt', 'first.txt']);
    await expect(room.undo({ selection: { sessionIds: [a] } })).rejects.toMatchObject({ code: 'UNDO_CONFLICT' });
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'ours' } });
    expect(await room.state()).toEqual({ 'by-b.txt': `644 ${text}` });
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'theirs' } });
    expect(await room.state()).toEqual({ 'first.txt': `644 ${text}` });
  });

  test('a mode that changed goes back alone, and conflicts where another came for it', async () => {
    await room.write('run', 'old\n', 0o755);
    await room.write('both', lines(...TEN));
    await room.chain.step('session_start');
    await room.as(a, async () => {
      await chmod(join(room.directory, 'run'), 0o644);
      await chmod(join(room.directory, 'both'), 0o755);
    });
    await room.as(b, async () => {
      await room.remove('run');
      await room.link('run', 'elsewhere');
      await room.write('both', with_({ 3: 'B here' }), 0o755);
    });
    const { conflicts, paths } = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(paths.map(({ path, outcome }) => [path, outcome])).toContainEqual(['both', 'merged']);
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0]).toMatchObject({ ours: { mode: '120000' }, theirs: { mode: '100755' } });
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'ours' } });
    expect(await room.state()).toEqual({ both: `644 ${with_({ 3: 'B here' })}`, run: 'link to elsewhere' });
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'theirs' } });
    expect(await room.state()).toEqual({ both: `644 ${with_({ 3: 'B here' })}`, run: '755 old\n' });
  });

  test('a directory of a neighbour’s in the place of a file that is to come back is a conflict', async () => {
    await room.write('place', 'a file\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.remove('place'));
    await room.as(b, () => room.write('place/by-b.txt', 'B\n'));
    const { conflicts } = await room.undos.preview(room.projectId, { selection: { sessionIds: [a] } });
    expect(conflicts).toMatchObject([{ kind: 'directory_file', path: 'place', theirs: { text: 'a file\n' } }]);
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'ours' } });
    expect(await room.state()).toEqual({ 'place/': 'directory', 'place/by-b.txt': '644 B\n' });
    await room.undo({ selection: { sessionIds: [a] }, options: { onConflict: 'theirs' } });
    expect(await room.state()).toEqual({ place: '644 a file\n' });
  });

  test('a directory in the place of a file, and the reverse, go back', async () => {
    await room.write('thing', 'a file\n');
    await room.write('place/in/here.txt', 'in a directory\n');
    await room.chain.step('session_start');
    const before = await room.state();
    await room.as(a, async () => {
      await room.remove('thing');
      await room.write('thing/now/below.txt', 'below\n');
      await room.remove('place');
      await room.write('place', 'a file now\n');
    });
    const after = await room.state();
    const undo = await room.undo({ selection: { sessionIds: [a] } });
    expect(undo.error).toBeNull();
    expect(await room.state()).toEqual(before);
    const { id } = await room.undos.redo(room.projectId, undo.id, {}, 'tester');
    await room.undos.finished(room.projectId, id);
    expect(await room.state()).toEqual(after);
  });

  test('a running session of the selection stands while it is undone, and runs again', async () => {
    await room.write('f.txt', 'old\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'new\n'));
    const free = await room.openCall(b);
    const { id } = await room.undos.create(room.projectId, { selection: { sessionIds: [a] } }, 'tester');
    const status = async () => (await room.sessions.get(room.projectId, a))?.status;
    await expect.poll(status, { timeout: 60_000 }).toBe('paused');
    expect(await room.read('f.txt')).toBe('new\n');
    await free();
    expect(await room.undos.finished(room.projectId, id)).toMatchObject({ status: 'completed' });
    expect(await status()).toBe('running');
  });

  test('can be cancelled while it waits, and not any more once it is over', async () => {
    await room.write('f.txt', 'old\n');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'new\n'));
    const free = await room.openCall(b);
    const { id } = await room.undos.create(room.projectId, { selection: { sessionIds: [a] } }, 'tester');
    expect((await room.undos.cancel(room.projectId, id, 'tester')).status).toBe('cancelled');
    await free();
    expect((await room.undos.finished(room.projectId, id)).status).toBe('cancelled');
    expect(await room.read('f.txt')).toBe('new\n');
    await expect(room.undos.cancel(room.projectId, id, 'x')).rejects.toMatchObject({ code: 'UNDO_NOT_CANCELLABLE' });
    await expect(room.undos.redo(room.projectId, id, {}, 'x')).rejects.toMatchObject({ code: 'UNDO_NOT_REDOABLE' });
  });
});
