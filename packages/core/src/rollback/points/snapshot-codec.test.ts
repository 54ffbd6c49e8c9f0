import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../../platform/errors/index.ts';
import { randomCases } from '../../testing/random-cases.ts';
import { checksumOf, decodeSnapshot, encodeSnapshot, wireValue } from './snapshot-codec.ts';

const again = (value: unknown) => decodeSnapshot(encodeSnapshot(value));
const refusal = (value: unknown) => {
  try {
    encodeSnapshot(value);
    return null;
  } catch (error) {
    return SignalboxError.is(error) ? [error.code, error.details.path, error.details.reason] : error;
  }
};

describe('the text of a snapshot', () => {
  it.each([
    ['dates', { at: new Date(5), never: new Date(Number.NaN) }],
    ['dates in maps and sets', { map: new Map([['k', new Date(1)]]), set: new Set([new Date(2)]) }],
    [
      'maps by any key, in order',
      new Map<unknown, unknown>([
        [{ a: 1 }, 1],
        ['b', new Map([[1, 2]])],
        [2, 'x'],
      ]),
    ],
    ['undefined members', { a: undefined, list: [undefined, 1] }],
    ['numbers that JSON has not', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]],
    ['big integers', { n: 12345678901234567890n }],
    ['expressions', /a+/gi],
    [
      'bytes',
      { b: new Uint8Array([0, 255]), f: new Float64Array([1.5]), part: new Uint8Array([1, 2, 3]).subarray(1, 2) },
    ],
    ['data that looks like ours', { __type: 'Date', data: '2026-01-01' }],
    ['data that looks like what wraps that', { __type: 'Object', data: { __type: 'Map' } }],
    ['names that mean something', JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}')],
    ['text that databases refuse', ['\0', '\ud800', 'ok']],
    ['plain data', { a: [1, 'b', null, true, { c: {} }], d: [] }],
  ])('gives back %s', (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  it('gives back random JSON, and its text does not depend on the order of properties', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(again({ value })).toStrictEqual({ value });
      }),
      randomCases(),
    );
    expect(encodeSnapshot({ b: 1, a: { d: 1, c: 2 } })).toBe('{"a":{"c":2,"d":1},"b":1}');
    expect(encodeSnapshot({ a: { c: 2, d: 1 }, b: 1 })).toBe(encodeSnapshot({ b: 1, a: { d: 1, c: 2 } }));
  });

  it('holds no NUL and no half pairs in the open', () => {
    expect(encodeSnapshot(['\0\ud800'])).toBe('["\\u0000\\ud800"]');
  });

  it('is refused for what cannot be kept, with the place', () => {
    const loop: Record<string, unknown> = {};
    loop.me = [loop];
    expect(refusal(undefined)).toEqual(['SNAPSHOT_SERIALIZATION_FAILED', '', 'there is no value']);
    expect(refusal({ a: { f: () => 1 } })).toEqual([
      'SNAPSHOT_SERIALIZATION_FAILED',
      'a.f',
      'a function cannot be kept',
    ]);
    expect(refusal([Symbol('s')])).toEqual(['SNAPSHOT_SERIALIZATION_FAILED', '0', 'a symbol cannot be kept']);
    expect(refusal(loop)).toEqual(['SNAPSHOT_SERIALIZATION_FAILED', 'me.0', 'it contains itself']);
    expect(refusal({ e: new Error('x') })).toEqual([
      'SNAPSHOT_SERIALIZATION_FAILED',
      'e',
      'objects of a class cannot be kept',
    ]);
    expect(refusal({ v: new DataView(new ArrayBuffer(1)) })).toEqual([
      'SNAPSHOT_SERIALIZATION_FAILED',
      'v',
      'a DataView cannot be kept',
    ]);
  });

  it('is refused for what nests too deep, and takes what stands twice', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level++) value = [value];
      return value;
    };
    expect(again(nested(500))).toEqual(nested(500));
    expect(refusal(nested(501))).toEqual([
      'SNAPSHOT_SERIALIZATION_FAILED',
      '0.0.0.0.0.0.0.0',
      'it nests deeper than 500 levels',
    ]);
    const shared = { x: 1 };
    expect(again([shared, shared])).toEqual([shared, shared]);
  });

  it('cannot be read where it is of a later kind', () => {
    expect(() => decodeSnapshot('{"__type":"Future","data":1}')).toThrow('"Future"');
  });

  it('has a checksum that is that of SHA-256', () => {
    expect(checksumOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('goes over the wire in the same form; absent stays absent', () => {
    expect(wireValue(new Date(0))).toEqual({ __type: 'Date', data: '1970-01-01T00:00:00.000Z' });
    expect(wireValue(undefined)).toBeUndefined();
    expect(wireValue({ a: undefined })).toEqual({ a: { __type: 'Undefined', data: null } });
  });
});
