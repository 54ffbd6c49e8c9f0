import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { stateOf, writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { fileStates } from './file-states.ts';
import type { IndexedFile } from './indexed-file.ts';
import { readWorkspace, WorkspaceReader } from './read-workspace.ts';

const made: string[] = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});
function sources(files: Record<string, string>): string {
  const root = writeSources(files);
  made.push(root);
  return root;
}
const CONFIGURATION = JSON.stringify({ compilerOptions: { lib: ['es5'], types: [], module: 'nodenext' } });

it('nothing is read that stands below a link of a directory, though git lists it yet', async () => {
  const secret = sources({ 'notes.md': '# Secret\n', 'key.ts': 'export const secret = 1;\n' });
  const root = sources({ 'docs/notes.md': '# Notes\n', 'docs/key.ts': 'export const key = 1;\n', 'a.ts': '' });
  const listed = ['a.ts', 'docs/key.ts', 'docs/notes.md', '../outside.ts'];
  const reader = new WorkspaceReader(root);
  const first = [...(await reader.read(listed, new Map())).facts()];
  expect(first.map(({ facts }) => facts.path).sort()).toEqual(['a.ts', 'docs/key.ts', 'docs/notes.md']);
  const known = new Map(first.map(({ remembered }): [string, IndexedFile] => [remembered.path, remembered]));
  renameSync(join(root, 'docs'), join(root, 'away'));
  symlinkSync(secret, join(root, 'docs'));
  // A file came or went: that takes a look at all of them.
  expect(await reader.readEdits(['docs/key.ts', 'docs/notes.md'], known)).toBeNull();
  const then = await reader.read(listed, known);
  expect([...then.removed].sort()).toEqual(['docs/key.ts', 'docs/notes.md']);
  expect(JSON.stringify([...then.facts()])).not.toContain('ecret');
});

it('what cannot be read is told of, and the others are read', async () => {
  const root = sources({
    ...{ 'tsconfig.json': CONFIGURATION, 'a.ts': 'export const a = 1;\n', 'b.ts': 'export const b = 1;\n' },
    ...{ 'tax.py': 'x = 1\n', 'README.md': '# Tax\n' },
  });
  // More than a file can be read at once.
  for (const path of ['dump.json', 'package.json', 'huge.md', 'huge.py', 'huge.ts']) {
    writeSource(root, path, '');
    truncateSync(join(root, path), 2 ** 31 + 1);
  }
  const unreadable = ['b.ts', 'tax.py', 'README.md'];
  for (const path of unreadable) chmodSync(join(root, path), 0o000);
  chmodSync(root, 0o755);
  const isRoot = process.getuid?.() === 0;
  // Who may do everything may read everything: somebody else reads.
  if (isRoot) process.seteuid?.('nobody');
  try {
    const read = [...(await readWorkspace(root, null, new Map())).facts()];
    const problems = new Map(read.map(({ facts }) => [facts.path, facts.problems]));
    expect(problems.get('a.ts')).toEqual([]);
    for (const path of unreadable) expect([path, problems.get(path)]).toEqual([path, ['cannot be read']]);
    for (const path of ['package.json', 'huge.md', 'huge.py', 'huge.ts']) {
      expect([path, problems.get(path)]).toEqual([path, [expect.stringContaining('bytes')]]);
    }
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const path of unreadable) chmodSync(join(root, path), 0o644);
  }
});

it('files are known by the digest of their bytes, and those that are too large by their size and time', () => {
  const root = sources({ 'a.md': 'x'.repeat(17 * 1024 * 1024), 'b.md': '# b\n', 'huge.md': '' });
  mkdirSync(join(root, 'c.md'));
  const look = fileStates(root);
  for (const path of ['a.md', 'b.md']) expect(look(path)?.hash).toBe(stateOf(root, path).hash);
  expect([look('c.md'), look('gone.md'), look('gone/b.md')]).toEqual([null, null, null]);
  const hashes = [2 ** 32, 2 ** 33].map((size) => {
    truncateSync(join(root, 'huge.md'), size);
    return [look('huge.md')?.hash, look('huge.md')?.hash];
  });
  expect(new Set(hashes.flat()).size).toBe(2);
  expect(new Set(hashes[0]).size).toBe(1);
});
