import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { relationshipId } from '../identity/relationship-id.ts';
import { targetKey } from '../identity/target-key.ts';
import { relationshipFactSchema } from '../vocabulary/relationship.ts';
import { RELATIONSHIP_FAMILIES } from '../vocabulary/relationship-type.ts';
import { normaliseEdge } from './normalise-edge.ts';
import type { EdgeProblem } from './raw-edge.ts';

const call = (more: object) => normaliseEdge({ type: 'CALLS', fromEntityId: 'A', toEntityId: 'B', ...more });
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

test('scenario 1: everything that a call says comes to its place', () => {
  const metadata = {
    path: 'src/a.ts',
    line: 10,
    column: 4,
    source: 'ts',
    kind: 'call',
    callee: 'helper',
    arity: 2,
    note: 'x',
  };
  const raw = {
    type: 'CALLS',
    fromEntityId: 'sym:src/a.ts#main@1111',
    toEntityId: 'file:src/b.ts:helper',
    strength: 1.4,
    metadata,
  };
  const edge = normaliseEdge(raw);
  const location = { path: 'src/a.ts', line: 10, column: 4 };
  expect(edge).toEqual({
    type: 'CALLS',
    fromEntityId: 'sym:src/a.ts#main@1111',
    toEntityId: 'file:src/b.ts:helper',
    kind: 'call',
    arity: 2,
    callee: 'helper',
    source: 'type-checker',
    confidence: 1,
    active: true,
    context: 'src/a.ts:10',
    location,
    siteId: 'site_61020518bbdf',
    siteHash: 'sh_0a17ce72947b349c',
    sites: ['site_61020518bbdf'],
    evidence: [{ source: 'type-checker', confidence: 1, location, note: 'x' }],
    toRefKind: 'fileSymbol',
    toRefFile: 'src/b.ts',
    toRefSymbol: 'helper',
    toRefName: 'helper',
    fromRefKind: 'fileSymbol',
    fromRefFile: 'src/a.ts',
    fromRefSymbol: 'main',
    fromRefName: 'main',
    metadata,
  });
  expect(targetKey(edge)).toBe('FS:src/b.ts:helper');
  expect(relationshipId(edge)).toBe('rel_12e2c2d4b7b33fc2aaecc05f73263469d6dce024');
  expect(relationshipFactSchema.parse(edge)).toMatchObject({ arity: 2 });
});

test('scenario 2: USES is TYPE_USES, also in the id of the raw edge', () => {
  const raw = { type: 'USES', fromEntityId: 'file:src/a.ts', toEntityId: 'external:lodash' };
  const edge = normaliseEdge(raw);
  expect(edge).toEqual({
    type: 'TYPE_USES',
    fromEntityId: 'file:src/a.ts',
    toEntityId: 'external:lodash',
    kind: 'type',
    active: true,
    evidence: [{ source: 'ast' }],
    toRefKind: 'external',
    toRefName: 'lodash',
    fromRefKind: 'entity',
    siteHash: 'sh_f612839e00bf1b32',
    metadata: {},
  });
  expect(relationshipId(edge)).toBe('rel_46e866bfb5ad4af8d3f654aa968b74751f3c4fc3');
  expect(relationshipId(raw)).toBe(relationshipId(edge));
});

test('scenario 3: the default kind is there before the site is hashed', () => {
  const location = { path: 'p.ts', line: 3 };
  for (const edge of [call({ location }), call({ location, kind: 'call' })]) {
    expect(edge).toMatchObject({ siteId: 'site_245a85b9c964', siteHash: 'sh_e4b185eefd653b4b' });
  }
});

test('scenario 5: cleans before it merges, bounds, invents no position, and changes nothing the second time', () => {
  const raw = {
    type: 'CALLS',
    fromEntityId: 'A',
    toEntityId: 'B',
    source: 'TC',
    confidence: 1.7,
    location: { path: ' src/a.ts ', line: null, column: '' },
    evidence: [
      { source: 'ts', location: { path: 'p', line: 2 } },
      { source: 'type-checker', location: { path: 'p', line: 2 } },
      { source: 'ast', location: { path: 'p', line: 1 } },
    ],
  };
  const before = structuredClone(raw);
  const edge = normaliseEdge(raw);
  expect(edge).toMatchObject({ confidence: 1, location: { path: 'src/a.ts' } });
  expect(edge).not.toHaveProperty('siteId');
  expect(edge.evidence).toEqual([
    { source: 'type-checker', location: { path: 'p', line: 2 } },
    { source: 'ast', location: { path: 'p', line: 1 } },
  ]);
  expect(normaliseEdge(edge)).toEqual(edge);
  expect(raw).toEqual(before);
});

test('scenario 6: positions are whole and not below 0, counts are numbers or not there', () => {
  const edge = call({
    location: { line: 2.5, column: -3 },
    occurrencesScan: '3.7',
    occurrencesTotal: -2,
    occurrencesRecent: '1.5',
  });
  expect(edge).toMatchObject({
    location: { line: 3, column: 0 },
    occurrencesScan: 3,
    occurrencesTotal: 0,
    occurrencesRecent: 1.5,
  });
  expect(call({ occurrencesScan: 'many' })).not.toHaveProperty('occurrencesScan');
});

test('scenario 7: twenty of each, and a note of 2,000', () => {
  const edge = call({
    evidence: many(25, (line) => ({ source: 'ast', location: { path: 'a', line }, note: 'x'.repeat(3_000) })),
    locations: many(25, (line) => ({ path: 'a', line })),
  }) as { evidence: { note: string }[]; locations: unknown[] };
  expect([edge.evidence.length, edge.locations.length, edge.evidence[0]?.note.length]).toEqual([20, 20, 2_000]);
});

test('what metadata knows comes up only where the edge itself says nothing usable (KG-101, KG-108)', () => {
  const edge = call({
    arity: null,
    awaited: false,
    confidence: 'high',
    location: { line: 7 },
    metadata: {
      arity: 3,
      awaited: true,
      confidence: '0.25',
      path: 'a.ts',
      line: 1,
      param: 'p',
      evidence: [],
      locations: [],
    },
  });
  expect(edge).toMatchObject({
    arity: 3,
    awaited: false,
    confidence: 0.25,
    paramName: 'p',
    location: { path: 'a.ts', line: 7 },
    context: 'a.ts:7',
    metadata: { arity: 3, param: 'p' },
  });
  expect(edge.metadata).not.toHaveProperty('evidence');
});

test('keeps the newest twenty sites and counts the others (KG-073)', () => {
  const edge = call({ sites: many(25, (n) => `old-${n}`), siteId: 'old-3' });
  expect((edge.sites as string[]).at(-1)).toBe('old-3');
  expect(edge).toMatchObject({ sitesDropped: 5 });
  expect(edge.sites).toHaveLength(20);
});

test('a reference that changed its kind leaves nothing of the old one behind (KG-115)', () => {
  const first = call({ toRef: { kind: 'fileSymbol', file: 'a.ts', symbol: 'f' } });
  const second = normaliseEdge({ ...first, toRef: { kind: 'external', name: 'lodash' } });
  expect(second).toMatchObject({ toRefKind: 'external', toRefName: 'lodash' });
  expect(second).not.toHaveProperty('toRefFile');
});

test('tells what it left out, and keeps the rest (KG-116)', () => {
  const problems: EdgeProblem[] = [];
  const raw = {
    type: 'CALLS',
    fromEntityId: 'A',
    toEntityId: 'B',
    toRef: { kind: 'odd' },
    location: { path: '../x', line: 1 },
  };
  const edge = normaliseEdge(raw, (problem) => problems.push(problem));
  expect(problems.map(({ edge, field }) => [edge, field])).toEqual([
    ['A CALLS B', 'location.path'],
    ['A CALLS B', 'toRef'],
  ]);
  expect(edge).toMatchObject({ location: { line: 1 }, kind: 'call' });
});

test('an edge that is not of the code stays as it is (KG-100)', () => {
  const edge = { type: 'IMPORTS', fromEntityId: 'F', toEntityId: 'file:b', strength: 3, metadata: { evidence: [1] } };
  expect(normaliseEdge(edge)).toEqual(edge);
});

describe('whatever comes in (KG-117)', () => {
  const junk = fc.jsonValue({ maxDepth: 2 });
  const location = fc.oneof(
    junk,
    fc.record(
      {
        path: fc.oneof(junk, fc.stringMatching(/^[./\\ a:\n]{0,8}$/)),
        line: fc.oneof(junk, fc.double()),
        column: fc.oneof(junk, fc.integer()),
      },
      { requiredKeys: [] },
    ),
  );
  const evidence = fc.oneof(
    junk,
    fc.array(
      fc.oneof(
        junk,
        fc.record({
          source: fc.oneof(junk, fc.constantFrom('ts', 'ast', ' AST', 'heuristic', 'odd')),
          location,
          confidence: fc.oneof(junk, fc.double({ min: -1, max: 2 })),
          note: fc.oneof(junk, fc.string()),
        }),
      ),
      { maxLength: 30 },
    ),
  );
  const fields = {
    source: fc.oneof(junk, fc.constantFrom('ts', 'checker', ' lsp ')),
    confidence: fc.oneof(junk, fc.double()),
    strength: fc.oneof(junk, fc.double()),
    kind: junk,
    accessPath: junk,
    location,
    evidence,
    locations: fc.oneof(junk, fc.array(location, { maxLength: 25 })),
    sites: fc.oneof(junk, fc.array(fc.string({ maxLength: 2 }), { maxLength: 30 })),
    siteId: fc.oneof(junk, fc.string({ maxLength: 2 })),
    sitesDropped: junk,
    context: junk,
    active: junk,
    occurrencesTotal: fc.oneof(junk, fc.double()),
    toRef: fc.oneof(
      junk,
      fc.record({ kind: fc.constantFrom('entity', 'fileSymbol', 'external', 'odd'), name: junk, file: junk }),
    ),
    toRefName: junk,
  };
  const rawEdge = fc.record(
    {
      type: fc.constantFrom(...RELATIONSHIP_FAMILIES.code, 'USES'),
      fromEntityId: fc.oneof(junk, fc.constantFrom('sym:a#b@c', 'file:a', 'x')),
      toEntityId: fc.oneof(junk, fc.constantFrom('sym:a#b', 'file:a:b', 'external:x')),
      ...fields,
      metadata: fc.oneof(junk, fc.record({ ...fields, path: junk, line: junk, param: junk }, { requiredKeys: [] })),
    },
    { requiredKeys: ['type'] },
  );

  test('it throws nothing, changes nothing, and a second time it has nothing to do', () => {
    fc.assert(
      fc.property(rawEdge, (raw) => {
        const before = structuredClone(raw);
        const once = normaliseEdge(raw);
        const evidenceCount = (once.evidence as unknown[]).length;
        expect(normaliseEdge(once)).toEqual(once);
        expect(raw).toEqual(before);
        expect(evidenceCount).toBeGreaterThanOrEqual(1);
        expect(evidenceCount).toBeLessThanOrEqual(20);
        expect(relationshipId(once)).toMatch(/^rel_[0-9a-f]{40}$/);
      }),
      randomCases(),
    );
  });

  test('any JSON at all comes through', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
        const once = normaliseEdge(raw);
        expect(normaliseEdge(once)).toEqual(once);
        expect(relationshipId(raw)).toMatch(/_[0-9a-f]{40}$/);
      }),
      randomCases(),
    );
  });
});
