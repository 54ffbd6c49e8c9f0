import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../testing/index.ts';
import type { WatchedChange, WatchSettings } from './file-change.ts';
import { FileWatcher } from './file-watcher.ts';

let root: string;
let clock: ManualClock;
let watcher: FileWatcher | null = null;
let batches: WatchedChange[][] = [];
let errors: unknown[] = [];
const refused = new Set<string>();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-watch-')));
  clock = new ManualClock();
  batches = [];
  errors = [];
  refused.clear();
});
afterEach(async () => {
  await watcher?.stop();
  rmSync(root, { recursive: true });
});

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
async function start(settings: Partial<WatchSettings> = {}): Promise<FileWatcher> {
  const onChange = async ({ path }: WatchedChange) => {
    if (refused.has(path)) throw new Error(`not ${path}`);
  };
  const onBatch = ({ changes }: { changes: readonly WatchedChange[] }) => batches.push([...changes]);
  watcher = new FileWatcher(
    { root, ...settings },
    { onChange, onBatch, onError: (error) => errors.push(error) },
    clock,
  );
  await watcher.start();
  return watcher;
}
/** Waits until the system has told of so many paths, then lets the pause pass. */
async function batchOf(paths: number): Promise<string[]> {
  await expect.poll(() => watcher?.queueLength ?? 0).toBeGreaterThanOrEqual(paths);
  const before = batches.length;
  await clock.advance(100);
  await expect.poll(() => batches.length).toBeGreaterThan(before);
  return (batches.at(-1) ?? []).map(labelOf);
}
/** Lets pauses pass until this and nothing else was told, in however many batches: the system tells of paths one after the other. */
async function told(changes: readonly string[]): Promise<void> {
  const all = async () => {
    await clock.advance(100);
    return batches.flat().map(labelOf).sort();
  };
  await expect.poll(all).toEqual([...changes].sort());
}
function labelOf({ type, path, oldPath }: WatchedChange): string {
  return oldPath ? `${type} ${oldPath} ${path}` : `${type} ${path}`;
}

it('scenario 23: touched, edited three times, renamed, and in node_modules: one batch of two changes (WATCH-01, 05, 07…10, 13)', async () => {
  for (const name of ['touched.ts', 'edited.ts', 'old.ts']) write(name, name);
  await start();
  utimesSync(join(root, 'touched.ts'), new Date(), new Date());
  for (const text of ['1', '2', 'three']) write('edited.ts', text);
  renameSync(join(root, 'old.ts'), join(root, 'new.ts'));
  write('node_modules/x.js', 'x');
  expect(await batchOf(4)).toEqual(['modify edited.ts', 'rename old.ts new.ts']);
  expect(batches[0]?.[0]).toMatchObject({
    absolutePath: join(root, 'edited.ts'),
    hash: '8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f',
    stats: { size: 5 },
    priority: 'high',
  });
  expect(batches).toHaveLength(1);
  expect(errors).toEqual([]);
});

it('honours .gitignore, also one that changes; directories are told apart from files (WATCH-06, 13, 14)', async () => {
  write('.gitignore', 'made/\n*.tmp\n!kept.tmp\n');
  write('src/.gitignore', 'secret.ts\n');
  write('made/a.ts', '');
  await start();
  write('made/b.ts', 'b');
  write('src/secret.ts', 's');
  write('one.tmp', '1');
  write('kept.tmp', '2');
  write('src/deep/x.ts', 'x');
  const first = ['create src/deep/x.ts', 'create kept.tmp', 'create src/deep'];
  await told(first);
  expect(batches.flat().flatMap(({ path, isDirectory }) => (isDirectory ? path : []))).toEqual(['src/deep']);
  write('.gitignore', '*.tmp\n!kept.tmp\n');
  await told([...first, 'modify .gitignore', 'create made/a.ts', 'create made/b.ts', 'create made']);
});

it('links in a circle end, a handler that fails stops nobody, and after stop nothing is told (WATCH-10, 16)', async () => {
  write('a/b.ts', '1');
  symlinkSync('..', join(root, 'a/up'));
  symlinkSync(root, join(root, 'itself'));
  const watching = await start({ maxConcurrent: 2 });
  refused.add('a/b.ts');
  write('a/b.ts', '2');
  write('a/c.ts', '3');
  expect(await batchOf(2)).toEqual(['modify a/b.ts', 'create a/c.ts']);
  expect(errors.map(String)).toEqual(['Error: not a/b.ts']);
  write('a/c.ts', '4');
  await expect.poll(() => watching.queueLength).toBe(1);
  await watching.stop();
  await clock.advance(10_000);
  expect([batches.length, watching.queueLength, watching.isProcessing]).toEqual([1, 0, false]);
});

it('what waits is told before it stops, if that is asked for (WATCH-16)', async () => {
  const watching = await start();
  write('a.ts', '1');
  await expect.poll(() => watching.queueLength).toBe(1);
  await watching.stop({ flush: true });
  expect(batches.map((changes) => changes.map(labelOf))).toEqual([['create a.ts']]);
  await clock.advance(10_000);
  expect(batches).toHaveLength(1);
});

it('watches nothing any more once it was stopped, whatever it was about: start, look again (WATCH-14, 16)', async () => {
  const watches = () => process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap').length;
  const before = watches();
  write('a/b.ts', '1');
  const watching = await start();
  expect(watches()).toBeGreaterThan(before);
  const again = [watching.rescan(), watching.rescan()];
  await watching.stop();
  await Promise.all(again);
  await expect.poll(watches).toBe(before);
  const starting = watching.start();
  await watching.stop();
  await starting;
  await watching.rescan();
  await expect.poll(watches).toBe(before);
  await Promise.all([watching.start(), watching.start()]);
  write('a/b.ts', '2');
  expect(await batchOf(1)).toEqual(['modify a/b.ts']);
  await watching.stop();
  await expect.poll(watches).toBe(before);
});

it('polls where it is told to, and refuses settings that make no sense (WATCH-01, 04)', async () => {
  write('a.ts', '1');
  await start({ pollEveryMs: 10 });
  write('a.ts', '22');
  expect(await batchOf(1)).toEqual(['modify a.ts']);
  expect(() => new FileWatcher({ root, maxConcurrent: 0 }, { onError: () => undefined }, clock)).toThrow(
    expect.objectContaining({ code: 'VALIDATION_FAILED' }),
  );
  expect(() => new FileWatcher({ root, debounceMs: 0 }, { onError: () => undefined }, clock)).not.toThrow();
});
