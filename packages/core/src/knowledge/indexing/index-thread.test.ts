import { expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import type { IndexReport } from './index-protocol.ts';
import { IndexThread } from './index-thread.ts';

/** Tells of one file, and searches for ever for what the next one means. */
const HANGS = `
  import { parentPort } from 'node:worker_threads';
  parentPort.once('message', () => {
    const facts = { path: 'first.ts' };
    parentPort.postMessage({ type: 'files', files: [{ facts }] });
    for (;;);
  });`;

it('a thread that a source hangs is ended after a quarter of an hour, and says where it was', async () => {
  const clock = new ManualClock();
  const thread = new IndexThread('/', clock, new URL(`data:text/javascript,${encodeURIComponent(HANGS)}`));
  const reports: IndexReport[] = [];
  const read = async () => {
    const request = { known: [], edited: null, mode: 'types' as const };
    for await (const report of thread.read(request, async () => null, new AbortController().signal))
      reports.push(report);
  };
  let ended: unknown = null;
  const over = read().catch((error: Error) => (ended = error.message));
  await expect.poll(() => reports.length).toBe(1);
  await clock.advance(15 * 60_000 - 1);
  expect([ended, thread.isClosed]).toEqual([null, false]);
  await clock.advance(1);
  await over;
  expect(ended).toMatch(/15 minutes.*first\.ts was done last/);
  expect(thread.isClosed).toBe(true);
});
