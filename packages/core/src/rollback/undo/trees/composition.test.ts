import { expect, test } from 'vitest';
import { TreeRoom } from '../testing/tree-room.ts';

test.each([
  ['merge=union', []],
  ['text', ['content']],
])('the attribute %s of the user’s files decides how they are merged, at any depth', async (attribute, kinds) => {
  const room = await TreeRoom.open();
  const file = (content: string) => ({ mode: '100644', content });
  const files = (log: string) => ({
    'lib/deep/.gitattributes': file(`*.log ${attribute}\n`),
    'lib/deep/x.log': file(log),
    other: file('other\n'),
  });
  try {
    const [before, after] = [await room.tree(files('one\n')), await room.tree(files('one\ntwo\n'))];
    const current = await room.tree(files('one\ntwo\nthree\n'));
    const { conflicts } = await room.composition.undo(current, [await room.step(before, after)], {
      answer: () => null,
    });
    expect(conflicts.map(({ kind }) => kind)).toEqual(kinds);
  } finally {
    await room.close();
  }
});
