import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { firstBackend, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { assessRisk, severityOf } from './assess-risk.ts';

const T = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const edge = (type: string, fromEntityId: string, toEntityId: string, more: object = {}) => ({
  type,
  fromEntityId,
  toEntityId,
  ...more,
});
const symbol = (id: string, isExported: boolean) => ({
  id,
  type: 'symbol',
  kind: 'variable',
  name: id,
  path: 'a.ts',
  hash: id,
  language: 'typescript',
  lastModified: T(0),
  created: T(0),
  signature: '',
  docstring: '',
  visibility: 'public',
  isExported,
  isDeprecated: false,
});

let db: TestDatabase;
let knowledge: Knowledge;
let projectId: string;
beforeAll(async () => {
  db = await firstBackend().open();
  const clock = { ...systemClock, now: () => new Date(T(60)) };
  knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
  projectId = await insertTestProject(db.database);
  const relationships = [
    edge('CALLS', 'A', 'B', { confidence: 0.5 }),
    edge('CALLS', 'B', 'C'),
    edge('CALLS', 'C', 'A', { confidence: 0.5 }),
    edge('CALLS', 'B', 'D', { validFrom: T(1), validTo: T(2), confidence: 0.8 }),
    edge('TESTS', 'T', 'B'),
    edge('DOCUMENTED_BY', 'B', 'doc'),
    edge('IMPLEMENTS_SPEC', 'A', 'spec', { impactLevel: 'high', metadata: { acceptanceCriteriaIds: ['ac-1'] } }),
  ];
  const entities = [symbol('B', true), symbol('C', false)];
  await knowledge.ingest(projectId, { units: [{ unit: 'u', relationships, entities }], at: T(0) }, 'ann');
});
afterAll(() => db.close());

const idsOf = (entities: readonly { id: string }[]) => entities.map(({ id }) => id);

test('scenario 25: deleting D reaches B, by way of that A and C, and the test of B; of D itself nothing is said', async () => {
  const changes = [{ entityId: 'D', changeType: 'delete' as const }];
  const impact = await knowledge.impact(projectId, { changes, includeIndirect: true, at: T(1) });
  expect(impact.directImpact.map(({ entities, severity }) => [idsOf(entities), severity])).toEqual([[['B'], 'high']]);
  expect(
    impact.cascadingImpact.map(({ level, entities, relationship, confidence }) => [
      level,
      idsOf(entities),
      relationship,
      confidence,
    ]),
  ).toEqual([
    [2, ['A'], 'CALLS', expect.closeTo(0.4, 5)],
    [3, ['C'], 'CALLS', expect.closeTo(0.2, 5)],
  ]);
  expect([impact.totalAffectedEntities, impact.riskLevel]).toEqual([3, 'high']);
  expect(idsOf(impact.testImpact.affectedTests)).toEqual(['T']);
  expect(idsOf(impact.specImpact.relatedSpecs)).toEqual(['spec']);
  expect(impact.deploymentGate).toMatchObject({ blocked: false, level: 'advisory' });
  expect(impact.recommendations[0]).toMatchObject({ priority: 'immediate', type: 'requirement', actions: ['T'] });
  const after = await knowledge.impact(projectId, { changes, includeIndirect: true, at: T(2) });
  expect([after.totalAffectedEntities, after.riskLevel, after.directImpact]).toEqual([0, 'low', []]);
});

test('without the indirect ones, only what depends on it at once; its tests and documents have to follow', async () => {
  const changes = [{ entityId: 'B', changeType: 'rename' as const, newName: 'B2' }];
  const { directImpact, cascadingImpact, testImpact, documentationImpact } = await knowledge.impact(projectId, {
    changes,
  });
  expect(directImpact).toMatchObject([{ entities: [{ id: 'A' }], severity: 'high' }]);
  expect(cascadingImpact).toEqual([]);
  expect(idsOf(testImpact.requiredUpdates)).toEqual(['T']);
  expect(testImpact.untestedShare).toBe(0.5);
  expect(idsOf(documentationImpact.staleDocs)).toEqual(['doc']);
});

test('KG-272, KG-274: what breaks names the documents and criteria that have to follow, and each specification is counted once', async () => {
  const spec = (id: string, status: string, priority: string) => ({
    ...{ id, type: 'spec', path: '', hash: id, language: 'text', lastModified: T(0), created: T(0), updated: T(0) },
    ...{ title: `Title of ${id}`, description: '', acceptanceCriteria: ['a'], status, priority, tags: ['t'] },
  });
  const terms = { acceptanceCriteriaIds: ['ac-1', 'ac-2'], ownerTeam: 'billing', rationale: 'sums', confidence: 0.5 };
  const relationships = [
    edge('IMPLEMENTS_SPEC', 'P', 'S1', { impactLevel: 'low', metadata: terms }),
    edge('IMPLEMENTS_SPEC', 'Q', 'S1', { impactLevel: 'critical', metadata: { acceptanceCriteriaId: 'ac-2' } }),
    edge('IMPACTS', 'S2', 'P', { priority: 'medium', metadata: { acceptanceCriteriaIds: 'nonsense', ownerTeam: 7 } }),
    edge('REQUIRES', 'Q', 'S3', { priority: 'high' }),
    edge('CALLS', 'Q', 'P'),
    edge('DOCUMENTED_BY', 'P', 'docP'),
  ];
  const entities = [spec('S1', 'approved', 'high'), spec('S2', 'deprecated', 'low'), symbol('P', true)];
  await knowledge.ingest(projectId, { units: [{ unit: 's', relationships, entities }], at: T(0) }, 'ann');
  const changes = [{ entityId: 'P', changeType: 'delete' as const }];
  const { specImpact, documentationImpact, directImpact } = await knowledge.impact(projectId, { changes });
  expect(directImpact).toMatchObject([{ entityId: 'P', entities: [{ id: 'Q' }], severity: 'high' }]);
  expect(idsOf(documentationImpact.requiredUpdates)).toEqual(['docP']);
  expect(specImpact.relatedSpecs).toMatchObject([
    {
      ...{ specId: 'S1', status: 'approved', priority: 'high', impactLevel: 'critical', ownerTeams: ['billing'] },
      spec: { title: 'Title of S1', tags: ['t'], assignee: null },
      acceptanceCriteriaIds: ['ac-1', 'ac-2'],
      relationships: [
        { fromEntityId: 'P', impactLevel: 'low', rationale: 'sums', confidence: 0.5 },
        { fromEntityId: 'Q', acceptanceCriteriaIds: ['ac-2'] },
      ],
    },
    { specId: 'S2', priority: 'low', impactLevel: null, ownerTeams: [], acceptanceCriteriaIds: [] },
    { specId: 'S3', spec: null, status: 'unknown', priority: 'high' },
  ]);
  expect(specImpact.requiredUpdates).toMatchObject([{ specId: 'S1', acceptanceCriteriaIds: ['ac-1', 'ac-2'] }]);
  expect(specImpact.summary).toEqual({
    byPriority: { critical: 0, high: 2, medium: 0, low: 1 },
    byImpactLevel: { critical: 1, high: 0, medium: 0, low: 0 },
    statuses: { draft: 0, approved: 1, implemented: 0, deprecated: 1, unknown: 1 },
    acceptanceCriteriaReferences: 2,
    pendingSpecs: 1,
  });
  const modified = await knowledge.impact(projectId, { changes: [{ entityId: 'P', changeType: 'modify' }] });
  expect([modified.specImpact.requiredUpdates, modified.documentationImpact.requiredUpdates]).toEqual([[], []]);
});

test('several changes: none of them counts as affected by another', async () => {
  const changes = ['B', 'C'].map((entityId) => ({ entityId, changeType: 'modify' as const }));
  const impact = await knowledge.impact(projectId, { changes, includeIndirect: true });
  expect([impact.totalAffectedEntities, impact.riskLevel]).toEqual([1, 'medium']);
});

test('a rename says the new name, and what nobody knows is refused', async () => {
  const codeOf = (changes: { entityId: string; changeType: 'modify' | 'rename' }[]) =>
    knowledge.impact(projectId, { changes }).then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );
  expect(await codeOf([{ entityId: 'B', changeType: 'rename' }])).toBe('VALIDATION_FAILED');
  expect(await codeOf([])).toBe('VALIDATION_FAILED');
  expect(await codeOf([{ entityId: 'nobody', changeType: 'modify' }])).toBe('GRAPH_ENTITY_NOT_FOUND');
});

test('severity and risk are as KG-276 says', () => {
  const of = (changeType: 'modify' | 'delete' | 'rename', exported: boolean | null, signatureChange = false) =>
    severityOf({ changeType, signatureChange }, exported);
  expect([of('delete', false), of('modify', false, true), of('rename', true)]).toEqual(['high', 'high', 'high']);
  expect([of('modify', true), of('modify', null), of('rename', false), of('modify', false)]).toEqual([
    'medium',
    'medium',
    'low',
    'low',
  ]);
  expect([assessRisk('high', 19), assessRisk('high', 20), assessRisk('low', 20), assessRisk('high', 0)]).toEqual([
    'high',
    'critical',
    'medium',
    'low',
  ]);
  expect(assessRisk('medium', 3, { critical: 1, high: 3, medium: 1 })).toBe('high');
});
