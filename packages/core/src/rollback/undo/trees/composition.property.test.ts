import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomCases } from '../../../testing/random-cases.ts';
import { stepsArbitrary, treeArbitrary } from '../testing/arbitrary-trees.ts';
import { type TestFiles, TreeRoom } from '../testing/tree-room.ts';
import type { Composed } from './composition.ts';
import type { UndoStep } from './undo-step.ts';

/** Ten thousand cases by hand take their time. */
const LONG = 14_400_000;

describe('undo on trees', () => {
  let room: TreeRoom;
  beforeAll(async () => {
    room = await TreeRoom.open();
  });
  // Objects of ten thousand histories are removed for minutes.
  afterAll(() => room.close(), LONG);

  const undo = (current: string, steps: UndoStep[], exact = true): Promise<Composed> =>
    room.composition.undo(current, steps, { answer: () => null, exact });

  /** Trees of a history that begins with `files`. */
  async function history(files: TestFiles, steps: readonly ((files: TestFiles) => TestFiles)[]): Promise<string[]> {
    const trees = [await room.tree(files)];
    let now = files;
    for (const step of steps) {
      now = step(now);
      trees.push(await room.tree(now));
    }
    return trees;
  }

  test('of a change with nothing since restores exactly, and redo brings back exactly', { timeout: LONG }, async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary, treeArbitrary, fc.boolean(), async (before, after, exact) => {
        const [was, is] = await Promise.all([room.tree(before), room.tree(after)]);
        const undone = await undo(is, [await room.step(was, is)], exact);
        expect(undone).toEqual({ tree: was, conflicts: [] });
        expect(await room.files(undone.tree)).toEqual(before);
        const redone = await undo(was, [await room.step(is, was)], exact);
        expect(redone).toEqual({ tree: is, conflicts: [] });
      }),
      randomCases(),
    );
  });

  test('and redo at once are the identity, whatever came after the change', { timeout: LONG }, async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary, stepsArbitrary, fc.nat(), async (files, changes, which) => {
        const trees = await history(files, changes);
        const at = 1 + (which % (trees.length - 1));
        const current = trees.at(-1) as string;
        const undone = await undo(current, [await room.step(trees[at - 1] as string, trees[at] as string, at)]);
        const redone = await undo(undone.tree, [await room.step(current, undone.tree, trees.length)]);
        expect(redone).toEqual({ tree: current, conflicts: [] });
      }),
      randomCases(),
    );
  });

  test('is what git makes of it where git need not be asked', { timeout: LONG }, async () => {
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(treeArbitrary, stepsArbitrary, fc.nat(), async (files, changes, chosen) => {
        const trees = await history(files, changes);
        const steps: UndoStep[] = [];
        for (let at = trees.length - 1; at > 0; at--) {
          const step = await room.step(trees[at - 1] as string, trees[at] as string, at);
          if ((chosen >> at) & 1 && step.edits.length > 0) steps.push(step);
        }
        asked += steps.length;
        const current = trees.at(-1) as string;
        const [ours, gits] = [await undo(current, steps), await undo(current, steps, false)];
        expect(ours.conflicts.map(({ path, position, kind }) => ({ path, position, kind }))).toEqual(
          gits.conflicts.map(({ path, position, kind }) => ({ path, position, kind })),
        );
        expect(await room.files(ours.tree)).toEqual(await room.files(gits.tree));
      }),
      randomCases(),
    );
    expect(asked).toBeGreaterThan(0);
  });

  test('of one among two who edit lines apart is the history in which he never was', { timeout: LONG }, async () => {
    /** Every line is like no other; the slots in which edits happen lie four lines apart. */
    const slots = 8;
    const edit = fc.record({
      by: fc.constantFrom('A', 'B'),
      file: fc.constantFrom('one.txt', 'lib/two.txt'),
      slot: fc.nat(slots - 1),
      kind: fc.constantFrom('replace', 'delete', 'insert'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 14 }), async (edits) => {
        // A slot of a file belongs to whoever edits it first.
        const owner = new Map<string, string>();
        const own = edits.filter(({ by, file, slot }) => {
          const key = `${file}:${slot}`;
          if (!owner.has(key)) owner.set(key, by);
          return owner.get(key) === by;
        });
        const render = (done: readonly (typeof own)[number][]): TestFiles =>
          Object.fromEntries(
            ['one.txt', 'lib/two.txt'].map((file) => {
              const parts = Array.from({ length: slots }, (_, slot) => {
                let line = `${file} slot ${slot}\n`;
                for (const [index, { kind }] of done.entries()) {
                  const { file: where, slot: at } = done[index] as (typeof own)[number];
                  if (where !== file || at !== slot) continue;
                  // Told by its place in the whole history, so that leaving others out does not change it.
                  const text = `edit ${own.indexOf(done[index] as (typeof own)[number])} of ${file}\n`;
                  line = kind === 'replace' ? text : kind === 'delete' ? '' : line + text;
                }
                const between = [1, 2, 3, 4].map((number) => `${file} between ${slot} and ${number}\n`);
                return line + between.join('');
              });
              return [file, { mode: '100644', content: parts.join('') }];
            }),
          );
        const trees: string[] = [];
        for (let count = 0; count <= own.length; count++) trees.push(await room.tree(render(own.slice(0, count))));
        const steps: UndoStep[] = [];
        for (let at = own.length; at > 0; at--) {
          if (own[at - 1]?.by !== 'A') continue;
          steps.push(await room.step(trees[at - 1] as string, trees[at] as string, at));
        }
        const undone = await undo(trees.at(-1) as string, steps);
        expect(undone.conflicts).toEqual([]);
        expect(await room.files(undone.tree)).toEqual(render(own.filter(({ by }) => by === 'B')));
      }),
      randomCases(),
    );
  });
});
