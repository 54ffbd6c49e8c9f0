import { readFileSync, rmSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { SignalboxError } from '../../../platform/errors/index.ts';
import { randomCases } from '../../../testing/index.ts';
import type { ReportSource } from '../../imports/report-source.ts';
import { CI_ROOT, sourceOf } from '../../imports/testing/fixture.ts';
import { loadNoiseSettings } from '../../noise/noise-settings.ts';
import { entitySchema } from '../../vocabulary/entity.ts';
import { namedSymbolId, symbolId, symbolIdParts } from '../symbol-id.ts';
import { indexSources, openSources } from '../typescript/index-sources.ts';
import { statesOf, writeSources } from '../typescript/testing/fixture.ts';
import { type Extent, innermost } from './enclosing.ts';
import { readScip, type ScipIndex } from './read-scip.ts';
import { SCIP_INDEX } from './schema.ts';
import { bounded, scip } from './scip.ts';
import { SymbolHomes } from './symbol-homes.ts';
import { symbolParts } from './symbol-parts.ts';
import { symbolText } from './symbol-text.ts';
import { type ToldDocument, tellScip } from './tell-scip.ts';

/** As scip-typescript wrote it, of the sources that the examples have. */
const INDEX = readFileSync(new URL('testing/shop.scip', import.meta.url));
const SHOP = new URL('../../../../../../examples/graph/shop/src/', import.meta.url);
const sourceOfBytes = (bytes: Uint8Array): ReportSource => ({
  ...sourceOf(new TextDecoder().decode(bytes), { root: CI_ROOT }),
  bytes,
});
const bytesOf = (index: Record<string, unknown>) => toBinary(SCIP_INDEX, create(SCIP_INDEX, index));
const read = (index: Record<string, unknown>) => tellScip(readScip(sourceOfBytes(bytesOf(index))));

it('an index of scip-typescript says nothing that the indexer of TypeScript does not say, and names all that it names', async () => {
  const [tax = '', invoice = ''] = ['tax.ts', 'invoice.ts'].map((name) => readFileSync(new URL(name, SHOP), 'utf8'));
  const compilerOptions = {
    ...{ lib: ['es5'], types: [], module: 'nodenext', allowImportingTsExtensions: true, noEmit: true },
  };
  const root = writeSources({
    ...{ 'src/tax.ts': tax, 'src/invoice.ts': invoice },
    'tsconfig.json': JSON.stringify({ compilerOptions }),
  });
  try {
    const own = [...indexSources(openSources(root, statesOf(root)))];
    expect(scip.recognises(sourceOfBytes(INDEX), undefined)).toBe(true);
    const told = (await scip.read(sourceOfBytes(INDEX))) as ToldDocument[];
    const pairs = (facts: readonly { relationships: readonly Readonly<Record<string, unknown>>[] }[]) =>
      new Set(
        facts.flatMap(({ relationships }) =>
          relationships.map(({ fromEntityId, toEntityId }) => `${fromEntityId} -> ${toEntityId}`),
        ),
      );
    const ids = own.flatMap(({ entities }) => entities.map(({ id }) => id)).filter((id) => id.startsWith('sym:'));
    expect(told.flatMap(({ symbols }) => symbols.map(({ id }) => id)).sort()).toEqual(ids.sort());
    const [theirs, ours] = [pairs(told), pairs(own)];
    expect([...theirs].filter((pair) => !ours.has(pair))).toEqual([]);
    expect(theirs.size).toBeGreaterThan(6);
    const telling = { suite: 's', runId: 'r', environment: undefined, at: new Date(0), noise: loadNoiseSettings({}) };
    const known = { entities: new Map(), symbols: new Map(), before: new Map() };
    for (const { entities } of scip.tell(told, known, telling).units) {
      for (const one of entities) expect(entitySchema.safeParse(one).error).toBeUndefined();
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.each([
  ['local 1', null],
  ['scip-typescript npm shop 1.0.0 src/`tax.ts`/', { packageName: 'shop', namespaces: ['src', 'tax.ts'], names: [] }],
  ['scip-typescript npm shop 1.0.0 src/`a.ts`/Invoice#total().', { names: ['Invoice', 'total'], suffix: '(' }],
  ['scip-typescript npm shop 1.0.0 src/`a.ts`/f().(x)', { names: ['f', 'x'], isParameter: true }],
  ['scip-typescript npm shop 1.0.0 src/`a.ts`/C#[T]', { isParameter: true }],
  ['scip-typescript npm shop 1.0.0 `a.ts`/T#typeLiteral0:x.', { names: ['T', 'x'], suffix: '.' }],
  [
    's npm a  b 1 `x``y`/C#`<constructor>`(+1).',
    { packageName: 'a b', namespaces: ['x`y'], names: ['C', '<constructor>'] },
  ],
  ['s . . . `a.ts`/x.`@01234abc`:', { packageName: '', names: ['x'], hash: '01234abc' }],
  ['scip . . . nonsense', null],
  ['scip', null],
  ['', null],
])('the symbol %s', (symbol, parts) => {
  if (parts === null) expect(symbolParts(symbol)).toBeNull();
  else expect(symbolParts(symbol)).toMatchObject(parts);
});

it('whatever the graph calls a symbol, its name in an index leads back to it', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const path = fc
    .array(
      text.filter((one) => !/[/:%]/.test(one)),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join('/'));
  const names = fc.array(fc.oneof(text, fc.constantFrom('a.b', '["x.y"]', '`', '@', '')), {
    minLength: 1,
    maxLength: 3,
  });
  const kind = fc.constantFrom('function', 'class', 'property', 'unknown');
  fc.assert(
    fc.property(path, names, fc.boolean(), kind, (home, parts, isStatic, kindOf) => {
      fc.pre(parts.join('.') !== '' && !home.includes('%'));
      const id = symbolId(home, parts, isStatic);
      expect(namedSymbolId(symbolIdParts(id) ?? { path: '', name: '', hash: '' })).toBe(id);
      const symbol = symbolText(id, kindOf) ?? '';
      const homes = new SymbolHomes();
      homes.add(symbol, home);
      expect(homes.identify(symbol)?.id).toBe(id);
    }),
    randomCases(),
  );
  const [homes, back] = [new SymbolHomes(), (id: string) => homes.identify(symbolText(id, null) ?? '')?.id];
  for (const id of ['external:lodash', 'external:node:fs#promises.readFile', 'external:a b#c'])
    expect(back(id)).toBe(id);
  for (const id of ['file:a.ts:x', 'import:a:b', 'class:X', 'test:suite:a']) expect(symbolText(id, null)).toBeNull();
});

it('what is defined in several files, in parts of one, and in namespaces goes by the names of the file', () => {
  const at = (line: number, symbol: string, symbolRoles: number, enclosingRange: number[] = []) => ({
    ...{ range: [line, 0, 3], symbol, symbolRoles, enclosingRange },
  });
  const own = (rest: string) => `scip-typescript npm shop 1 \`a.ts\`/${rest}`;
  const [first, second] = read({
    metadata: { toolInfo: { name: 't', version: '1' }, projectRoot: `file://${CI_ROOT}/packages/p` },
    documents: [
      {
        relativePath: 'a.ts',
        language: 'TypeScript',
        occurrences: [at(0, own('Space/'), 1), at(1, own('Space/x.'), 1, [1, 0, 3, 0])],
      },
      {
        relativePath: 'a.ts',
        symbols: [{ symbol: own('Space/x.'), documentation: ['```ts\nconst x\n```', 'what'], kind: 61 }],
      },
      {
        relativePath: 'b.ts',
        occurrences: [
          at(0, own('Space/x.'), 8),
          at(1, 'scip-typescript npm @types/a__b 1 i/x#', 0),
          at(2, 'local 1', 0),
        ],
      },
    ],
  });
  const [space, x] = [symbolId('packages/p/a.ts', ['Space']), symbolId('packages/p/a.ts', ['Space', 'x'])];
  expect(first?.path).toBe('packages/p/a.ts');
  expect(first?.symbols).toMatchObject([
    { id: space, name: 'Space' },
    { id: x, kind: 'variable', signature: 'const x', docstring: 'what', location: { line: 2, endLine: 3 } },
  ]);
  const edges = (told: ToldDocument | undefined) =>
    told?.relationships.map(({ type, fromEntityId, toEntityId }) => [type, fromEntityId, toEntityId]);
  expect(edges(first)).toEqual([
    ['DEFINES', 'file:packages/p/a.ts', space],
    ['CONTAINS', space, x],
  ]);
  expect(edges(second)).toEqual([
    ['READS', 'file:packages/p/b.ts', x],
    ['REFERENCES', 'file:packages/p/b.ts', 'external:@a/b#x'],
  ]);
});

it('the innermost extent is found as by looking at each of them', () => {
  const place = fc.tuple(fc.nat(6), fc.nat(4));
  const extents = fc.array(fc.tuple(place, place, fc.uuid()), { maxLength: 12 });
  const before = (a: readonly number[], b: readonly number[]) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
  fc.assert(
    fc.property(extents, fc.array(place, { maxLength: 12 }), (made, places) => {
      const all: Extent[] = made.map(([a, b, id]) =>
        before(a, b) <= 0 ? { id, from: a, to: b } : { id, from: b, to: a },
      );
      // As declarations do, they stand in one another or apart.
      const nested = all.filter((one, n) =>
        all.slice(0, n).every((other) => {
          const [left, right] = before(one.from, other.from) <= 0 ? [one, other] : [other, one];
          return (
            before(left.to, right.from) <= 0 || (before(right.to, left.to) < 0 && before(left.from, right.from) < 0)
          );
        }),
      );
      const slow = places.map((at) => {
        const around = nested.filter(({ from, to }) => before(from, at) <= 0 && before(at, to) < 0);
        return around.sort((a, b) => before(b.from, a.from))[0]?.id ?? null;
      });
      expect(innermost(nested, places)).toEqual(slow);
    }),
    randomCases(),
  );
});

const refused = (bytes: Uint8Array): string => {
  try {
    tellScip(readScip(sourceOfBytes(bytes)));
    return 'read';
  } catch (error) {
    if (SignalboxError.is(error)) return error.code;
    throw error;
  }
};

it('an index that is cut off, or says that it is longer than it is, is refused', () => {
  expect(refused(INDEX.subarray(0, INDEX.length - 3))).toBe('IMPORT_UNREADABLE');
  // A document of 2 GB, and one of more than there are numbers for.
  expect(refused(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x07]))).toBe('IMPORT_UNREADABLE');
  expect(refused(Buffer.from([0x12, ...Buffer.alloc(10, 0xff)]))).toBe('IMPORT_UNREADABLE');
  // Groups within groups, which the schema has none of.
  expect(refused(Buffer.alloc(100_000, 0x0b))).toBe('IMPORT_UNREADABLE');
  expect(refused(bytesOf({ documents: [{ relativePath: '../a.ts' }] }))).toBe('GRAPH_REPORT_PATH');
  expect(refused(bytesOf({ documents: [{ relativePath: 'a.ts', occurrences: [{ range: [1] }] }] }))).toBe(
    'IMPORT_UNREADABLE',
  );
  expect(refused(bytesOf({ documents: [{ relativePath: 'a.ts', occurrences: [{ range: [-1, 0, 0] }] }] }))).toBe(
    'IMPORT_UNREADABLE',
  );
  fc.assert(
    fc.property(fc.nat(INDEX.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(INDEX.length), (at, by, length) => {
      const changed = Buffer.from(INDEX);
      changed[at] = (changed[at] ?? 0) ^ by;
      const code = refused(changed.subarray(0, length));
      if (!['read', 'IMPORT_UNREADABLE', 'GRAPH_REPORT_PATH'].includes(code)) throw new Error(code);
    }),
    randomCases(),
  );
});

it('one that comes to more than the graph takes at once is refused', () => {
  const told = tellScip(readScip(sourceOfBytes(INDEX)));
  const size = told.flatMap(({ symbols, relationships }) => [...symbols, ...relationships]).length;
  expect(bounded(told, size)).toBe(told);
  expect(() => bounded(told, size - 1)).toThrow(`${size} entities and relationships`);
});

it('what is written as SCIP is read as that', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const range = fc.tuple(fc.nat(1_000), fc.nat(100), fc.nat(100)).map((parts) => [...parts]);
  const occurrence = {
    range,
    symbol: name,
    symbolRoles: fc.nat(63),
    enclosingRange: fc.oneof(range, fc.constant<number[]>([])),
  };
  const relationship = fc.record({ symbol: name, isImplementation: fc.boolean() });
  const symbol = fc.record({
    symbol: name,
    documentation: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 }),
    relationships: fc.array(relationship, { maxLength: 2 }),
    kind: fc.nat(80),
  });
  const document = fc.record({
    relativePath: name.map((one) => `${one}.ts`),
    language: name,
    occurrences: fc.array(fc.record(occurrence), { maxLength: 5 }),
    symbols: fc.array(symbol, { maxLength: 3 }),
  });
  const documents = fc.uniqueArray(document, { maxLength: 3, selector: ({ relativePath }) => relativePath });
  fc.assert(
    fc.property(documents, name, (all, tool) => {
      const expected: ScipIndex = { tool: `${tool} 1`, documents: all };
      const bytes = bytesOf({ metadata: { toolInfo: { name: tool, version: '1' } }, documents: all });
      expect(readScip(sourceOfBytes(bytes))).toEqual(expected);
    }),
    { numRuns: Math.ceil(randomCases().numRuns / 4) },
  );
});

it('a symbol that no tool writes, however long, is none', () => {
  for (const name of ['x'.repeat(20_000_000), `\`${'x'.repeat(20_000_000)}\``]) {
    expect(symbolParts(`scip npm shop 1 ${name}#`)).toBeNull();
    expect(symbolParts(`${name} npm shop 1 a#`)).toBeNull();
  }
});
