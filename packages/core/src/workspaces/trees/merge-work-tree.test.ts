import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresBackend } from '../../testing/index.ts';
import { openTreeRoom, type TreeRoom, userGit } from './testing/tree-room.ts';

describe('merging a work tree', { timeout: 180_000 }, () => {
  let room: TreeRoom;
  beforeAll(async () => {
    room = await openTreeRoom(postgresBackend);
  });
  afterAll(() => room.close());

  const START = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\n', 'b.txt': 'b\n', 'gone.txt': 'gone\n' };

  /** A session over which has done this to its tree of a repository with {@link START}. */
  async function worked(work: (place: string) => Promise<void>, files: Record<string, string> = START) {
    const { path, workspace } = await room.repository(files);
    const session = await room.session(workspace);
    const place = await room.trees.ensure(session, 'runner', async () => undefined);
    await work(place.path);
    await room.end(session.id);
    await room.trees.settle(room.projectId, session.id);
    const { items } = await room.trees.list(room.projectId, { pageSize: 1 });
    const { id = '', branch = '', status } = items[0] ?? {};
    expect(status).toBe('kept');
    const at = (name: string) => join(path, name);
    const merge = () => room.trees.merge(room.projectId, id, 'me');
    return { path, at, place: place.path, id, branch, merge, preview: () => room.trees.preview(room.projectId, id) };
  }

  /** Everything of the user's repository that a refusal and a preview must leave alone. */
  const standing = (path: string) => [
    userGit(path, 'status', '--porcelain=v2', '--branch', '--show-stash'),
    userGit(path, 'ls-files', '--stage'),
    userGit(path, 'stash', 'list'),
    userGit(path, 'for-each-ref'),
    userGit(path, 'count-objects', '-v'),
  ];

  test('brings commits and what is not committed into branch and files, beside what the user did since', async () => {
    const done = await worked(async (place) => {
      await writeFile(join(place, 'a.txt'), 'ONE\ntwo\nthree\nfour\nfive\n');
      userGit(place, 'commit', '-qam', 'First line');
      await rm(join(place, 'gone.txt'));
      await writeFile(join(place, 'new.txt'), 'new\n');
    });
    const { path, at, id, branch } = done;
    await writeFile(at('a.txt'), 'one\ntwo\nthree\nfour\nFIVE\n');
    userGit(path, 'commit', '-qam', 'Last line');
    await writeFile(at('b.txt'), 'stashed\n');
    userGit(path, 'stash', '-q');
    await writeFile(at('b.txt'), 'staged\n');
    userGit(path, 'add', 'b.txt');
    await writeFile(at('b.txt'), 'changed again\n');
    await writeFile(at('untracked.txt'), 'mine\n');
    const stash = userGit(path, 'stash', 'list');
    const head = userGit(path, 'rev-parse', 'HEAD');
    const before = standing(path);

    const preview = await done.preview();
    expect(standing(path)).toEqual(before);
    expect(preview).toMatchObject({ into: { branch: 'main', commit: head }, commits: 1, uncommitted: true });
    expect([preview.conflicts, preview.inTheWay, preview.refusal]).toEqual([[], [], null]);
    expect(preview.files.map(({ path: name, operation }) => [name, operation])).toEqual([
      ['a.txt', 'modified'],
      ['gone.txt', 'deleted'],
      ['new.txt', 'added'],
    ]);
    expect(preview.files[0]?.diff).toContain('-one\n+ONE\n');

    const merged = await done.merge();
    expect(merged).toMatchObject({ id, status: 'merged', mergedCommit: userGit(path, 'rev-parse', 'HEAD') });
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('ONE\ntwo\nthree\nfour\nFIVE\n');
    expect(userGit(path, 'rev-parse', 'HEAD^1')).toBe(head);
    expect(userGit(path, 'log', '-1', '--format=%s%n%an')).toBe(`Merge branch '${branch}'\nUlla`);
    expect(userGit(path, 'log', '-2', '--format=%s', 'HEAD^2')).toMatch(/^Session .*\nFirst line$/);
    expect(userGit(path, 'status', '--porcelain')).toBe('MM b.txt\n?? untracked.txt');
    expect([readFileSync(at('b.txt'), 'utf8'), userGit(path, 'show', ':b.txt')]).toEqual(['changed again\n', 'staged']);
    expect([existsSync(at('gone.txt')), readFileSync(at('new.txt'), 'utf8')]).toEqual([false, 'new\n']);
    expect(userGit(path, 'stash', 'list')).toBe(stash);
    expect(userGit(path, 'branch', '--format=%(refname:short)')).toBe('main');
    expect([existsSync(done.place), userGit(path, 'worktree', 'list').split('\n').length]).toEqual([false, 1]);
    const audit = await room.sql('SELECT action, actor FROM audit_events WHERE subject_id = $1 ORDER BY id', [id]);
    expect(audit.at(-1)).toEqual({ action: 'work_tree.merge', actor: 'me' });
    await expect(done.merge()).rejects.toMatchObject({ code: 'WORK_TREE_OVER' });
  });

  test('makes no commit of its own where the user’s branch has not moved', async () => {
    const done = await worked(async (place) => {
      await writeFile(join(place, 'b.txt'), 'B\n');
      userGit(place, 'commit', '-qam', 'B');
    });
    const commit = userGit(done.place, 'rev-parse', 'HEAD');
    expect(await done.merge()).toMatchObject({ mergedCommit: commit });
    expect(userGit(done.path, 'rev-parse', 'HEAD')).toBe(commit);
    expect(userGit(done.path, 'status', '--porcelain')).toBe('');
  });

  test('is refused where both changed the same, with nothing written, and works once that is settled in the tree', async () => {
    const done = await worked((place) => writeFile(join(place, 'b.txt'), 'theirs\n'));
    await writeFile(done.at('b.txt'), 'ours\n');
    userGit(done.path, 'commit', '-qam', 'Ours');
    const before = standing(done.path);
    expect(await done.preview()).toMatchObject({ conflicts: ['b.txt'], inTheWay: [], refusal: null });
    await expect(done.merge()).rejects.toMatchObject({
      code: 'WORK_TREE_CONFLICT',
      status: 409,
      details: { paths: ['b.txt'], into: 'main' },
    });
    expect(standing(done.path)).toEqual(before);
    expect(userGit(done.place, 'status', '--porcelain')).toBe(' M b.txt');
    userGit(done.place, 'commit', '-qam', 'Theirs');
    userGit(done.place, 'merge', '-q', '-s', 'ours', '--no-edit', 'main');
    expect(await done.merge()).toMatchObject({ status: 'merged' });
    expect(readFileSync(done.at('b.txt'), 'utf8')).toBe('theirs\n');
  });

  test.each([
    ['changed', ({ at }) => writeFile(at('b.txt'), 'mine\n'), 'b.txt'],
    ['staged', ({ at, path }) => writeFile(at('b.txt'), 'mine\n').then(() => userGit(path, 'add', 'b.txt')), 'b.txt'],
    ['untracked', ({ at }) => writeFile(at('new.txt'), 'mine\n'), 'new.txt'],
    ['ignored', ({ at }) => writeFile(at('new.log'), 'mine\n'), 'new.log'],
  ] as [string, (done: { path: string; at: (name: string) => string }) => Promise<unknown>, string][])(
    'is refused where a file of the user that is %s is in the way',
    async (_how, change, name) => {
      const done = await worked(
        async (place) => {
          await writeFile(join(place, 'b.txt'), 'theirs\n');
          await writeFile(join(place, 'new.txt'), 'theirs\n');
          await writeFile(join(place, 'new.log'), 'theirs\n');
          userGit(place, 'add', '--force', '.');
        },
        { ...START, '.gitignore': '*.log\n' },
      );
      await change(done);
      const before = standing(done.path);
      expect((await done.preview()).inTheWay).toEqual([name]);
      await expect(done.merge()).rejects.toMatchObject({ code: 'WORK_TREE_IN_THE_WAY', details: { paths: [name] } });
      expect(standing(done.path)).toEqual(before);
      expect(existsSync(done.place)).toBe(true);
    },
  );

  test('is refused while the user merges something else, and without a branch to merge into', async () => {
    const done = await worked((place) => writeFile(join(place, 'b.txt'), 'theirs\n'));
    userGit(done.path, 'checkout', '-q', '--detach');
    await expect(done.merge()).rejects.toMatchObject({ code: 'WORK_TREE_NOT_MERGEABLE' });
    userGit(done.path, 'checkout', '-q', '-b', 'side');
    await writeFile(done.at('a.txt'), 'side\n');
    userGit(done.path, 'commit', '-qam', 'Side');
    userGit(done.path, 'checkout', '-q', 'main');
    await writeFile(done.at('a.txt'), 'main\n');
    userGit(done.path, 'commit', '-qam', 'Main');
    expect(() => userGit(done.path, 'merge', '-q', 'side')).toThrow();
    expect((await done.preview()).refusal).toMatch(/a merge is under way in your repository/);
    await expect(done.merge()).rejects.toMatchObject({ code: 'WORK_TREE_NOT_MERGEABLE' });
    userGit(done.path, 'merge', '--abort');
    expect(await done.merge()).toMatchObject({ status: 'merged' });
  });

  test('goes on where it was broken off, before git had merged and after', async () => {
    const early = await worked((place) => writeFile(join(place, 'b.txt'), 'early\n'));
    await room.sql(`UPDATE work_trees SET status = 'merging' WHERE id = $1`, [early.id]);
    expect(await early.merge()).toMatchObject({ status: 'merged' });
    expect(readFileSync(early.at('b.txt'), 'utf8')).toBe('early\n');

    const late = await worked(async (place) => {
      await writeFile(join(place, 'b.txt'), 'late\n');
      userGit(place, 'commit', '-qam', 'Late');
    });
    userGit(late.path, 'merge', '-q', '--ff-only', late.branch);
    await room.sql(`UPDATE work_trees SET status = 'merging' WHERE id = $1`, [late.id]);
    expect(await late.merge()).toMatchObject({
      status: 'merged',
      mergedCommit: userGit(late.path, 'rev-parse', 'HEAD'),
    });
    expect(existsSync(late.place)).toBe(false);
  });
});
