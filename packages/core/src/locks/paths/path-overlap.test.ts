import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClaimPath, claimPathInputSchema, covers, matcher } from './claim-path.ts';
import { overlaps } from './path-overlap.ts';

const read = (path: string) => claimPathInputSchema.parse(path);
const literal = (path: string): ClaimPath => ({ path, kind: 'literal' });
const meet = (a: string, b: string) => overlaps(read(a), read(b));

describe('overlap of claimed paths', () => {
  test('plainly different names, directories and endings do not overlap', () => {
    expect(meet('src/a.ts', 'src/b.ts')).toBe(false);
    expect(meet('src', 'docs')).toBe(false);
    expect(meet('src', 'srcs')).toBe(false);
    expect(meet('src/**', 'docs/**')).toBe(false);
    expect(meet('**/*.ts', '**/*.md')).toBe(false);
    expect(meet('src/*.ts', 'src/deep/a.ts')).toBe(false);
    expect(meet('src/*.{ts,tsx}', 'src/*.{css,scss}')).toBe(false);
    expect(meet('packages/*/src/**', 'packages/*/docs/**')).toBe(false);
    expect(meet('a?c', 'ac')).toBe(false);
    expect(meet('api/v[12]/x', 'api/v11/x')).toBe(false);
  });

  test('what may be the same file overlaps', () => {
    expect(meet('src', 'src/deep/a.ts')).toBe(true);
    expect(meet('.', 'anything/at/all')).toBe(true);
    expect(meet('**', 'a')).toBe(true);
    expect(meet('src/**', 'src')).toBe(true);
    expect(meet('**/*.ts', 'src/**')).toBe(true);
    expect(meet('src/*.{ts,tsx}', 'src/**/index.*')).toBe(true);
    expect(meet('src/a*', 'src/*b')).toBe(true);
    expect(meet('src/*/x.ts', 'src/a')).toBe(true);
    expect(meet('a/!(b)/c', 'a/d')).toBe(true);
  });

  test('a name that reads as a glob is taken to the letter when it is said to be one', () => {
    const page = literal('app/[id]/page.tsx');
    expect(matcher(page)('app/[id]/page.tsx')).toBe(true);
    expect(matcher(page)('app/i/page.tsx')).toBe(false);
    expect(overlaps(page, literal('app/i/page.tsx'))).toBe(false);
    expect(overlaps(page, read('app/*/page.tsx'))).toBe(true);
  });

  const part = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom('*', '**', '?', 'a*', '*b', 'a?', '[ab]', '[!a]', '[a-b]b', '{a,b}') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('{a,b*}', '@(a|b)', '!(a)', '+(a)', '?(a)b', 'a**', '*.a', '{a,{b,.}}', 'a+'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{a/b,b}',
        '{a',
        'b}',
        '[a',
        'a]',
        '\\a',
        '\\*',
        '{a..b}',
        '(a|b)',
        '$',
        '^a',
        '*(a|b)',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'ab*?{},[]()!@+|\\.'), minLength: 1, maxLength: 5 }) },
  );
  const glob = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))
    .filter((path) => claimPathInputSchema.safeParse(path).success)
    .chain((path) => fc.constantFrom(read(path), { path: read(path).path, kind: 'literal' as const }));
  const path = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '*', '['), minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.join('/'))
    .filter((path) => !/(^|\/)\.{1,2}(\/|$)/.test(path));

  /** Globs that were made by blurring a path, so that they have a fair chance to match it. */
  const blurred = (whole: string): fc.Arbitrary<ClaimPath> => {
    const parts = whole.split('/').map((text) => {
      const [first, rest] = [text.slice(0, 1), text.slice(1)];
      const ways = [
        '*',
        '**',
        `${first}*`,
        `*${rest}`,
        `?${rest}`,
        `[${first}b]${rest}`,
        `{${text},z}`,
        `@(${text}|z)`,
      ];
      return fc.constantFrom(
        text,
        text,
        ...ways,
        '!(z)',
        `+(${first})${rest}`,
        `${first}**`,
        `[!z]${rest}`,
        `{${text}/**,z}`,
      );
    });
    const path = fc
      .tuple(...parts)
      .chain((blurry) =>
        fc.constantFrom(blurry, blurry.slice(0, -1).concat('**'), ['**', ...blurry], ['**', ...blurry.slice(1)]),
      );
    return fc
      .oneof(
        { weight: 5, arbitrary: path.map((blurry) => blurry.join('/')) },
        fc.constantFrom(whole, whole.split('/')[0] as string),
      )
      .filter((name) => claimPathInputSchema.safeParse(name).success)
      .chain((name) => fc.constantFrom(read(name), literal(read(name).path)));
  };
  const pair = path.chain((one) => fc.tuple(fc.oneof(blurred(one), glob), blurred(one), fc.constant(one)));

  test('it misses no path that both match', () => {
    let both = 0;
    fc.assert(
      fc.property(pair, fc.array(path, { maxLength: 20 }), ([a, b, origin], paths) => {
        const [inA, inB] = [matcher(a), matcher(b)];
        const common = [origin, ...paths].find((one) => inA(one) && inB(one));
        if (common === undefined) return;
        both++;
        expect(overlaps(a, b), `${a.path} and ${b.path} both match ${common}`).toBe(true);
        expect(overlaps(b, a), `${b.path} and ${a.path} both match ${common}`).toBe(true);
      }),
      { numRuns: 8_000 },
    );
    expect(both).toBeGreaterThan(500);
  });

  test('what covers a claim lets through nothing that the claim matches', () => {
    let covered = 0;
    const claims = fc.oneof(glob, fc.constantFrom(...['**', 'a/**', 'a', '.', 'a/b', 'a/b/**'].map(read)));
    fc.assert(
      fc.property(claims, claims, fc.array(path, { minLength: 1, maxLength: 20 }), (a, b, paths) => {
        if (!covers(a, b)) return;
        covered++;
        const [inA, inB] = [matcher(a), matcher(b)];
        for (const one of paths) if (inB(one)) expect(inA(one), `${a.path} covers ${b.path}: ${one}`).toBe(true);
      }),
      { numRuns: 4_000 },
    );
    expect(covered).toBeGreaterThan(100);
  });
});
