import { PassThrough } from 'node:stream';
import { systemClock } from '@signalbox/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputDecoder } from './output-decoder.ts';
import { pumpOutput } from './output-pump.ts';

const pending = new Promise<never>(() => undefined);

test('text comes out the same wherever the stream of its bytes is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.integer({ min: 1, max: 7 })), (text, cuts) => {
      const decoder = new OutputDecoder();
      let rest = Buffer.from(text);
      let decoded = '';
      for (const length of cuts) {
        decoded += decoder.decode(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      decoded += decoder.decode(rest) + decoder.end();
      expect(decoded).toBe(text.replaceAll('\0', '\uFFFD'));
    }),
  );
});

test('whatever the bytes, the text is well formed and holds no NUL', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const decoder = new OutputDecoder();
      const decoded = chunks.map((chunk) => decoder.decode(chunk)).join('') + decoder.end();
      expect(decoded.isWellFormed()).toBe(true);
      expect(decoded).not.toContain('\0');
    }),
  );
});

test('large chunks are handed on in pieces', async () => {
  const stream = new PassThrough();
  const pieces: string[] = [];
  stream.end(Buffer.from('€'.repeat(100_000)));
  const bytes = await pumpOutput({
    stream,
    write: async (text) => void pieces.push(text),
    ended: pending,
    clock: systemClock,
  });
  expect(bytes).toBe(300_000);
  expect(pieces.join('')).toBe('€'.repeat(100_000));
  expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(32 * 1024 + 3);
});

test('a stream that a stranger holds open is given up after the run, and what came before is kept', async () => {
  const stream = new PassThrough();
  stream.write('last words');
  let text = '';
  const write = async (piece: string) => {
    text += piece;
  };
  const bytes = await pumpOutput({ stream, write, ended: Promise.resolve(), clock: systemClock });
  expect([bytes, text]).toEqual([10, 'last words']);
});

test('a slow recorder is no silence: everything is carried though the run ended long ago', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  let text = '';
  const write = async (piece: string) => {
    await systemClock.sleep(1_300);
    text += piece;
  };
  const pumped = pumpOutput({ stream, write, ended: Promise.resolve(), clock: systemClock });
  stream.write('one ');
  await systemClock.sleep(100);
  stream.write('two ');
  stream.end('three');
  await pumped;
  expect(text).toBe('one two three');
});
