import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { anchorName, docIntentName, docSourceName, domainPath, environmentName, metricName } from './names.ts';
import { legacyStructuralId, relationshipId } from './relationship-id.ts';
import { targetKey } from './target-key.ts';

test('scenario 8: target keys', () => {
  const ids = [
    'sym:src/a.ts#Foo@ab12',
    'file:src/a.ts',
    'file:src/a.ts:Foo',
    'external:lodash',
    'typeAlias:T',
    'import:./x:Foo',
    'entity-1',
    'file:',
  ];
  expect(ids.map((toEntityId) => targetKey({ toEntityId }))).toEqual([
    'ENT:sym:src/a.ts#Foo@ab12',
    'ENT:file:src/a.ts',
    'FS:src/a.ts:Foo',
    'EXT:lodash',
    'KIND:typeAlias:T',
    'IMP:./x:Foo',
    'RAW:entity-1',
    'RAW:file:',
  ]);
});

test('a reference counts before the id, wherever it stands (KG-120, KG-121)', () => {
  const ref = { kind: 'fileSymbol', file: 'a.ts', name: 'f' };
  const keys = [
    { toRef: ref },
    { metadata: { toRef: ref } },
    { toRef: { kind: 'entity', id: 'E' } },
    { toRef: { kind: 'external', name: 'x' } },
    { toRef: { kind: 'entity' } },
  ].map((edge) => targetKey({ toEntityId: 'external:y', ...edge }));
  expect(keys).toEqual(['FS:a.ts:f', 'FS:a.ts:f', 'ENT:E', 'EXT:x', 'EXT:y']);
});

test('scenario 9: structural ids, and what they were', () => {
  const imports = relationshipId({ type: 'IMPORTS', fromEntityId: 'F', toEntityId: 'file:src/b.ts' });
  expect(imports).toBe('time-rel_320cd10e9895dcd079d9c7fd4097b5088ed8cfa5');
  expect(legacyStructuralId(imports, 'IMPORTS')).toBe('rel_320cd10e9895dcd079d9c7fd4097b5088ed8cfa5');
  expect(legacyStructuralId('rel_1', 'IMPORTS')).toBe('rel_1');
  const tests = relationshipId({ type: 'TESTS', fromEntityId: 'F', toEntityId: 'X' });
  expect(tests).toBe('rel_63401d71ca6c53863b76854e24792860e73bff86');
  expect(legacyStructuralId(tests, 'TESTS')).toBe(null);
});

test('scenario 10: one event of a session is one edge for each of its entities', () => {
  const edge = (sessionId: string, sequenceNumber: unknown, toEntityId = 'X') =>
    relationshipId({ type: 'SESSION_MODIFIED', fromEntityId: 'S', toEntityId, sessionId, sequenceNumber });
  expect(edge(' S-1 ', '3.9')).toBe(edge('s-1', 3));
  expect(edge('s-1', 3)).toMatch(/^rel_session_[0-9a-f]{40}$/);
  expect(edge('s-1', 3, 'Y')).not.toBe(edge('s-1', 3));
  const ofSource = createHash('sha1').update('s-1|3|SESSION_MODIFIED').digest('hex');
  expect(ofSource).toBe('84a1e9b6a09fc8e89e1ad7bc9f9f5d6db6642241');
  expect(edge('s-1', 3)).not.toContain(ofSource);
});

test('scenario 11: performance edges by metric, environment and scenario', () => {
  const id = relationshipId({
    type: 'PERFORMANCE_REGRESSION',
    fromEntityId: 'F',
    toEntityId: 'T',
    metricId: 'API/Latency P95',
    environment: 'Production',
    scenario: ' Cold Start ',
  });
  expect(id).toBe('rel_perf_3bd0835c76bd914326da1442a915b77bb8c8a0b4');
});

test('scenario 12: documentation edges', () => {
  const id = (edge: object) => relationshipId({ fromEntityId: 'F', toEntityId: 'D', ...edge });
  expect([
    id({ type: 'DOCUMENTED_BY', sectionAnchor: '## Getting Started!', source: 'Parser', docVersion: ' v1 ' }),
    id({ type: 'GOVERNED_BY', policyType: 'adr' }),
    id({ type: 'DOCUMENTS_SECTION' }),
    id({ type: 'DESCRIBES_DOMAIN', domainPath: 'Commerce > Billing > Invoices', taxonomyVersion: 't1' }),
  ]).toEqual([
    'rel_cb1770c457e6de6ffad00dc22e79898d5e1d0e5f',
    'rel_937806b69d00a695a8fcd05beeea939bfdaaf551',
    'rel_88c74446b2c37c9965564a773f72602ca5cc1b2d',
    'rel_527ec4d42b3be0f1a066a3d74132b4348495c6da',
  ]);
  const inMetadata = { metadata: { anchor: 'getting started', source: 'parser', docVersion: 'v1' } };
  expect(id({ type: 'DOCUMENTED_BY', ...inMetadata })).toBe('rel_cb1770c457e6de6ffad00dc22e79898d5e1d0e5f');
});

test('scenario 13: environments', () => {
  const given = [
    'Production',
    'prod-eu',
    'production eu',
    'Staging-2',
    'Perf Lab',
    'qa_1',
    'TESTING',
    'develop',
    'local-1',
    'canary',
    ' ',
    5,
  ];
  expect(given.map(environmentName)).toEqual([
    'prod',
    'prod-eu',
    'production-eu',
    'staging',
    'perf-lab',
    'qa',
    'test',
    'dev',
    'local-1',
    'canary',
    'unknown',
    'unknown',
  ]);
});

test('names that are written in several ways are one (KG-127…129, KG-170)', () => {
  expect(['***', 'x (ms)', '/a//b/', 7, 'p95'].map(metricName)).toEqual(['unknown', 'x-ms', 'a/b', 'unknown', 'p95']);
  expect(['', '###', 'A  B?!', undefined].map(anchorName)).toEqual(['_root', '_root', 'a-b', '_root']);
  expect(domainPath(' /A > B/C d/ ')).toBe('a/b/c/d');
  expect(['LLM', 'odd', '', null].map(docSourceName)).toEqual(['llm', 'other', '', '']);
  expect([docIntentName('Mixed', 'GOVERNED_BY'), docIntentName('odd', 'DOCUMENTED_BY')]).toEqual([
    'mixed',
    'ai-context',
  ]);
});

test('no two different edges have one id, whatever their ids are made of (KG-131)', () => {
  const part = fc.stringMatching(/^[a|%7C25]{0,6}$/);
  fc.assert(
    fc.property(part, part, part, part, (a, b, c, d) => {
      const id = (fromEntityId: string, toEntityId: string) =>
        relationshipId({ type: 'TESTS', fromEntityId, toEntityId });
      expect(id(a, b) === id(c, d)).toBe(a === c && b === d);
    }),
    randomCases(),
  );
});
