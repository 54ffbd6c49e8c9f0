import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash, merkleRoot } from './merkle.ts';

const hash = (...parts: (number[] | Buffer)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();

describe('Merkle tree', () => {
  test('is built as RFC 6962 says: of five leaves, four make the left subtree', () => {
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((text) => leafHash(text)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    expect(a).toEqual(hash([0], Buffer.from('a')));
    const node = (left: Buffer, right: Buffer) => hash([1], left, right);
    expect(merkleRoot([a])).toEqual(a);
    expect(merkleRoot([a, b, c])).toEqual(node(node(a, b), c));
    expect(merkleRoot([a, b, c, d, e])).toEqual(node(node(node(a, b), node(c, d)), e));
    expect(() => merkleRoot([])).toThrow(RangeError);
  });

  test('any other list of leaves has another root', () => {
    const texts = fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const [left, right] = [one, other].map((list) =>
          merkleRoot(list.map((text) => leafHash(text))).toString('hex'),
        );
        expect(left === right).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
