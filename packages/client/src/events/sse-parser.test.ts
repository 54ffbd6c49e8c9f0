import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SseMessage, SseParser } from './sse-parser.ts';

const parse = (...pieces: string[]) => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.feed(piece));
};

const line = fc.stringMatching(/^[ -~äß日🚂]{0,12}$/u);
const message: fc.Arbitrary<SseMessage> = fc
  .record({
    event: fc.stringMatching(/^[a-z]{1,6}$/),
    id: fc.option(fc.stringMatching(/^[a-z0-9:]{1,8}$/), { nil: undefined }),
    data: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
  })
  .map(({ event, id, data }) => ({ event, ...(id === undefined ? {} : { id }), data }));

function write(messages: SseMessage[], end: string): string {
  return messages
    .map(({ event, id, data }) =>
      [
        `event: ${event}`,
        ...(id === undefined ? [] : [`id: ${id}`]),
        ': ping',
        ...data.split('\n').map((text) => `data: ${text}`),
        '',
        '',
      ].join(end),
    )
    .join('');
}

describe('server-sent events', () => {
  it('are the same wherever the stream is cut and however its lines end', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(200)),
        (messages, end, cuts) => {
          const text = write(messages, end);
          const places = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
          const pieces = [...places, text.length].map((place, index) => text.slice(places[index - 1] ?? 0, place));
          expect(parse(...pieces)).toEqual(messages);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('without data are none, and leave nothing behind for the next', () => {
    expect(parse('event: a\nid: 1\n\ndata: x\n\n')).toEqual([{ event: 'message', data: 'x' }]);
  });

  it('that are not finished are not told', () => expect(parse('data: x\n')).toEqual([]));

  it('keep what stands behind the first colon, less one space', () => {
    expect(parse('data:  a: b\ndata\n\n')).toEqual([{ event: 'message', data: ' a: b\n' }]);
  });
});
