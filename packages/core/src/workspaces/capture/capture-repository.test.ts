import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureRepository } from './capture-repository.ts';

let root: string;
let work: string;
let captures: CaptureRepository;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'signalbox-capture-'));
  work = join(root, 'work');
  await mkdir(work);
  captures = new CaptureRepository({
    workspaceId: 'w',
    workspacePath: work,
    gitDir: join(root, 'store.git'),
    nowNs: () => process.hrtime.bigint() + BigInt(Date.now()) * 1_000_000n,
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

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
  for (let round = 0; round < 20; round += 1) {
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

test('the store is private to its owner', async () => {
  await put('a.txt', 'a\n');
  await captures.capture();
  const mode = execFileSync('stat', ['-c', '%a', join(root, 'store.git')], { encoding: 'utf8' }).trim();
  expect(mode).toBe('700');
  expect(await readdir(work)).toEqual(['a.txt']);
});
