import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomCases } from '../../../testing/random-cases.ts';
import { treeArbitrary } from '../testing/arbitrary-trees.ts';
import { type TestFiles, TreeRoom } from '../testing/tree-room.ts';
import { treeEdits } from '../trees/index.ts';
import { missingDirectories } from './path-state.ts';
import { type PlannedWrite, plannedWrites } from './planned-write.ts';
import type { PathWriter } from './write-path.ts';
import { restorePlan, writePlan } from './write-plan.ts';

const LONG = 14_400_000;

describe('writing a plan', () => {
  let room: TreeRoom;
  let root: string;
  beforeAll(async () => {
    room = await TreeRoom.open();
  });
  afterAll(() => room.close());
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'signalbox-write-plan-'));
    return () => rm(root, { recursive: true, force: true });
  });

  async function put(files: TestFiles): Promise<void> {
    await rm(root, { recursive: true, force: true });
    await mkdir(root);
    for (const [path, { mode, content }] of Object.entries(files)) {
      const full = join(root, path);
      await mkdir(dirname(full), { recursive: true });
      if (mode === '120000') await symlink(Buffer.from(content, 'latin1'), full);
      else {
        await writeFile(full, Buffer.from(content, 'latin1'));
        await chmod(full, mode === '100755' ? 0o755 : 0o644);
      }
    }
  }

  /** What stands there, with directories that hold nothing. */
  async function found(below = ''): Promise<TestFiles> {
    const files: TestFiles = {};
    const names = await readdir(join(root, below));
    if (names.length === 0 && below !== '') return { [`${below}/`]: { mode: '40000', content: '' } };
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(root, path);
      const facts = await lstat(full);
      if (facts.isDirectory()) Object.assign(files, await found(path));
      else if (facts.isSymbolicLink()) {
        files[path] = { mode: '120000', content: (await readlink(full, 'buffer')).toString('latin1') };
      } else {
        const content = (await readFile(full)).toString('latin1');
        files[path] = { mode: (facts.mode & 0o100) === 0 ? '100644' : '100755', content };
      }
    }
    return files;
  }

  async function plan(before: TestFiles, after: TestFiles): Promise<PlannedWrite[]> {
    const [was, is] = await Promise.all([room.tree(before), room.tree(after)]);
    const edits = await treeEdits(room.composition.cache, was, is);
    const paths = edits.map((edit) => ({ path: edit.path, current: edit.before, target: edit.after }));
    const stay = directoriesOf(after);
    const removed = [...directoriesOf(before)]
      .filter((directory) => !stay.has(directory))
      .sort()
      .reverse();
    return plannedWrites({ paths, directories: { created: [], removed } }, await missingDirectories(root, paths));
  }

  function writer(beforeStep?: PathWriter['beforeStep']): PathWriter {
    const read = (oid: string) => room.composition.read(oid);
    return { root, undoId: 'u', read, ...(beforeStep ? { beforeStep } : {}) };
  }

  /** Throws before a step, counted from 0. */
  function failingAt(step: number): { beforeStep: () => void; seen: () => number } {
    let count = 0;
    const beforeStep = () => {
      if (count++ === step) throw new Error('injected');
    };
    return { beforeStep, seen: () => count };
  }

  // Links that make room for directories: one leads to itself, one to where the same names stand.
  const file = { mode: '100644', content: 'x\n' };
  const LINKS_THAT_GO: [TestFiles, TestFiles][] = [
    [{ a: { mode: '120000', content: 'a' } }, { 'a/b/c': file }],
    [
      { a: { mode: '120000', content: 'd' }, 'd/b/kept': file },
      { 'a/b/c': file, 'd/b/kept': file },
    ],
  ];

  test('leads from any files to any others, and back', { timeout: LONG }, async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary, treeArbitrary, async (before, after) => {
        await put(before);
        const writes = await plan(before, after);
        await writePlan(writer(), writes);
        expect(await found()).toEqual(after);
        await restorePlan(writer(), writes);
        expect(await found()).toEqual(before);
      }),
      { ...randomCases(), examples: LINKS_THAT_GO },
    );
  });

  test('that fails anywhere goes back wholly', { timeout: LONG }, async () => {
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(treeArbitrary, treeArbitrary, fc.nat(40), async (before, after, step) => {
        await put(before);
        const writes = await plan(before, after);
        const { beforeStep } = failingAt(step);
        const outcome = await writePlan(writer(beforeStep), writes).then(
          () => after,
          async (error) => {
            expect(error).toMatchObject({ message: 'injected' });
            failed += 1;
            const outcomes = await restorePlan(writer(), writes);
            expect([...outcomes.values()]).not.toContain('foreign');
            return before;
          },
        );
        expect(await found()).toEqual(outcome);
      }),
      randomCases(),
    );
    expect(failed).toBeGreaterThan(0);
  });

  const BEFORE: TestFiles = {
    'a/changed.txt': { mode: '100644', content: 'old\n' },
    'a/gone.bin': { mode: '100644', content: '\0\x01' },
    'a/run': { mode: '100644', content: '#!/bin/sh\n' },
    link: { mode: '120000', content: 'a' },
    place: { mode: '100644', content: 'a file\n' },
    'room/in/it.txt': { mode: '100644', content: 'in a directory\n' },
  };
  const AFTER: TestFiles = {
    'a/changed.txt': { mode: '100644', content: 'new\n' },
    'a/run': { mode: '100755', content: '#!/bin/sh\n' },
    'b/c/made.txt': { mode: '100644', content: 'made\n' },
    link: { mode: '120000', content: 'b' },
    'place/now/below.txt': { mode: '100644', content: 'below\n' },
    room: { mode: '100644', content: 'a file now\n' },
  };

  test('that fails before any of its steps goes back wholly', async () => {
    for (let step = 0; ; step++) {
      await put(BEFORE);
      const writes = await plan(BEFORE, AFTER);
      const { beforeStep, seen } = failingAt(step);
      const done = await writePlan(writer(beforeStep), writes).then(
        () => true,
        () => false,
      );
      if (done) {
        expect(seen()).toBe(step);
        expect(step).toBeGreaterThan(20);
        expect(await found()).toEqual(AFTER);
        return;
      }
      await restorePlan(writer(), writes);
      expect(await found()).toEqual(BEFORE);
    }
  });

  test('leaves alone what somebody else wrote meanwhile, and says so', async () => {
    await put(BEFORE);
    const writes = await plan(BEFORE, AFTER);
    await writePlan(writer(), writes);
    await writeFile(join(root, 'a/changed.txt'), 'a stranger’s\n');
    await writeFile(join(root, 'b/c/other.txt'), 'a stranger’s, too\n');
    const outcomes = await restorePlan(writer(), writes);
    const foreign = [...outcomes].filter(([, outcome]) => outcome === 'foreign').map(([{ path }]) => path);
    expect(foreign).toEqual(['a/changed.txt']);
    expect(await found()).toEqual({
      ...BEFORE,
      'a/changed.txt': { mode: '100644', content: Buffer.from('a stranger’s\n').toString('latin1') },
      'b/c/other.txt': { mode: '100644', content: Buffer.from('a stranger’s, too\n').toString('latin1') },
    });
  });

  test('stops before a file that is not as expected any more', async () => {
    await put(BEFORE);
    const writes = await plan(BEFORE, AFTER);
    await writeFile(join(root, 'link.txt'), 'unrelated\n');
    await writeFile(join(root, 'a/changed.txt'), 'newer\n');
    await expect(writePlan(writer(), writes)).rejects.toMatchObject({
      code: 'UNDO_PATH_CHANGED',
      details: { path: 'a/changed.txt' },
    });
    await restorePlan(writer(), writes);
    expect((await found())['a/changed.txt']).toEqual({ mode: '100644', content: 'newer\n' });
    expect(await readdir(join(root, 'a'))).toEqual(['changed.txt', 'gone.bin', 'run']);
  });

  test('never goes through a symbolic link, be it put there at the last moment', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'signalbox-outside-'));
    try {
      await put(BEFORE);
      const writes = await plan(BEFORE, AFTER);
      const beforeStep = async (step: string, path: string) => {
        if (step !== 'check' || path !== 'b/c/made.txt') return;
        await rm(join(root, 'b'), { recursive: true, force: true });
        await symlink(outside, join(root, 'b'));
      };
      await expect(writePlan(writer(beforeStep), writes)).rejects.toMatchObject({ code: 'UNDO_PATH_UNSAFE' });
      expect(await readdir(outside)).toEqual([]);
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  test('keeps the permissions of a file that stands there, but for being executable', async () => {
    await put({ f: { mode: '100644', content: 'old' }, g: { mode: '100755', content: 'old' } });
    await chmod(join(root, 'f'), 0o600);
    await chmod(join(root, 'g'), 0o750);
    const writes = await plan(
      { f: { mode: '100644', content: 'old' }, g: { mode: '100755', content: 'old' } },
      { f: { mode: '100755', content: 'new' }, g: { mode: '100644', content: 'old' } },
    );
    await writePlan(writer(), writes);
    const modes = await Promise.all(['f', 'g'].map(async (name) => (await lstat(join(root, name))).mode & 0o777));
    expect(modes).toEqual([0o700, 0o640]);
  });
});

function directoriesOf(files: TestFiles): Set<string> {
  const directories = new Set<string>();
  for (const path of Object.keys(files)) {
    const names = path.split('/').slice(0, -1);
    for (const index of names.keys()) directories.add(names.slice(0, index + 1).join('/'));
  }
  return directories;
}
