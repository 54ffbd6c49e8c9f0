import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { TextCoalescer, type TextPiece } from './text-coalescer.ts';

function setUp(write?: (piece: TextPiece<string>) => Promise<void>) {
  const clock = new ManualClock();
  const written: TextPiece<string>[] = [];
  const coalescer = new TextCoalescer<string>({
    clock,
    same: (a, b) => a === b,
    write: write ?? (async (piece) => void written.push({ ...piece })),
  });
  return { clock, written, coalescer };
}

test('pieces of one stream become one after 250 ms, not before', async () => {
  const { clock, written, coalescer } = setUp();
  await coalescer.push('out', 'a');
  await clock.advance(200);
  await coalescer.push('out', 'b');
  expect(written).toEqual([]);
  await clock.advance(50);
  expect(written).toEqual([{ key: 'out', text: 'ab' }]);
  await clock.advance(1000);
  expect(written.length).toBe(1);
});

test('at 4096 characters it is written at once', async () => {
  const { written, coalescer } = setUp();
  await coalescer.push('out', 'x'.repeat(4095));
  expect(written).toEqual([]);
  await coalescer.push('out', 'y');
  expect(written.map((piece) => piece.text.length)).toEqual([4096]);
});

test('another stream ends the piece, and order is kept', async () => {
  const { written, coalescer } = setUp();
  await coalescer.push('out', 'a');
  await coalescer.push('err', 'b');
  await coalescer.push('out', 'c');
  await coalescer.flush();
  expect(written.map((piece) => `${piece.key}:${piece.text}`)).toEqual(['out:a', 'err:b', 'out:c']);
});

test('an error of a write made by the timer reaches the next caller', async () => {
  const { clock, coalescer } = setUp(async () => {
    throw new Error('refused');
  });
  await coalescer.push('out', 'a');
  await clock.advance(250);
  await expect(coalescer.push('out', 'b')).rejects.toThrow('refused');
});

test('nothing is lost or mixed up, whoever pushes at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          key: fc.constantFrom('a', 'b'),
          text: fc.string({ minLength: 1, maxLength: 3000 }),
          wait: fc.boolean(),
        }),
      ),
      async (pieces) => {
        const { written, coalescer } = setUp();
        const pushed: Promise<void>[] = [];
        for (const { key, text, wait } of pieces) {
          const push = coalescer.push(key, text);
          if (wait) await push;
          pushed.push(push);
        }
        await Promise.all(pushed);
        await coalescer.flush();
        for (const key of ['a', 'b']) {
          const of = (all: readonly TextPiece<string>[]) =>
            all
              .filter((piece) => piece.key === key)
              .map((piece) => piece.text)
              .join('');
          expect(of(written)).toBe(of(pieces));
        }
      },
    ),
  );
});
