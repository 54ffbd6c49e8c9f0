import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobId } from '../../workspaces/index.ts';
import { expectedWrites } from './expected-writes.ts';

let work: string;
beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-expected-')));
  await writeFile(join(work, 'a.txt'), 'one two one\n');
});
afterAll(() => rm(work, { recursive: true, force: true }));

const expected = (tool: string, given: Record<string, unknown>) =>
  expectedWrites(work, { callId: 'c', tool, arguments: given });
const leadsTo = (path: string, text: string) => [{ path, oid: blobId(Buffer.from(text)), deleted: false }];
const untold = (path: string) => [{ path, oid: null, deleted: false }];

test('what is written whole, and what replacements lead to, is known beforehand', async () => {
  expect(await expected('write', { filePath: join(work, 'new.txt'), content: 'ünï\n' })).toEqual(
    leadsTo('new.txt', 'ünï\n'),
  );
  const edit = { filePath: 'a.txt', oldString: 'two', newString: '2' };
  expect(await expected('edit', edit)).toEqual(leadsTo('a.txt', 'one 2 one\n'));
  const all = { file_path: 'a.txt', old_string: 'one', new_string: '$&', replace_all: true };
  expect(await expected('Edit', all)).toEqual(leadsTo('a.txt', '$& two $&\n'));
  const edits = [
    { old_string: 'two', new_string: 'one' },
    { old_string: 'one one one', new_string: '3' },
  ];
  expect(await expected('MultiEdit', { file_path: 'a.txt', edits })).toEqual(leadsTo('a.txt', '3\n'));
  expect(await expected('edit', { filePath: 'made.txt', oldString: '', newString: 'x' })).toEqual(
    leadsTo('made.txt', 'x'),
  );
});

test('what does not fit exactly is not guessed', async () => {
  expect(await expected('edit', { filePath: 'a.txt', oldString: 'one', newString: '1' })).toEqual(untold('a.txt'));
  expect(await expected('edit', { filePath: 'a.txt', oldString: 'absent', newString: '1' })).toEqual(untold('a.txt'));
  expect(await expected('edit', { filePath: 'a.txt', oldString: '', newString: '1' })).toEqual(untold('a.txt'));
  expect(await expected('notebookedit', { notebook_path: 'n.ipynb' })).toEqual(untold('n.ipynb'));
});

test('a patch names what it removes; shells may write anything, and outside is nobody’s business here', async () => {
  const patchText = '*** Begin Patch\n*** Delete File: a.txt\n*** Add File: b.txt\n+x\n*** End Patch';
  expect(await expected('apply_patch', { patchText })).toEqual(
    [
      { path: 'b.txt', oid: null, deleted: false },
      { path: 'a.txt', oid: null, deleted: true },
    ].sort((x, y) => (x.path < y.path ? -1 : 1)),
  );
  expect(await expected('bash', { command: 'rm a.txt' })).toBeNull();
  expect(await expected('read', { filePath: 'a.txt' })).toEqual([]);
  expect(await expected('write', { filePath: '/etc/passwd', content: 'x' })).toEqual([]);
});
