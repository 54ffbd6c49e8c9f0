import { expect, test } from 'vitest';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import {
  ENTITY_TYPES,
  entitySchema,
  isClassSymbol,
  isEntityOf,
  isFunctionSymbol,
  isInterfaceSymbol,
  isTypeAliasSymbol,
} from './entity.ts';
import { relationshipFactSchema, relationshipSchema } from './relationship.ts';
import { canonicalType, familyOf, RELATIONSHIP_FAMILIES, RELATIONSHIP_TYPES } from './relationship-type.ts';

const at = '2026-01-02T03:04:05.000Z';
const code = { path: 'a.ts', hash: 'h', language: 'typescript', lastModified: at, created: at };
const file = {
  ...code,
  id: 'file:a.ts',
  type: 'file',
  extension: '.ts',
  size: 1,
  lines: 1,
  isTest: false,
  isConfig: false,
  dependencies: [],
};
const symbol = {
  ...code,
  type: 'symbol',
  name: 'f',
  signature: 'f()',
  docstring: '',
  visibility: 'public',
  isExported: true,
  isDeprecated: false,
};
const named = (schema: unknown, input: unknown): unknown[] => {
  try {
    parseInput(schema as typeof entitySchema, input);
  } catch (error) {
    if (SignalboxError.is(error))
      return [error.code, (error.details.problems as { path: string }[]).map(({ path }) => path)];
    throw error;
  }
  return [];
};

test('47 types of relationship, each in one family, each with a variant (KG-031…035)', () => {
  expect([RELATIONSHIP_TYPES.length, new Set(RELATIONSHIP_TYPES).size]).toEqual([47, 47]);
  expect(Object.values(RELATIONSHIP_FAMILIES).map((types) => types.length)).toEqual([4, 12, 2, 3, 6, 7, 3, 2, 1, 6, 1]);
  const needed: Record<string, object> = {
    session: { sessionId: 's', timestamp: at, sequenceNumber: 1 },
    performance: { metricId: 'm' },
    coverage: { coverage: { lines: 1, branches: 1, functions: 1, statements: 1 }, runId: 'r' },
    checkpoint: { checkpointId: 'c', hopDistance: 0 },
  };
  for (const type of RELATIONSHIP_TYPES) {
    const fact = { type, fromEntityId: 'a', toEntityId: 'b', ...needed[familyOf(type) ?? ''] };
    expect(relationshipFactSchema.parse(fact)).toMatchObject({ type });
    const stored = { ...fact, id: 'rel_1', created: at, lastModified: at, version: 1 };
    expect(relationshipSchema.parse(stored)).toMatchObject({ type, created: new Date(at) });
  }
});

test('families: the retired USES is code, a name that there is not is of none (KG-032, KG-033)', () => {
  expect(['USES', 'CALLS', 'OF', 'COVERAGE_PROVIDES', 'CHECKPOINT_INCLUDES', 'uses', null].map(familyOf)).toEqual([
    'code',
    'code',
    'temporal',
    'coverage',
    'checkpoint',
    null,
    null,
  ]);
  expect([canonicalType('USES'), canonicalType('CALLS')]).toEqual(['TYPE_USES', 'CALLS']);
});

test('entities are read with their dates, and refused with the path of what is wrong (KG-025)', () => {
  expect(entitySchema.parse(file)).toMatchObject({ created: new Date(at) });
  expect(entitySchema.parse(JSON.parse(JSON.stringify(entitySchema.parse(file))))).toEqual(entitySchema.parse(file));
  expect(entitySchema.parse({ ...file, created: '2026-01-02T05:04:05+02:00' })).toMatchObject({
    created: new Date(at),
  });
  expect(named(entitySchema, { ...file, type: 'planet' })).toEqual(['VALIDATION_FAILED', ['type']]);
  expect(named(entitySchema, { ...file, size: undefined })).toEqual(['VALIDATION_FAILED', ['size']]);
  expect(named(entitySchema, { ...file, created: 'yesterday' })).toEqual(['VALIDATION_FAILED', ['created']]);
  expect(named(entitySchema, { ...file, created: new Date(Number.NaN) })).toEqual(['VALIDATION_FAILED', ['created']]);
  expect(named(entitySchema, { ...file, colour: 'red' })).toEqual(['UNKNOWN_FIELD', ['']]);
  const odd = { ...symbol, id: 's', kind: 'variable', visibility: 'hidden' };
  expect(named(entitySchema, odd)).toEqual(['VALIDATION_FAILED', ['visibility']]);
  expect(named(relationshipFactSchema, { type: 'CALLS', fromEntityId: 'a', toEntityId: '' })).toEqual([
    'VALIDATION_FAILED',
    ['toEntityId'],
  ]);
});

test('15 types of entity; a guard for each, and for each kind of symbol that has fields of its own (KG-002, KG-023)', () => {
  expect(new Set(ENTITY_TYPES).size).toBe(15);
  const made = entitySchema.parse(file);
  for (const type of ENTITY_TYPES) {
    expect(isEntityOf(made, type)).toBe(type === 'file');
    expect(isEntityOf(null, type)).toBe(false);
    expect(isEntityOf(undefined, type)).toBe(false);
  }
  const kinds = [
    {
      kind: 'function',
      parameters: [],
      returnType: 'void',
      isAsync: false,
      isGenerator: false,
      complexity: 1,
      calls: [],
    },
    { kind: 'class', extends: [], implements: [], methods: [], properties: [], isAbstract: false },
    { kind: 'interface', extends: [], methods: [], properties: [] },
    { kind: 'typeAlias', aliasedType: 'A', isUnion: false, isIntersection: false },
    { kind: 'method' },
  ].map((own, n) => entitySchema.parse({ ...symbol, id: `s${n}`, ...own }));
  const guards = [isFunctionSymbol, isClassSymbol, isInterfaceSymbol, isTypeAliasSymbol];
  expect(kinds.map((made) => guards.map((guard) => guard(made)))).toEqual([
    [true, false, false, false],
    [false, true, false, false],
    [false, false, true, false],
    [false, false, false, true],
    [false, false, false, false],
  ]);
  expect(guards.map((guard) => guard(null))).toEqual([false, false, false, false]);
});
