import {
  analyseDependenciesSchema,
  definitionSchema,
  dependencyAnalysisSchema,
  entityImportsSchema,
  entitySessionsQuerySchema,
  filteredRelationshipsSchema,
  filterRelationshipsSchema,
  findExamplesSchema,
  foundRelationshipsSchema,
  moduleChildrenSchema,
  moduleHistoryQuerySchema,
  moduleHistorySchema,
  performanceHistorySchema,
  relationshipQuerySchema,
  sessionChangesQuerySchema,
  sessionChangesSchema,
  sessionEventsQuerySchema,
  sessionImpactsSchema,
  sessionsAffectingSchema,
  sessionTimelineSchema,
  usageExamplesSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryBoolean, queryText } from './query-values.ts';

const common = { tag: 'graph', role: 'viewer', bodyCheckedByRoom: true } as const;
const ofEntity = z.strictObject({ id: queryText.min(1).max(2_000).describe('Id of the entity.') });

export const queryGraphRelationships = operation({
  ...common,
  id: 'queryGraphRelationships',
  method: 'POST',
  path: '/graph/relationships/query',
  summary: 'Relationships of which all that is asked holds',
  description:
    'Several values of one parameter are alternatives; bounds are inclusive; what lacks a field fails a filter on it. Without `at`, `since`, `until` or `active`: what holds now.',
  body: relationshipQuerySchema,
  answer: { status: 200, about: 'The relationships, by id.', schema: foundRelationshipsSchema },
  example: { type: ['CALLS', 'REFERENCES'], toEntityId: 'file:src/tax.ts:rate', confidenceMin: 0.5 },
});

export const filterGraphRelationships = operation({
  ...common,
  id: 'filterGraphRelationships',
  method: 'POST',
  path: '/graph/relationships/around',
  summary: 'Relationships around an entity, by type, way, distance and weight',
  body: filterRelationshipsSchema,
  answer: { status: 200, about: 'Each once, the nearest first.', schema: filteredRelationshipsSchema },
  example: { entityId: 'file:src/tax.ts:rate', directions: ['incoming'], depths: [1, 2], weights: { min: 0.5 } },
});

export const getGraphModuleChildren = operation({
  ...common,
  id: 'getGraphModuleChildren',
  method: 'GET',
  path: '/graph/modules/children',
  summary: 'What a module, file or directory contains',
  query: z.strictObject({ path: queryText.min(1).max(2_000).describe('Its path, or its id.') }),
  answer: { status: 200, about: 'By path, then by name.', schema: moduleChildrenSchema },
});

export const getGraphModuleHistory = operation({
  ...common,
  id: 'getGraphModuleHistory',
  method: 'POST',
  path: '/graph/modules/history',
  summary: 'What a module was, and what it led to and what led to it',
  body: moduleHistoryQuerySchema,
  answer: { status: 200, about: 'Its versions, and its relationships with their times.', schema: moduleHistorySchema },
  example: { modulePath: 'src/tax.ts' },
});

export const getGraphImports = operation({
  ...common,
  id: 'getGraphImports',
  method: 'GET',
  path: '/graph/entity/imports',
  summary: 'What an entity imports',
  query: ofEntity,
  answer: { status: 200, about: 'Its imports; without a target where that is not found.', schema: entityImportsSchema },
});

export const getGraphDefinition = operation({
  ...common,
  id: 'getGraphDefinition',
  method: 'GET',
  path: '/graph/entity/definition',
  summary: 'By what a symbol is defined',
  query: ofEntity,
  answer: { status: 200, about: 'What defines it; null where nobody knows.', schema: definitionSchema },
});

export const getGraphEntitySessions = operation({
  ...common,
  id: 'getGraphEntitySessions',
  method: 'POST',
  path: '/graph/entity/sessions',
  summary: 'Which sessions touched an entity',
  body: entitySessionsQuerySchema,
  answer: { status: 200, about: 'The sessions, by id.', schema: sessionsAffectingSchema },
  example: { entityId: 'file:src/tax.ts:rate' },
});

export const getGraphSessionTimeline = operation({
  ...common,
  id: 'getGraphSessionTimeline',
  method: 'POST',
  path: '/graph/sessions/timeline',
  summary: 'What the graph knows of what a session did',
  body: sessionEventsQuerySchema,
  answer: { status: 200, about: 'Its events in their order, with a summary of all.', schema: sessionTimelineSchema },
  example: { sessionId: '0197a1b2-0000-7000-8000-000000000000' },
});

export const getGraphSessionChanges = operation({
  ...common,
  id: 'getGraphSessionChanges',
  method: 'POST',
  path: '/graph/sessions/changes',
  summary: 'What a session changed, with the versions of entities that came of it',
  body: sessionChangesQuerySchema,
  answer: { status: 200, about: 'The changes, in the order of the journal.', schema: sessionChangesSchema },
  example: { sessionId: '0197a1b2-0000-7000-8000-000000000000' },
});

export const getGraphSessionImpacts = operation({
  ...common,
  id: 'getGraphSessionImpacts',
  method: 'POST',
  path: '/graph/sessions/impacts',
  summary: 'Which entities a session touched',
  body: sessionEventsQuerySchema,
  answer: { status: 200, about: 'The entities, by id.', schema: sessionImpactsSchema },
  example: { sessionId: '0197a1b2-0000-7000-8000-000000000000', impactSeverity: ['high', 'critical'] },
});

export const analyseGraphDependencies = operation({
  ...common,
  id: 'analyseGraphDependencies',
  method: 'POST',
  path: '/graph/dependencies',
  summary: 'What an entity depends on, what depends on it, and the circle that it is part of',
  body: analyseDependenciesSchema,
  answer: { status: 200, about: 'Its dependencies.', schema: dependencyAnalysisSchema },
  example: { entityId: 'file:src/bill.ts:total' },
});

export const findGraphExamples = operation({
  ...common,
  id: 'findGraphExamples',
  method: 'POST',
  path: '/graph/examples',
  summary: 'How an entity is used, by the code that does and the tests that try it',
  body: findExamplesSchema,
  answer: { status: 200, about: 'Lines of sources, tests, and how it is mostly used.', schema: usageExamplesSchema },
  example: { entityId: 'sym:src/tax.ts#rate', limit: 5 },
});

const raw = queryText.max(300).optional();

export const getGraphPerformance = operation({
  ...common,
  id: 'getGraphPerformance',
  method: 'GET',
  path: '/graph/entity/performance',
  summary: 'How fast an entity was',
  description: 'Of the filters what cannot be used counts for nothing, unless `strict` is true: then it is refused.',
  query: ofEntity.extend({
    metricId: raw,
    environment: raw,
    severity: raw.describe('critical, high, medium or low.'),
    limit: raw.describe('1 to 500; 100 without.'),
    days: raw.describe('1 to 365; all without.'),
    strict: queryBoolean.optional(),
  }),
  answer: { status: 200, about: 'The newest first.', schema: performanceHistorySchema },
});
