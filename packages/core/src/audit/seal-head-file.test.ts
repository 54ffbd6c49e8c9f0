import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepSealHead, readSealHeads } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seal-heads-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('heads are read back as they were kept; lines cut short by a crash are left out', async () => {
  const path = join(folder, 'heads.jsonl');
  expect(await readSealHeads(path)).toEqual([]);
  const heads = [1, 2].map((number) => ({
    projectId: 'p',
    number,
    lastPosition: number * 10,
    seal: 'ab',
    sealedAt: '2026-01-01T00:00:00.000Z',
  }));
  for (const head of heads) {
    await keepSealHead(path, head);
    await appendFile(path, '{"projectId":"p","num');
  }
  expect(await readSealHeads(path)).toEqual(heads);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
