import { z } from 'zod';

/** All relationship types (KG-031), by what they tell of. The only definition of them (KG-035). */
export const RELATIONSHIP_FAMILIES = {
  structural: ['CONTAINS', 'DEFINES', 'EXPORTS', 'IMPORTS'],
  code: [
    'CALLS',
    'REFERENCES',
    'IMPLEMENTS',
    'EXTENDS',
    'DEPENDS_ON',
    'OVERRIDES',
    'READS',
    'WRITES',
    'THROWS',
    'TYPE_USES',
    'RETURNS_TYPE',
    'PARAM_TYPE',
  ],
  test: ['TESTS', 'VALIDATES'],
  spec: ['REQUIRES', 'IMPACTS', 'IMPLEMENTS_SPEC'],
  temporal: ['PREVIOUS_VERSION', 'MODIFIED_BY', 'CREATED_IN', 'MODIFIED_IN', 'REMOVED_IN', 'OF'],
  documentation: [
    'DESCRIBES_DOMAIN',
    'BELONGS_TO_DOMAIN',
    'DOCUMENTED_BY',
    'CLUSTER_MEMBER',
    'DOMAIN_RELATED',
    'GOVERNED_BY',
    'DOCUMENTS_SECTION',
  ],
  security: ['HAS_SECURITY_ISSUE', 'DEPENDS_ON_VULNERABLE', 'SECURITY_IMPACTS'],
  performance: ['PERFORMANCE_IMPACT', 'PERFORMANCE_REGRESSION'],
  coverage: ['COVERAGE_PROVIDES'],
  session: ['SESSION_MODIFIED', 'SESSION_IMPACTED', 'SESSION_CHECKPOINT', 'BROKE_IN', 'FIXED_IN', 'DEPENDS_ON_CHANGE'],
  checkpoint: ['CHECKPOINT_INCLUDES'],
} as const;

export type RelationshipFamily = keyof typeof RELATIONSHIP_FAMILIES;
export type RelationshipType = (typeof RELATIONSHIP_FAMILIES)[RelationshipFamily][number];
export type RelationshipTypeOf<Family extends RelationshipFamily> = (typeof RELATIONSHIP_FAMILIES)[Family][number];

export const RELATIONSHIP_TYPES: readonly RelationshipType[] = Object.values(RELATIONSHIP_FAMILIES).flat();
export const relationshipTypeSchema = z.enum(RELATIONSHIP_TYPES);

const families = new Map<string, RelationshipFamily>(
  Object.entries(RELATIONSHIP_FAMILIES).flatMap(([family, types]) =>
    types.map((type): [string, RelationshipFamily] => [type, family as RelationshipFamily]),
  ),
);

/** The type as it is stored: `USES` is what TYPE_USES was called once (KG-033). */
export function canonicalType(type: string): string {
  return type === 'USES' ? 'TYPE_USES' : type;
}

/** What the type tells of; null for one that there is not. The retired `USES` is code (KG-032). */
export function familyOf(type: unknown): RelationshipFamily | null {
  return typeof type === 'string' ? (families.get(canonicalType(type)) ?? null) : null;
}
