import { expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import type { WatchHandlers } from './file-watcher.ts';
import { WorkspaceWatchers } from './workspace-watchers.ts';

const stats = { size: 0, mtime: new Date(0) };
const change = { absolutePath: '', isDirectory: false, stats, hash: null, priority: 'high' } as const;

/** Watchers that do what they are told to, and say what was asked of them. */
function watchers() {
  const done: string[] = [];
  const told: unknown[] = [];
  const errors: unknown[] = [];
  const handlers = new Map<string, WatchHandlers>();
  /** What the start of a directory waits for, or fails with. */
  const starts = new Map<string, Promise<void>>();
  const all = new WorkspaceWatchers({
    clock: new ManualClock(),
    most: 2,
    onEdited: (_projectId, workspaceId, paths) => told.push([workspaceId, paths]),
    onError: (error) => errors.push(error),
    open: (root, own) => {
      handlers.set(root, own);
      return {
        start: async () => {
          done.push(`start ${root}`);
          await starts.get(root);
        },
        stop: async () => void done.push(`stop ${root}`),
      };
    },
  });
  return { all, done, told, errors, handlers, starts };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('tells of what changes, and of whatever may have changed before it watched', async () => {
  const { all, done, told, handlers } = watchers();
  all.watch('p', 'one', '/one');
  await settled();
  await handlers.get('/one')?.onBatch?.({
    changes: [
      { ...change, type: 'create', path: 'a.ts' },
      { ...change, type: 'rename', path: 'c.ts', oldPath: 'b.ts' },
    ],
    failed: [],
  });
  expect(told).toEqual([
    ['one', null],
    ['one', ['a.ts', 'c.ts', 'b.ts']],
  ]);
  all.watch('p', 'one', '/moved');
  await settled();
  expect(done).toEqual(['start /one', 'stop /one', 'start /moved']);
  await all.close();
  expect(done.slice(3)).toEqual(['stop /moved']);
});

it('watches so many, and lets go of the one that was read longest ago', async () => {
  const { all, done } = watchers();
  for (const name of ['one', 'two', 'one', 'three', 'two']) {
    all.watch('p', name, `/${name}`);
    await settled();
  }
  expect(done).toEqual(['start /one', 'start /two', 'stop /two', 'start /three', 'stop /one', 'start /two']);
  await all.close();
  expect(done.slice(6).sort()).toEqual(['stop /three', 'stop /two']);
});

it('holds nobody up while it begins to watch, and tries again what could not be watched', async () => {
  const { all, done, told, errors, starts } = watchers();
  const slow = Promise.withResolvers<void>();
  starts.set('/slow', slow.promise);
  starts.set('/gone', Promise.reject(new Error('no watches left')));
  all.watch('p', 'slow', '/slow');
  all.watch('p', 'gone', '/gone');
  await settled();
  expect([told, errors.map(String)]).toEqual([[], ['Error: no watches left']]);
  starts.delete('/gone');
  all.watch('p', 'gone', '/gone');
  await settled();
  expect(told).toEqual([['gone', null]]);
  const closed = all.close();
  slow.resolve();
  await closed;
  // It was closed before it watched.
  expect(told).toEqual([['gone', null]]);
  expect(done.filter((one) => one === 'stop /slow')).toHaveLength(1);
});
