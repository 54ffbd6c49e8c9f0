import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CaptureLimits } from './capture-limits.ts';
import { CaptureRepository } from './capture-repository.ts';

let root: string;
let work: string;
let captures: CaptureRepository;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'signalbox-capture-'));
  work = join(root, 'work');
  await mkdir(work);
  captures = holder('first');
});
afterEach(async () => {
  // What a capture leaves for the next start is written after its answer.
  await captures.alone(async () => undefined);
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

function holder(name: string, limits?: CaptureLimits): CaptureRepository {
  return new CaptureRepository({
    workspaceId: 'w',
    workspacePath: work,
    gitDir: join(root, 'store.git'),
    name,
    nowNs: () => BigInt(Date.now()) * 1_000_000n,
    ...(limits ? { limits } : {}),
  });
}

function userGit(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@example.com', ...args], {
    cwd: work,
    encoding: 'utf8',
  });
}
const put = (path: string, text: string | Uint8Array) => writeFile(join(work, path), text);

test('names every kind of change between two captures, with diffs and counts', async () => {
  await put('kept.txt', 'same\n');
  await put('edited.txt', 'one\ntwo\nthree\n');
  await put('gone.txt', 'bye\n');
  await put('moved-from.txt', 'a long enough text to be seen as moved\nline\nline\n');
  await put('run.sh', '#!/bin/sh\n');
  const before = await captures.capture();
  await put('edited.txt', 'one\n2\nthree\n');
  await unlink(join(work, 'gone.txt'));
  await rename(join(work, 'moved-from.txt'), join(work, 'moved-to.txt'));
  await put('new ünïcode.txt', 'hello\n');
  await put('picture.bin', new Uint8Array([0, 1, 2, 3]));
  await chmod(join(work, 'run.sh'), 0o755);
  const after = await captures.capture();

  const changes = await captures.diff(before.treeId, after.treeId);
  expect(changes.map(({ path, operation, oldPath }) => [path, operation, oldPath])).toEqual([
    ['edited.txt', 'modified', null],
    ['gone.txt', 'deleted', null],
    ['moved-to.txt', 'renamed', 'moved-from.txt'],
    ['new ünïcode.txt', 'added', null],
    ['picture.bin', 'added', null],
    ['run.sh', 'mode', null],
  ]);
  const edited = changes[0];
  expect(edited).toMatchObject({ additions: 1, deletions: 1, binary: false });
  expect(edited?.diff).toContain('-two\n+2\n');
  expect(changes[4]).toMatchObject({ binary: true, diff: null });
  expect(before.files).toBe(5);
});

test('a capture with nothing changed is the same tree', async () => {
  await put('a.txt', 'a\n');
  const first = await captures.capture();
  expect(await captures.capture()).toEqual(first);
  expect(await captures.diff(first.treeId, first.treeId)).toEqual([]);
});

test('an edit within the same tick and of the same size is seen', async () => {
  for (let round = 0; round < 8; round += 1) {
    await put('a.txt', `${round % 10}\n`);
    const before = await captures.capture();
    await put('a.txt', `${(round + 1) % 10}\n`);
    const after = await captures.capture();
    expect(after.treeId).not.toBe(before.treeId);
  }
});

test('holds raw bytes whatever the attributes say, and heeds the ignore rules of a directory without a repository', async () => {
  await put('.gitattributes', '*.txt text eol=lf\n');
  await put('.gitignore', 'ignored/\n');
  await put('dos.txt', 'one\r\ntwo\r\n');
  await mkdir(join(work, 'ignored'));
  await put('ignored/x', 'x');
  const before = await captures.capture();
  await put('dos.txt', 'one\ntwo\n');
  const after = await captures.capture();
  const [change] = await captures.diff(before.treeId, after.treeId);
  expect(change).toMatchObject({ path: 'dos.txt', additions: 2, deletions: 2 });
  expect(before.files).toBe(3);
});

test('leaves the user’s repository, index and HEAD alone; takes tracked-but-ignored and nested files', async () => {
  userGit('init', '-q');
  await put('tracked.log', 'kept\n');
  userGit('add', '.');
  userGit('commit', '-qm', 'first');
  await put('.gitignore', '*.log\n');
  await put('other.log', 'ignored\n');
  await mkdir(join(work, 'nested'));
  execFileSync('git', ['init', '-q'], { cwd: join(work, 'nested') });
  await put('nested/inner.txt', 'inner\n');
  const status = userGit('status', '--porcelain=v2', '--branch');
  const index = execFileSync('sha256sum', ['.git/index'], { cwd: work, encoding: 'utf8' });
  const refs = userGit('for-each-ref');

  const before = await captures.capture();
  expect(before.files).toBe(3);
  await put('tracked.log', 'changed\n');
  await put('nested/inner.txt', 'changed\n');
  const after = await captures.capture();
  expect((await captures.diff(before.treeId, after.treeId)).map((change) => change.path)).toEqual([
    'nested/inner.txt',
    'tracked.log',
  ]);
  await put('tracked.log', 'kept\n');
  expect(execFileSync('sha256sum', ['.git/index'], { cwd: work, encoding: 'utf8' })).toBe(index);
  expect(userGit('for-each-ref')).toBe(refs);
  expect(userGit('status', '--porcelain=v2', '--branch')).toBe(status);
});

test('a file that becomes a directory, symbolic links and names with newlines', async () => {
  await put('thing', 'file\n');
  await symlink('thing', join(work, 'link'));
  await put('two\nlines', 'x\n');
  const before = await captures.capture();
  await unlink(join(work, 'thing'));
  await mkdir(join(work, 'thing'));
  await put('thing/inner', 'now a directory\n');
  await unlink(join(work, 'link'));
  await symlink('thing/inner', join(work, 'link'));
  const after = await captures.capture();
  expect((await captures.diff(before.treeId, after.treeId)).map(({ path, operation }) => [path, operation])).toEqual([
    ['link', 'modified'],
    ['thing', 'deleted'],
    ['thing/inner', 'added'],
  ]);
  expect(after.files).toBe(3);
});

test('a directory that becomes a link to itself takes its files along', async () => {
  await mkdir(join(work, 'a'));
  await put('a/b.txt', 'b\n');
  await captures.capture();
  await rm(join(work, 'a'), { recursive: true });
  await symlink('a', join(work, 'a'));
  const { treeId, unreadable } = await captures.capture();
  expect(unreadable).toEqual([]);
  expect(await captures.fileAt(treeId, 'a/b.txt')).toBeNull();
  expect(await captures.fileAt(treeId, 'a')).not.toBeNull();
});

test('the store is private to its owner', async () => {
  await put('a.txt', 'a\n');
  await captures.capture();
  const mode = execFileSync('stat', ['-c', '%a', join(root, 'store.git')], { encoding: 'utf8' }).trim();
  expect(mode).toBe('700');
  expect(await readdir(work)).toEqual(['a.txt']);
});

test('a file that was written again with its size kept and its time set back is seen', async () => {
  const past = new Date('2020-01-01T00:00:00Z');
  for (let round = 0; round < 4; round += 1) {
    await put('a.txt', `${round}\n`);
    await utimes(join(work, 'a.txt'), past, past);
    const before = await captures.capture();
    await put('a.txt', `${round + 1}\n`);
    await utimes(join(work, 'a.txt'), past, past);
    expect((await captures.capture()).treeId).not.toBe(before.treeId);
  }
});

test('ignore rules that change, and files that the user begins or ceases to track, are heeded', async () => {
  userGit('init', '-q');
  await put('a.log', 'log\n');
  await put('b.txt', 'text\n');
  const files = async () => {
    const { treeId, files } = await captures.capture();
    const listed = execFileSync('git', ['ls-tree', '-r', '--name-only', treeId], {
      cwd: join(root, 'store.git'),
      encoding: 'utf8',
    });
    expect(listed.split('\n')).toHaveLength(files + 1);
    return listed.split('\n').filter(Boolean);
  };
  expect(await files()).toEqual(['a.log', 'b.txt']);
  await put('.gitignore', '*.log\n');
  expect(await files()).toEqual(['.gitignore', 'b.txt']);
  userGit('add', '-f', 'a.log');
  expect(await files()).toEqual(['.gitignore', 'a.log', 'b.txt']);
  userGit('rm', '-q', '--cached', 'a.log');
  expect(await files()).toEqual(['.gitignore', 'b.txt']);
  await writeFile(join(work, '.git', 'info', 'exclude'), 'b.txt\n');
  expect(await files()).toEqual(['.gitignore']);
  await put('c.txt', 'text\n');
  expect(await files()).toEqual(['.gitignore', 'c.txt']);
  await unlink(join(work, '.gitignore'));
  expect(await files()).toEqual(['a.log', 'c.txt']);
});

test('directories without anything in them are named, wherever they come and go', async () => {
  await put('a.txt', 'a\n');
  await mkdir(join(work, 'empty', 'deep'), { recursive: true });
  expect((await captures.capture()).emptyDirectories).toEqual(['empty/deep']);
  await mkdir(join(work, 'new', 'hollow'), { recursive: true });
  await put('new/file.txt', 'x\n');
  expect((await captures.capture()).emptyDirectories).toEqual(['empty/deep', 'new/hollow']);
  await put('empty/deep/file.txt', 'x\n');
  expect((await captures.capture()).emptyDirectories).toEqual(['new/hollow']);
  await unlink(join(work, 'empty', 'deep', 'file.txt'));
  const last = await captures.capture();
  expect(last.emptyDirectories).toEqual(['empty/deep', 'new/hollow']);
  expect(await holder('second').capture()).toEqual(last);
});

test('what is over the limits is left out and named, and comes in once it fits', async () => {
  const small = holder('limited', { fileBytes: 10, treeBytes: 15 });
  await put('a.txt', '12345678');
  await put('big.txt', '12345678901');
  await put('c.txt', '12345678');
  const first = await small.capture();
  expect(first).toMatchObject({ files: 1, bytes: 8, unreadable: ['big.txt', 'c.txt'] });
  await put('big.txt', '1234');
  const second = await small.capture();
  expect(second).toMatchObject({ files: 2, bytes: 12, unreadable: ['c.txt'] });
  await put('a.txt', 'this is too large now');
  expect(await small.capture()).toMatchObject({ files: 2, bytes: 12, unreadable: ['a.txt'] });
});

test('names that differ in case or composition only are different files; odd ones are taken as they are', async () => {
  const names = [
    'File.txt',
    'file.txt',
    'caf\u00e9',
    'cafe\u0301',
    'git~1',
    'back\\slash',
    ':(top)x',
    '*',
    ' ',
    'tab\tbed',
    '-n',
  ];
  for (const name of names) await put(name, name);
  await writeFile(Buffer.concat([Buffer.from(`${work}/bad-`), Buffer.from([0xff])]), 'x');
  const { files, unreadable } = await captures.capture();
  expect(files).toBe(names.length);
  expect(unreadable).toEqual(['bad-\uFFFD']);
  await put('*', 'changed');
  expect((await captures.capture()).files).toBe(names.length);
});

test('what is known of the files survives a restart: nothing unchanged is read again', async () => {
  await mkdir(join(work, 'sub'));
  for (const name of ['a', 'b', 'sub/c']) {
    await put(name, `${name}\n`);
    await utimes(join(work, name), new Date('2020-01-01T00:00:00Z'), new Date('2020-01-01T00:00:00Z'));
  }
  const first = await captures.capture();
  await rm(join(root, 'store.git', 'objects'), { recursive: true });
  await mkdir(join(root, 'store.git', 'objects'));
  const again = holder('after-restart');
  expect(await again.capture()).toEqual(first);
  const kept = execFileSync('git', ['count-objects'], { cwd: join(root, 'store.git'), encoding: 'utf8' });
  expect(kept).toMatch(/^2 objects/);
});

test('says where the user’s version control stands, also in a work tree beside', async () => {
  expect((await captures.capture()).repository).toEqual({
    head: null,
    branch: null,
    indexHash: null,
    stash: null,
    operation: null,
  });
  userGit('init', '-q', '-b', 'main');
  await put('a.txt', 'a\n');
  userGit('add', '.');
  userGit('commit', '-qm', 'first');
  await put('a.txt', 'b\n');
  userGit('stash');
  const head = userGit('rev-parse', 'HEAD').trim();
  const stash = userGit('rev-parse', 'refs/stash').trim();
  const index = { indexHash: expect.stringMatching(/^[0-9a-f]{40}$/) };
  expect((await captures.capture()).repository).toEqual({ head, branch: 'main', stash, operation: null, ...index });
  userGit('pack-refs', '--all');
  userGit('checkout', '-q', '--detach');
  expect((await captures.capture()).repository).toEqual({ head, branch: null, stash, operation: null, ...index });
  userGit('worktree', 'add', '-q', join(root, 'beside'), '-b', 'side');
  const beside = new CaptureRepository({
    workspaceId: 'b',
    workspacePath: join(root, 'beside'),
    gitDir: join(root, 'beside.git'),
    name: 'b',
    nowNs: () => BigInt(Date.now()) * 1_000_000n,
  });
  expect((await beside.capture()).repository).toMatchObject({ head, branch: 'side' });
  expect((await stat(join(root, 'beside.git'))).isDirectory()).toBe(true);
});

test('tells an object that was given up from a store that is broken', async () => {
  await put('one.txt', 'one\n');
  await put('two.txt', 'two\n');
  const { treeId } = await captures.capture();
  const [one = '', two = ''] = await Promise.all(['one.txt', 'two.txt'].map((path) => captures.fileAt(treeId, path)));
  const store = join(root, 'store.git');
  const file = (oid: string | null) => join(store, 'objects', (oid ?? '').slice(0, 2), (oid ?? '').slice(2));
  expect((await captures.read(one ?? ''))?.toString()).toBe('one\n');
  await rm(file(one));
  expect(await captures.read(one ?? '')).toBeNull();
  await chmod(file(two), 0o644);
  await writeFile(file(two), 'no object');
  const broken = { code: 'CAPTURE_STORE_BROKEN', details: { id: 'w', directory: store } };
  await expect(captures.read(two ?? '')).rejects.toMatchObject(broken);
  await rename(store, `${store}.away`);
  await mkdir(store);
  await expect(captures.read(one ?? '')).rejects.toMatchObject(broken);
  await expect(captures.kept([one])).rejects.toMatchObject(broken);
});
