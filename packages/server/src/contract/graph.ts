import {
  analyseImpactSchema,
  cyclesSchema,
  embeddedGraphSchema,
  embedGraphSchema,
  entityTimelineSchema,
  exportedGraphSchema,
  exportGraphSchema,
  findCyclesSchema,
  findPathsSchema,
  foundEntitiesSchema,
  graphImpactSchema,
  importedReportSchema,
  importReportSchema,
  indexJobSchema,
  ingestedSchema,
  ingestSchema,
  knownEntitySchema,
  pathsSchema,
  relationshipTimelineSchema,
  searchGraphSchema,
  semanticResultsSchema,
  semanticSearchSchema,
  startIndexSchema,
  takeGraphCheckpointSchema,
  takenGraphCheckpointSchema,
  traversalSchema,
  traverseSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';

const tag = 'graph';
const entityId = queryText.min(1).max(2_000).describe('Id of the entity, such as `file:src/a.ts`.');
const params = z.strictObject({ relationship: z.string().min(1).max(100).describe('Id of the relationship.') });

export const knownRelationshipSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  fromEntityId: z.string(),
  toEntityId: z.string(),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime().nullable(),
  version: z.int(),
});

export const ingestGraph = operation({
  id: 'ingestGraph',
  method: 'POST',
  path: '/graph/ingest',
  tag,
  summary: 'Say what is in the code',
  description:
    'Entities and relationships, by who says them: a unit is a part of what is indexed, such as a file as one indexer sees it, and null stands for people. All of it is taken, or nothing; saying the same again changes nothing. What a unit does not say any more is over, and stays as history.',
  role: 'agent',
  body: ingestSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 200, about: 'What that changed.', schema: ingestedSchema },
  example: {
    units: [
      {
        unit: 'notes:billing',
        relationships: [
          { type: 'CALLS', fromEntityId: 'file:src/bill.ts:total', toEntityId: 'file:src/tax.ts:rate', source: 'ast' },
        ],
      },
    ],
  },
});

export const importGraphReport = operation({
  id: 'importGraphReport',
  method: 'POST',
  path: '/graph/import',
  tag,
  summary: 'Take a report of a tool into the graph',
  description:
    'Runs of tests (JUnit, or JSON: `testResults`, a list of `testId`, `testSuite`, `testName`, `status`, `duration` in milliseconds), coverage (LCOV, V8), findings (SARIF), advisories (npm audit, OSV), and what other indexers know of the code (SCIP). The format is seen from the contents where it is not said. All of a report is taken, or nothing; a report takes the place of the last one of its format and suite, and one of runs adds to what is known of each test. As text, or as base64 of the bytes, which gzip may have packed; 32 MiB at most when unpacked.',
  role: 'agent',
  body: importReportSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 200, about: 'What that changed.', schema: importedReportSchema },
  example: { text: 'TN:\nSF:src/tax.ts\nFN:1,rate\nFNDA:3,rate\nDA:1,3\nend_of_record\n', suite: 'unit' },
});

export const exportGraph = operation({
  id: 'exportGraph',
  method: 'POST',
  path: '/graph/export',
  tag,
  summary: 'The code graph as an index of SCIP',
  description:
    'What the code defines and uses, as it is now: for code browsers, or for another project, which takes it by `/graph/import`. Of each relationship at most 20 places are known. 250,000 symbols and relationships at most.',
  role: 'viewer',
  body: exportGraphSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The index.', schema: exportedGraphSchema },
  example: { format: 'scip' },
});

export const indexGraph = operation({
  id: 'indexGraph',
  method: 'POST',
  path: '/graph/index',
  tag,
  summary: 'Read the code of a workspace',
  description:
    'TypeScript and JavaScript, with types: what there is, what calls, imports, extends, reads and tests what; or their structure alone, many times as fast: what they declare, import and export. Of other languages the structure: declarations, imports, and names that are called. Packages and the versions that lock files settled, Markdown documents and what they name, the history of git. Only what says something else since the last time is read again. What is under way for the workspace already is answered as it is.',
  role: 'agent',
  body: startIndexSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The work, which goes on in the background.', schema: indexJobSchema },
  example: { workspaceId: '0197a1b2-0000-7000-8000-000000000000' },
});

export const getGraphIndexJob = operation({
  id: 'getGraphIndexJob',
  method: 'GET',
  path: '/graph/index/{job}',
  tag,
  summary: 'How far the reading of a workspace is',
  role: 'viewer',
  params: z.strictObject({ job: z.uuid().describe('Id of the work.') }),
  answer: { status: 200, about: 'The work.', schema: indexJobSchema },
});

export const listGraphIndexJobs = operation({
  id: 'listGraphIndexJobs',
  method: 'GET',
  path: '/graph/index',
  tag,
  summary: 'The last readings of workspaces',
  role: 'viewer',
  answer: {
    status: 200,
    about: 'The last fifty, the newest first.',
    schema: z.object({ items: z.array(indexJobSchema) }),
  },
});

export const searchGraph = operation({
  id: 'searchGraph',
  method: 'POST',
  path: '/graph/search',
  tag,
  summary: 'Entities by name, path or signature',
  role: 'viewer',
  body: searchGraphSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The entities, the most relevant first.', schema: foundEntitiesSchema },
  example: { query: 'total', entityTypes: ['function'] },
});

export const embedGraph = operation({
  id: 'embedGraph',
  method: 'POST',
  path: '/graph/embeddings',
  tag,
  summary: 'Make vectors of what has none yet, or changed since',
  description:
    'With the provider that the server is set to (`embeddings.provider`). Vectors of another provider, model or number of dimensions are never compared with these.',
  role: 'operator',
  body: embedGraphSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What that came to.', schema: embeddedGraphSchema },
  example: { limit: 1000 },
});

export const searchGraphByMeaning = operation({
  id: 'searchGraphByMeaning',
  method: 'POST',
  path: '/graph/search/semantic',
  tag,
  summary: 'Entities by what they mean',
  description: 'Of those that were embedded. The local provider compares words and their pieces alone.',
  role: 'viewer',
  body: semanticSearchSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The entities, the nearest first.', schema: semanticResultsSchema },
  example: { query: 'how much tax is due', similarity: 0.2 },
});

export const getGraphEntity = operation({
  id: 'getGraphEntity',
  method: 'GET',
  path: '/graph/entity',
  tag,
  summary: 'One entity',
  role: 'viewer',
  query: z.strictObject({
    id: entityId,
    at: z.iso.datetime({ offset: true }).optional().describe('As of then; else as it is, or was last.'),
  }),
  answer: { status: 200, about: 'The entity.', schema: knownEntitySchema },
});

export const getGraphEntityTimeline = operation({
  id: 'getGraphEntityTimeline',
  method: 'GET',
  path: '/graph/entity/timeline',
  tag,
  summary: 'What an entity was from one change to the next',
  role: 'viewer',
  query: z.strictObject({ id: entityId }),
  answer: { status: 200, about: 'Its versions, the oldest first.', schema: entityTimelineSchema },
});

export const getGraphRelationship = operation({
  id: 'getGraphRelationship',
  method: 'GET',
  path: '/graph/relationships/{relationship}',
  tag,
  summary: 'One relationship',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The relationship, as it is or was last.', schema: knownRelationshipSchema },
});

export const getGraphRelationshipTimeline = operation({
  id: 'getGraphRelationshipTimeline',
  method: 'GET',
  path: '/graph/relationships/{relationship}/timeline',
  tag,
  summary: 'The times in which a relationship held',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'Its segments, the oldest first.', schema: relationshipTimelineSchema },
});

export const takeGraphCheckpoint = operation({
  id: 'takeGraphCheckpoint',
  method: 'POST',
  path: '/graph/checkpoints',
  tag,
  summary: 'Keep what is around some entities as it is',
  description:
    'Every entity within so many hops, over what holds now or held in some time. What a checkpoint includes is not forgotten with old history. Its members are what it leads to by CHECKPOINT_INCLUDES.',
  role: 'agent',
  body: takeGraphCheckpointSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The checkpoint.', schema: takenGraphCheckpointSchema },
  example: { seedEntities: ['file:src/tax.ts:rate'], reason: 'manual', hops: 2 },
});

export const traverseGraph = operation({
  id: 'traverseGraph',
  method: 'POST',
  path: '/graph/traverse',
  tag,
  summary: 'What is reached from an entity',
  description:
    'Breadth first, each entity once. As of now, of another moment (`at`), or of all that held in some time (`since`, `until`).',
  role: 'viewer',
  body: traverseSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The entities, in the order of discovery.', schema: traversalSchema },
  example: { startId: 'file:src/tax.ts:rate', direction: 'incoming', relationshipTypes: ['CALLS'], maxDepth: 2 },
});

export const findGraphPaths = operation({
  id: 'findGraphPaths',
  method: 'POST',
  path: '/graph/paths',
  tag,
  summary: 'The shortest way between two entities, or all ways from one',
  role: 'viewer',
  body: findPathsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The ways; none where there is none.', schema: pathsSchema },
  example: { startId: 'file:src/bill.ts:total', endId: 'file:src/tax.ts:rate' },
});

export const analyseGraphImpact = operation({
  id: 'analyseGraphImpact',
  method: 'POST',
  path: '/graph/impact',
  tag,
  summary: 'What changes can break',
  description:
    'What depends on the entities that change, directly and by way of others, with the tests, documents and specifications of all that. A change is severe where something is deleted, gets another signature, or is exported and gets another name; many dependents make its risk higher.',
  role: 'viewer',
  body: analyseImpactSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What is affected.', schema: graphImpactSchema },
  example: { changes: [{ entityId: 'file:src/tax.ts:rate', changeType: 'delete' }], includeIndirect: true },
});

export const findGraphCycles = operation({
  id: 'findGraphCycles',
  method: 'POST',
  path: '/graph/cycles',
  tag,
  summary: 'Where entities depend on themselves',
  role: 'viewer',
  body: findCyclesSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The sets of entities of which each reaches each other.', schema: cyclesSchema },
  example: { relationshipTypes: ['IMPORTS'] },
});
