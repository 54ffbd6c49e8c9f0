import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { isTooDeep, MAX_JSON_DEPTH, storableJson, storableText, whyUnstorable } from './storable-json.ts';

/** Text of the pieces that matter: escapes, NUL, whole and half surrogate pairs, and what merely looks like them. */
const awkwardText = fc
  .array(
    fc.constantFrom(
      '\\',
      'u0000',
      'ud83d',
      'u',
      '0000',
      '\0',
      '\ud83d',
      '\ude00',
      '\ud83d\ude00',
      '"',
      'x',
      '\n',
      '\u2028',
    ),
    {
      maxLength: 8,
    },
  )
  .map((pieces) => pieces.join(''));
const awkwardJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    awkwardText,
    fc.constantFrom(null, true, 0, -1.5e300),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(awkwardText, tie('value'), { maxKeys: 3 }),
  ),
})).value;

describeOnBackends('storable JSON', (backend) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());

  async function accepts(text: string): Promise<boolean> {
    return db.database.query({ name: '', text: 'SELECT $1::jsonb' }, [text]).then(
      () => true,
      () => false,
    );
  }

  test('what is called storable is exactly what the database takes, and what was replaced always is', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardJson, async (value) => {
        const text = JSON.stringify(value);
        expect(whyUnstorable(text) === null).toBe(await accepts(text));
        const clean = JSON.stringify(storableJson(value));
        expect(whyUnstorable(clean)).toBeNull();
        if (whyUnstorable(text) === null) expect(clean).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe('storable text', () => {
  test('replaces NUL and halves of pairs, and keeps whole pairs', () => {
    expect(storableText('a\0b\ud83dc\ude00 \ud83d\ude00')).toBe('a\uFFFDb\uFFFDc\uFFFD \ud83d\ude00');
  });

  test('too deep is what nests deeper than the limit, at any depth at all', () => {
    const nested = (depth: number) => {
      let value: unknown = 1;
      for (let i = 0; i < depth; i += 1) value = i % 2 ? [value] : { value };
      return value;
    };
    expect(isTooDeep(nested(MAX_JSON_DEPTH))).toBe(false);
    expect(isTooDeep(nested(MAX_JSON_DEPTH + 1))).toBe(true);
    expect(isTooDeep(nested(1_000_000))).toBe(true);
  });
});
