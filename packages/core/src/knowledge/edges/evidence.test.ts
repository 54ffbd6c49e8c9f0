import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import type { EdgeEvidence } from '../vocabulary/edge-place.ts';
import { cleanNumber, cleanPath, cleanText } from './clean-values.ts';
import { normaliseSource } from './code-source.ts';
import { mergeEvidence } from './evidence.ts';
import { mergeLocations } from './locations.ts';

const at = (source: EdgeEvidence['source'], path: string, line: number, more: object = {}): EdgeEvidence => ({
  source,
  location: { path, line },
  ...more,
});

test('scenario 4: the better source first, then by line; a place without a line last, a note is not lost', () => {
  const merged = mergeEvidence(
    [at('heuristic', 'a', 1), at('ast', 'a', 9)],
    [at('type-checker', 'a', 20), at('ast', 'a', 2), at('ast', 'a', 9, { note: 'dup' }), { source: 'ast' }],
  );
  expect(merged).toEqual([
    at('type-checker', 'a', 20),
    at('ast', 'a', 2),
    at('ast', 'a', 9, { note: 'dup' }),
    { source: 'ast' },
    at('heuristic', 'a', 1),
  ]);
});

test('line 0 is not no line, none may be asked for, and the higher confidence stays (KG-064)', () => {
  const none = { source: 'ast', location: { path: 'a' } } as const;
  expect(mergeEvidence([at('ast', 'a', 0)], [none])).toHaveLength(2);
  expect(mergeLocations([{ path: 'a', line: 0 }], [{ path: 'a' }, null, {}])).toHaveLength(2);
  expect([mergeEvidence([none], null, 0), mergeLocations([{ line: 1 }], undefined, -1)]).toEqual([[], []]);
  const merged = mergeEvidence([at('ast', 'a', 1, { confidence: 0.3 })], [at('ast', 'a', 1, { confidence: 0.7 })]);
  expect(merged).toEqual([at('ast', 'a', 1, { confidence: 0.7 })]);
});

test('merging again what was merged changes nothing', () => {
  const entry = fc.record(
    {
      source: fc.constantFrom('ast', 'type-checker', 'heuristic', 'lsp' as const),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      location: fc.record({ path: fc.constantFrom('a', 'b'), line: fc.nat(3) }, { requiredKeys: [] }),
      note: fc.constantFrom('n', 'm'),
    },
    { requiredKeys: ['source'] },
  ) as fc.Arbitrary<EdgeEvidence>;
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry), (a, b) => {
      const once = mergeEvidence(a, b);
      expect(mergeEvidence(once, b)).toEqual(once);
      expect(mergeEvidence(once, once)).toEqual(once);
    }),
    randomCases(),
  );
});

describe('cleaning', () => {
  test('of text takes out what is no text, and never halves a character (KG-068)', () => {
    expect(cleanText(' a\u0000b\n ', 10)).toBe('ab');
    expect(cleanText(' a\n\tb\u0007', 10, { breaks: true })).toBe('a\n\tb');
    expect(cleanText('ab😀', 3)).toBe('ab');
    expect([cleanText(' \u0001 ', 5), cleanText(5, 5), cleanText('x', 0)]).toEqual([undefined, undefined, undefined]);
  });

  test('of paths stays within the repository', () => {
    expect(cleanPath(' src\\\\lib/./a/../b.ts ')).toBe('src/lib/b.ts');
    for (const outside of ['../a', 'a/../../b', '/etc/passwd', 'C:\\x', '.', ''])
      expect(cleanPath(outside)).toBe(undefined);
  });

  test('of numbers invents none (KG-066)', () => {
    expect([null, '', false, true, [], '0x10', 'Infinity', Number.NaN].map(cleanNumber)).toEqual(
      Array.from({ length: 8 }, () => undefined),
    );
    expect([' 12 ', '-1.5e1', 0].map(cleanNumber)).toEqual([12, -15, 0]);
  });

  test('of sources knows their other names (KG-080)', () => {
    expect(
      [' TS', 'parser', 'inferred', 'indexer', 'instrumentation', 'language-server', 'magic', ' ', 7].map(
        normaliseSource,
      ),
    ).toEqual(['type-checker', 'ast', 'heuristic', 'index', 'runtime', 'lsp', 'heuristic', undefined, undefined]);
  });
});
