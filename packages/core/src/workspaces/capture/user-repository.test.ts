import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findUserRepository } from './user-repository.ts';

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-user-repository-')));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('what cannot be looked at is not taken for no repository, as what leads nowhere is', async () => {
  const [dangling, broken] = [join(root, 'dangling'), join(root, 'broken')];
  for (const directory of [dangling, broken]) await mkdir(directory);
  await symlink('nowhere', join(dangling, '.git'));
  expect(await findUserRepository(dangling)).toBeNull();
  // A name longer than any file system takes: asked for by root or not, it cannot be told what is there.
  await symlink('n'.repeat(300), join(broken, '.git'));
  await expect(findUserRepository(broken)).rejects.toThrow('ENAMETOOLONG');
});
