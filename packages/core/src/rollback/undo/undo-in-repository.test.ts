import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { UndoRoom } from './testing/undo-room.ts';
import { Undos } from './undos.ts';

const numbered = (changes: Record<number, string> = {}) =>
  Array.from({ length: 12 }, (_, index) => `${changes[index] ?? `line ${index}`}\n`).join('');

describeOnBackends('undo in a repository of its user’s', (backend) => {
  let opened: TestDatabase;
  let room: UndoRoom;
  let a: string;
  let b: string;

  beforeAll(async () => {
    opened = await backend.open();
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    room = await UndoRoom.open(opened.database, { repository: true });
    a = await room.session('A');
    b = await room.session('B');
  });
  afterEach(async () => {
    await room.close();
    expect(room.errors).toEqual([]);
  });

  const commit = async (message: string) => {
    await room.git('add', '--all');
    await room.git('commit', '--quiet', '-m', message);
  };
  /** All of the user's repository that an undo must leave as it is. */
  const repository = async () => ({
    head: await room.git('rev-parse', 'HEAD'),
    branch: await room.git('symbolic-ref', 'HEAD'),
    index: await room.git('ls-files', '--stage'),
    stash: await room.git('stash', 'list'),
    references: await room.git('for-each-ref'),
  });
  const shell = (script: string) => execa('sh', ['-c', script], { cwd: room.directory });

  test('of one of two who work in the same files, one through the shell, leaves exactly the other’s work', async () => {
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await room.write(name, numbered());
    await room.write('removed.txt', 'removed by A\n');
    await room.write('moved.txt', 'moved by A\n');
    await room.write('kept.txt', 'kept\n');
    await room.write('.gitignore', 'ignored/\n');
    await commit('first');
    await room.write('staged.txt', 'staged by a person\n');
    await room.git('add', 'staged.txt');
    await room.write('ignored/cache', 'stays\n');
    await room.chain.step('session_start');
    const old = new Date('2001-02-03T04:05:06Z');
    await utimes(join(room.directory, 'kept.txt'), old, old);

    await room.as(a, () => shell(`sed -i 's/^line 1$/A was here/' one.txt two.txt`));
    await room.as(b, () => room.write('one.txt', numbered({ 1: 'A was here', 6: 'B was here' })));
    await room.as(a, () => shell('rm removed.txt && mv moved.txt elsewhere.txt && echo untracked > by-a.txt'));
    await room.as(b, async () => {
      await room.write('two.txt', numbered({ 1: 'A was here', 6: 'B in two' }));
      await room.write('by-b.txt', 'untracked by B\n');
    });
    await room.as(a, () =>
      shell(`sed -i 's/^line 11$/A at the end/' one.txt three.txt; mkdir -p new/deep; echo x > new/deep/x`),
    );
    const before = await repository();
    const undo = await room.undo({ selection: { sessionIds: [a] } });
    expect(undo).toMatchObject({ status: 'completed', error: null });
    const state = await room.state();
    const shown = Object.fromEntries(Object.entries(state).map(([path, text]) => [path, text.replace(/^\d+ /, '')]));
    expect(shown).toEqual({
      '.gitignore': 'ignored/\n',
      'by-b.txt': 'untracked by B\n',
      'ignored/': 'directory',
      'ignored/cache': 'stays\n',
      'kept.txt': 'kept\n',
      'moved.txt': 'moved by A\n',
      'one.txt': numbered({ 6: 'B was here' }),
      'removed.txt': 'removed by A\n',
      'staged.txt': 'staged by a person\n',
      'three.txt': numbered(),
      'two.txt': numbered({ 6: 'B in two' }),
    });
    expect(await repository()).toEqual(before);
    expect(await room.git('status', '--porcelain')).toBe(' M one.txt\nA  staged.txt\n M two.txt\n?? by-b.txt');
    expect((await stat(join(room.directory, 'kept.txt'))).mtimeMs).toBe(old.getTime());
  });

  test('leaves what version control did: commit, merge, pull, checkout and stash by an agent survive it', async () => {
    for (const name of ['f', 'g', 'h', 'p']) await room.write(`${name}.txt`, `${name} old\n`);
    await commit('first');
    // What others have pushed meanwhile, to be pulled.
    await room.write('p.txt', 'p from elsewhere\n');
    await room.write('new.txt', 'new from elsewhere\n');
    await commit('work elsewhere');
    await room.git('clone', '--quiet', '--bare', '.', '../elsewhere.git');
    await room.git('reset', '--quiet', '--hard', 'HEAD~1');
    await room.git('checkout', '--quiet', '-b', 'side');
    await room.write('g.txt', 'g from side\n');
    await commit('side work');
    await room.git('checkout', '--quiet', 'main');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'f by A\n'));
    await room.as(a, () => room.git('commit', '--quiet', '-am', 'the work of A'));
    await room.as(a, () => room.git('merge', '--quiet', '--no-edit', 'side'));
    await room.as(a, () => room.git('pull', '--quiet', '--no-rebase', '--no-edit', '../elsewhere.git', 'main'));
    await room.as(a, () => room.write('h.txt', 'h by A\n'));
    await room.as(a, () => room.git('stash', 'push', '--quiet'));
    await room.as(a, () => room.git('checkout', '--quiet', '-b', 'topic'));
    const { items } = await room.parts.changes.list(room.projectId, { sortBy: 'position' });
    expect(items.map(({ path, attribution }) => [path, attribution]).sort()).toEqual([
      ['f.txt', 'window'],
      ['g.txt', 'vcs'],
      ['h.txt', 'vcs'],
      ['h.txt', 'window'],
      ['new.txt', 'vcs'],
      ['p.txt', 'vcs'],
    ]);
    const before = await repository();
    const undo = await room.undo({ selection: { sessionIds: [a] } });
    expect(undo.status).toBe('completed');
    expect(await room.state()).toEqual({
      'f.txt': '644 f old\n',
      'g.txt': '644 g from side\n',
      'h.txt': '644 h old\n',
      'new.txt': '644 new from elsewhere\n',
      'p.txt': '644 p from elsewhere\n',
    });
    expect(await repository()).toEqual(before);
    expect(undo.plan?.commits.map(({ subject }) => subject)).toEqual(['the work of A']);
    expect(await room.git('status', '--porcelain')).toBe(' M f.txt');
  });

  test('can commit what it restores, and only that; not over what somebody has staged', async () => {
    await room.write('f.txt', 'old\n');
    await room.write('other.txt', 'other\n');
    await commit('first');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'by A\n'));
    await room.as(a, () => room.git('commit', '--quiet', '-am', 'the work of A'));
    await room.write('other.txt', 'staged by a person\n');
    await room.git('add', 'other.txt');
    const head = await room.git('rev-parse', 'HEAD');
    const undo = await room.undo({ selection: { sessionIds: [a] }, asCommit: true });
    expect(undo.error).toBeNull();
    expect(undo.report?.revertCommit).toBe(await room.git('rev-parse', 'HEAD'));
    expect(await room.git('rev-parse', 'HEAD^')).toBe(head);
    expect(await room.git('show', '--format=', '--name-only', 'HEAD')).toBe('f.txt');
    expect(await room.git('show', 'HEAD:f.txt')).toBe('old');
    expect(await room.git('status', '--porcelain')).toBe('M  other.txt');
    await room.as(b, () => room.write('other.txt', 'by B\n'));
    const refused = room.undo({ selection: { sessionIds: [b] }, asCommit: true });
    await expect(refused).rejects.toMatchObject({ code: 'UNDO_INDEX_NOT_CLEAN', details: { path: 'other.txt' } });
    expect(await room.read('other.txt')).toBe('by B\n');
  });

  test('puts all back where its commit cannot be made, the index too, and says so', async () => {
    await room.write('f.txt', 'old\n');
    await commit('first');
    await room.chain.step('session_start');
    await room.as(a, async () => {
      await room.write('f.txt', 'by A\n');
      await room.write('untracked.txt', 'by A\n');
    });
    await room.as(a, () => room.git('commit', '--quiet', '-am', 'the work of A'));
    await room.git('config', 'commit.gpgSign', 'true');
    await room.git('config', 'gpg.program', 'false');
    const [files, user, status] = [await room.state(), await repository(), await room.git('status', '--porcelain')];
    const undo = await room.undo({ selection: { sessionIds: [a] }, asCommit: true });
    expect(undo).toMatchObject({
      status: 'failed',
      restored: 'old',
      error: { code: 'UNDO_COMMIT_FAILED' },
      report: { written: 0, restored: 2, foreign: [], revertCommit: null },
    });
    expect(undo.error?.message).toContain('gpg');
    expect(await room.state()).toEqual(files);
    expect(await repository()).toEqual(user);
    expect(await room.git('status', '--porcelain')).toBe(status);
    // There and back again was the undo's, so that the session's change is still the session's to undo.
    const { items } = await room.parts.changes.list(room.projectId, { sortBy: 'position' });
    expect(items.filter(({ attribution }) => attribution !== 'undo').every(({ sessionId }) => sessionId === a)).toBe(
      true,
    );
    await room.git('config', 'commit.gpgSign', 'false');
    expect(await room.undo({ selection: { sessionIds: [a] }, asCommit: true })).toMatchObject({ status: 'completed' });
    expect(await room.state()).toEqual({ 'f.txt': '644 old\n' });
  });

  test('whose process dies before it has committed gets its commit from who recovers it, once, or goes back', async () => {
    await room.write('f.txt', 'old\n');
    await commit('first');
    await room.chain.step('session_start');
    /** As a process that is killed once all is written: what comes then, it does not see. */
    const undoAndDie = async (content: string) => {
      await room.as(a, () => room.write('f.txt', content));
      await room.as(a, () => room.git('commit', '--quiet', '-am', 'the work of A'));
      const { promise: dead, resolve: die } = Promise.withResolvers<void>();
      const never = new Promise<void>(() => undefined);
      const beforeStep = (step: string) => {
        if (step !== 'commit') return;
        die();
        return never;
      };
      const dying = new Undos({ ...room.parts, beforeStep });
      const { id } = await dying.create(room.projectId, { selection: { sessionIds: [a] }, asCommit: true }, 'tester');
      await dead;
      expect(await room.read('f.txt')).toBe('old\n');
      return id;
    };
    const recover = async (id: string) => {
      const text = `UPDATE capture_chains SET held_until = now() - interval '1 second' WHERE held_until IS NOT NULL`;
      await opened.database.query({ name: '', text }, []);
      expect(await new Undos(room.parts).recover()).toBe(1);
      return room.undos.get(room.projectId, id);
    };
    const head = () => room.git('rev-parse', 'HEAD');

    const first = await undoAndDie('by A\n');
    const before = await head();
    const made = await recover(first);
    expect(made).toMatchObject({ status: 'completed', asCommit: true, report: { revertCommit: await head() } });
    expect(await room.git('rev-parse', 'HEAD^')).toBe(before);
    expect(await room.git('show', '-s', '--format=%B', 'HEAD')).toContain(`Signalbox undo ${first}.`);
    expect(await room.git('status', '--porcelain')).toBe('');

    const second = await undoAndDie('by A once more\n');
    await room.git('commit', '--quiet', '-am', `Undo 1 changes\n\nSignalbox undo ${second}.`);
    const there = await head();
    expect(await recover(second)).toMatchObject({ status: 'completed', report: { revertCommit: there } });
    expect(await head()).toBe(there);

    const third = await undoAndDie('by A at last\n');
    const last = await head();
    await shell('echo staged by a person >f.txt && git add f.txt && echo old >f.txt');
    expect(await recover(third)).toMatchObject({
      status: 'failed',
      restored: 'old',
      error: { code: 'UNDO_INDEX_NOT_CLEAN' },
      report: { restored: 1, revertCommit: null },
    });
    expect([await head(), await room.read('f.txt')]).toEqual([last, 'by A at last\n']);
    expect(await room.git('show', ':f.txt')).toBe('staged by a person');
  });

  test('is refused while a merge is under way', async () => {
    await room.write('f.txt', 'old\n');
    await commit('first');
    await room.git('checkout', '--quiet', '-b', 'side');
    await room.write('g.txt', 'side\n');
    await commit('side work');
    await room.git('checkout', '--quiet', 'main');
    await room.chain.step('session_start');
    await room.as(a, () => room.write('f.txt', 'by A\n'));
    await room.git('merge', '--quiet', '--no-commit', '--no-ff', 'side');
    const refused = room.undo({ selection: { sessionIds: [a] } });
    await expect(refused).rejects.toMatchObject({ code: 'UNDO_DURING_OPERATION', details: { operation: 'merge' } });
    expect(await room.read('f.txt')).toBe('by A\n');
  });
});
