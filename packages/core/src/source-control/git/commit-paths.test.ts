import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, makeRepository, userGit, write } from '../testing/source-room.ts';
import { applyCommit } from './apply-commit.ts';
import { prepareCommit } from './prepare-commit.ts';
import { openRepository } from './source-repository.ts';

const NAMES = ['a', 'b', 'c/d', 'c/e', '*', ':(top)f', '-g', 'é "h"'];
const aFile = fc.record({
  inHead: fc.boolean(),
  staged: fc.constantFrom('as it was', 'changed', 'removed'),
  lies: fc.constantFrom('as staged', 'changed', 'removed'),
  named: fc.boolean(),
});
type FileState = typeof aFile extends fc.Arbitrary<infer State> ? State & { name: string } : never;

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-commits-')));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A repository in which files are in the last commit, in the index and in the work tree as is asked for. */
async function repositoryOf(path: string, files: readonly FileState[]): Promise<void> {
  const inHead = files.flatMap(({ name, inHead: is }) => (is ? [[name, 'head\n']] : []));
  await makeRepository(path, { first: '', ...Object.fromEntries(inHead) });
  for (const { name, staged, lies } of files) {
    if (staged === 'changed') {
      await write(path, { [name]: 'staged\n' });
      userGit(path, '--literal-pathspecs', 'add', '--', name);
    }
    if (staged === 'removed')
      userGit(path, '--literal-pathspecs', 'rm', '-q', '--cached', '--ignore-unmatch', '--', name);
    if (lies === 'changed') await write(path, { [name]: 'lies\n' });
    if (lies === 'removed') await rm(join(path, name), { force: true });
  }
}

test('whatever lies staged, changed and untracked beside the committed paths is the same afterwards, byte for byte', async () => {
  let made = 0;
  let committed = 0;
  const run = async (states: readonly Omit<FileState, 'name'>[]) => {
    const files = NAMES.map((name, n) => ({ name, ...states[n] }) as FileState);
    made += 1;
    const path = join(root, String(made));
    await repositoryOf(path, files);
    const lying = (name: string) => readFile(join(path, name), 'utf8').catch(() => null);
    const look = async () => ({
      staged: userGit(path, 'ls-files', '--stage', '-z')
        .split('\0')
        .filter((line) => files.some(({ named, name }) => !named && line.endsWith(`\t${name}`))),
      lying: await Promise.all(NAMES.map(lying)),
    });
    const before = await look();
    const index = await readFile(join(path, '.git/index'));
    const paths = files.flatMap(({ name, named, inHead }) =>
      named && (inHead || existsSync(join(path, name))) ? [name] : [],
    );
    if (paths.length === 0) return;
    const repository = await openRepository(path);
    const wanted = { paths, message: 'Some of it\n', branch: undefined, at: new Date() };
    const code = await codeOf(prepareCommit(repository, wanted).then((prepared) => applyCommit(repository, prepared)));
    expect(await look()).toEqual(before);
    expect(existsSync(join(path, '.git/index.lock'))).toBe(false);
    if (code !== null) {
      expect(code).toBe('SOURCE_NOTHING_TO_COMMIT');
      expect(await readFile(join(path, '.git/index'))).toEqual(index);
      return;
    }
    committed += 1;
    // What was named is in the commit as it lies, and git finds nothing of it changed.
    const held = userGit(path, 'ls-tree', '-z', '--name-only', '-r', 'HEAD').split('\0');
    for (const name of paths) {
      expect(held.includes(name) ? `${userGit(path, 'show', `HEAD:${name}`)}\n` : null).toBe(await lying(name));
    }
    const status = userGit(path, 'status', '--porcelain', '-z', '--no-renames', '-uall').split('\0');
    expect(status.filter((line) => paths.includes(line.slice(3)))).toEqual([]);
    userGit(path, 'fsck', '--strict');
  };
  const states = fc.array(aFile, { minLength: NAMES.length, maxLength: NAMES.length });
  await fc.assert(fc.asyncProperty(states, run), { numRuns: 20 });
  expect(committed).toBeGreaterThan(5);
}, 180_000);
