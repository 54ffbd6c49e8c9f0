import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decidePermission } from './permission-rule.ts';

let root: string;
let work: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-permission-')));
  work = join(root, 'work');
  await mkdir(join(work, 'src'), { recursive: true });
  await symlink(root, join(work, 'out'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const ask = (kind: string, ...patterns: string[]) =>
  decidePermission('workspace', work, { permissionId: 'p', kind, title: '', patterns, callId: null, metadata: {} });

test.each([
  ['edit', 'src/a.ts'],
  ['edit', 'src/new/deep/file.ts'],
  ['edit', '*'],
  ['read', 'src/**/*.ts'],
  ['bash', 'rm -rf ../elsewhere'],
  ['webfetch', 'https://example.com'],
])('allows %s of %s', async (kind, pattern) => {
  expect(await ask(kind, pattern)).toBe('allow');
});

test.each([
  ['edit', '../secret'],
  ['edit', '/etc/passwd'],
  ['edit', '~/.ssh/id'],
  ['edit', 'src/../../x'],
  ['edit', 'out/x'],
  ['external_directory', 'src'],
])('denies %s of %s', async (kind, pattern) => {
  expect(await ask(kind, pattern)).toBe('deny');
});

test('one pattern outside denies the whole request', async () => {
  expect(await ask('edit', 'src/a.ts', '../b.ts')).toBe('deny');
});

test('an absolute path inside is inside', async () => {
  expect(await ask('edit', join(work, 'src/a.ts'))).toBe('allow');
});

test('always and never', async () => {
  const request = { permissionId: 'p', kind: 'edit', title: '', patterns: ['/etc/passwd'], callId: null, metadata: {} };
  expect(await decidePermission('allow', work, request)).toBe('allow');
  expect(await decidePermission('deny', work, { ...request, patterns: ['src/a.ts'] })).toBe('deny');
});
