import { z } from 'zod';
import type { CodeGraph, Direction } from '../graph/code-graph.ts';
import { type EdgeFilter, edgeTest } from '../graph/edge-filter.ts';
import { reach } from '../graph/reach.ts';
import { MOST_DEPTH, MOST_EDGES_VISITED } from '../graph-query.ts';
import { RELATIONSHIP_TYPES, relationshipTypeSchema } from '../vocabulary/relationship-type.ts';
import { confidenceSchema, entityIdSchema, momentSchema } from '../vocabulary/terms.ts';

const directionSchema = z.enum(['outgoing', 'incoming']);

/** KG-228: which relationships around an entity. */
export const filterRelationshipsSchema = z.strictObject({
  entityId: entityIdSchema,
  /** None: all. */
  types: z.array(relationshipTypeSchema).max(100).default([]),
  /** Which ways are walked. */
  directions: z.array(directionSchema).min(1).max(2).default(['outgoing', 'incoming']),
  /** How many hops away they lead to: 1 is what begins or ends at the entity itself. */
  depths: z.array(z.int().min(1).max(MOST_DEPTH)).min(1).max(MOST_DEPTH).default([1]),
  /** How sure they are, both included; one that does not say counts as 1. Restricts what is answered, not what is walked. */
  weights: z
    .strictObject({ min: confidenceSchema.default(0), max: confidenceSchema.default(1) })
    .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must not be less than min' })
    .default({ min: 0, max: 1 }),
  /** As of then; now, where it is left out. */
  at: momentSchema.optional(),
  limit: z.int().min(1).max(1_000).default(200),
});
export type FilterRelationships = z.input<typeof filterRelationshipsSchema>;

export const filteredRelationshipsSchema = z.object({
  entityId: z.string(),
  revision: z.int(),
  /** The nearest first, then in the order of a walk. */
  relationships: z.array(
    z.object({
      relationshipId: z.string(),
      type: z.string(),
      fromEntityId: z.string(),
      toEntityId: z.string(),
      /** As it is walked from the entity. */
      direction: directionSchema,
      depth: z.int(),
      weight: z.number(),
    }),
  ),
  /** There are more, or may be. */
  truncated: z.boolean(),
});
export type FilteredRelationships = z.infer<typeof filteredRelationshipsSchema>;

/** Each relationship once, at its least depth. @param node null for an entity that nothing leads to or from */
export function filterRelationships(
  graph: CodeGraph,
  node: number | null,
  { entityId, directions, depths, weights, limit, types }: z.output<typeof filterRelationshipsSchema>,
  time: Pick<EdgeFilter, 'since' | 'until'>,
): FilteredRelationships {
  const filter = { ...time, types };
  const [only] = new Set(directions).size === 1 ? directions : [];
  const direction: Direction = only ?? 'both';
  const query = { direction, filter, maxDepth: Math.max(...depths) - 1, maxEdges: MOST_EDGES_VISITED };
  const { nodes, truncated } = node === null ? { nodes: [], truncated: false } : reach(graph, [node], query);
  const passes = edgeTest(graph, filter);
  // As the graph has them, so that 0.9 is not more than 0.9.
  const [least, most] = [Math.fround(weights.min), Math.fround(weights.max)];
  const seen = new Set<number>();
  let looked = 0;
  const relationships: FilteredRelationships['relationships'] = [];
  for (const { node: near, depth } of nodes) {
    for (const way of new Set(directions)) {
      graph.eachEdge(near, way, (edge, far) => {
        looked += 1;
        if (looked > MOST_EDGES_VISITED) return false;
        if (!passes(edge) || seen.has(edge)) return true;
        seen.add(edge);
        const weight = Math.fround(graph.confidence(edge));
        if (!depths.includes(depth + 1) || weight < least || weight > most) return true;
        const [from, to] = way === 'outgoing' ? [near, far] : [far, near];
        relationships.push({
          relationshipId: graph.edgeId(edge),
          type: RELATIONSHIP_TYPES[graph.typeCode(edge)] ?? 'REFERENCES',
          fromEntityId: graph.idOf(from),
          toEntityId: graph.idOf(to),
          ...{ direction: way, depth: depth + 1, weight: Math.round(weight * 1e6) / 1e6 },
        });
        return true;
      });
    }
  }
  return {
    ...{ entityId, revision: graph.revision, relationships: relationships.slice(0, limit) },
    truncated: truncated || looked > MOST_EDGES_VISITED || relationships.length > limit,
  };
}
