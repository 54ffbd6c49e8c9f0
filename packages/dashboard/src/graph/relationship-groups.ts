import type { RelationshipTypes } from './use-graph.ts';

/** How one part of the code uses another, calls apart. */
const USES: RelationshipTypes = [
  'REFERENCES',
  'IMPLEMENTS',
  'EXTENDS',
  'DEPENDS_ON',
  'OVERRIDES',
  'READS',
  'WRITES',
  'TYPE_USES',
  'RETURNS_TYPE',
  'PARAM_TYPE',
  'IMPORTS',
];

/** Over these the surroundings of an entity are looked at. */
export const DEPENDENCIES: RelationshipTypes = ['CALLS', ...USES];

/** What is told of an entity's neighbours, list by list. */
export const NEIGHBOUR_LISTS: readonly {
  title: string;
  direction: 'incoming' | 'outgoing';
  types: RelationshipTypes;
}[] = [
  { title: 'Callers', direction: 'incoming', types: ['CALLS'] },
  { title: 'Callees', direction: 'outgoing', types: ['CALLS'] },
  { title: 'Used by', direction: 'incoming', types: USES },
  { title: 'Uses', direction: 'outgoing', types: USES },
  { title: 'Holds', direction: 'outgoing', types: ['CONTAINS', 'DEFINES'] },
  { title: 'Tests', direction: 'incoming', types: ['TESTS', 'VALIDATES'] },
  { title: 'Documents', direction: 'outgoing', types: ['DOCUMENTED_BY'] },
  { title: 'Documents what', direction: 'incoming', types: ['DOCUMENTED_BY'] },
  { title: 'Commits', direction: 'outgoing', types: ['CREATED_IN', 'MODIFIED_IN', 'REMOVED_IN'] },
  { title: 'Changed', direction: 'incoming', types: ['CREATED_IN', 'MODIFIED_IN', 'REMOVED_IN'] },
];
