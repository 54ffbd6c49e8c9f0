import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JsonProcess } from './json-process.ts';

const ANSWERS = 600;
/** Tells all its answers in one go and ends. */
const BRIEF = `for (let n = 0; n < ${ANSWERS}; n++) console.log(JSON.stringify({ n, text: 'x'.repeat(100) }));`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'signalbox-json-process-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('what a process said before its end is heard, and then that it ended, also by who asks later', async () => {
  const script = join(root, 'brief.mjs');
  await writeFile(script, BRIEF);
  const brief = new JsonProcess<never, { n: number }>({ name: 'brief', script, args: [] });
  const last = brief.answer(({ n }) => n === ANSWERS - 1);
  const never = expect(brief.answer(({ n }) => n === ANSWERS)).rejects.toThrow('brief ended before it answered');
  expect((await last).n).toBe(ANSWERS - 1);
  await never;
  expect((await brief.answer(({ n }) => n === 0)).n).toBe(0);
  await expect(brief.answer(({ n }) => n === ANSWERS)).rejects.toThrow('brief ended before it answered');
});
