import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpError } from './error-table.ts';
import { MAX_DEPTH, parseJsonBody } from './json-body.ts';

const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed());
const key = wellFormed.filter((name) => name !== '__proto__' && name !== 'constructor');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    wellFormed,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** The value with every character of its texts and keys written as an escape. */
const escaped = (value: unknown): string =>
  JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) => {
    const raw = JSON.parse(text) as string;
    return `"${Array.from({ length: raw.length }, (_, at) => `\\u${raw.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
  });

describe('reading JSON bodies', () => {
  it('gives what JSON.parse gives for all that can be stored, however it is spelt', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const text of [JSON.stringify(value), escaped(value)]) {
          expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
        }
      }),
    );
  });

  it('refuses a bad key or text anywhere in a value, and says nothing else', () => {
    const bad = fc.constantFrom(
      '{"__proto__":1}',
      '"\\u0000"',
      '"\\ud800"',
      '{"constructor":{"prototype":{}}}',
      '{"a\\u0000":1}',
    );
    fc.assert(
      fc.property(json, bad, fc.boolean(), (value, evil, spelt) => {
        const text = `{"before":${JSON.stringify(value)},"evil":[${spelt ? evil.replace('__proto__', '\\u005f\\u005fproto__') : evil}]}`;
        expect(() => parseJsonBody(Buffer.from(text))).toThrow(HttpError);
      }),
    );
  });

  it('refuses exactly what nests deeper than the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_DEPTH * 3 }), fc.boolean(), (depth, lists) => {
        const text = lists ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
        const read = () => parseJsonBody(Buffer.from(text));
        if (depth > MAX_DEPTH) expect(read).toThrow(/deeper/);
        else expect(read).not.toThrow();
      }),
    );
  });

  it('answers any bytes with a value or an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseJsonBody(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(HttpError);
        }
      }),
    );
  });
});
