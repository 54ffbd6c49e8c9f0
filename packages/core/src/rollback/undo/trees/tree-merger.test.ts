import { expect, test } from 'vitest';
import { type TestFiles, TreeRoom } from '../testing/tree-room.ts';
import { TreeMerger } from './tree-merger.ts';

const file = (content: string, mode = '100644') => ({ mode, content });
const lines = (changes: Record<number, string> = {}) =>
  file(Array.from({ length: 12 }, (_, at) => `${changes[at] ?? `line ${at}`}\n`).join(''));

/** Base, ours and theirs of merges of each kind, with what git has to say of them. */
const MERGES: Record<string, { base: TestFiles; ours: TestFiles; theirs: TestFiles; conflicts: RegExp | null }> = {
  clean: {
    base: { f: lines() },
    ours: { f: lines({ 1: 'ours' }) },
    theirs: { f: lines({ 9: 'theirs' }) },
    conflicts: null,
  },
  'nothing changed': { base: { f: lines() }, ours: { f: lines() }, theirs: { f: lines() }, conflicts: null },
  'a rename that an edit follows': {
    base: { f: lines() },
    ours: { g: lines() },
    theirs: { f: lines({ 3: 'theirs' }) },
    conflicts: null,
  },
  'the same place': {
    base: { f: lines(), 'name with spaces, ü': lines() },
    ours: { f: lines({ 1: 'ours' }), 'name with spaces, ü': lines({ 2: 'ours' }) },
    theirs: { f: lines({ 1: 'theirs' }), 'name with spaces, ü': lines({ 2: 'theirs' }) },
    conflicts: /contents/,
  },
  binary: { base: { f: file('a\0a') }, ours: { f: file('a\0b') }, theirs: { f: file('a\0c') }, conflicts: /binary/ },
  'modify and delete': { base: { f: lines() }, ours: {}, theirs: { f: lines({ 1: 'theirs' }) }, conflicts: /modify/ },
  'two renames': { base: { f: lines() }, ours: { g: lines() }, theirs: { h: lines() }, conflicts: /rename\/rename/ },
  'file and directory': {
    base: { other: lines() },
    ours: { other: lines(), place: file('a file\n') },
    theirs: { other: lines(), 'place/in': file('in a directory\n') },
    conflicts: /file\/directory/,
  },
};

test('a process for each merge and one process for all say the same of every kind of merge', async () => {
  const room = await TreeRoom.open();
  const { store } = room.composition;
  const [batch, single] = [new TreeMerger(store), new TreeMerger(store, { batch: false })];
  try {
    for (const [name, { base, ours, theirs, conflicts }] of Object.entries(MERGES)) {
      const root = store.commit(await room.tree(base));
      const [left, right] = [
        store.commit(await room.tree(ours), [root]),
        store.commit(await room.tree(theirs), [root]),
      ];
      const [one, other] = [await batch.merge(left, right), await single.merge(left, right)];
      expect(other, name).toEqual(one);
      expect(one.clean, name).toBe(conflicts === null);
      const said = one.messages.map(({ type }) => type).filter((type) => type.startsWith('CONFLICT'));
      if (conflicts) expect(said.join(), name).toMatch(conflicts);
      else expect(one.stages, name).toEqual([]);
    }
  } finally {
    await batch.close();
    await room.close();
  }
});
