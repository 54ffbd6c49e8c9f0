import { z } from 'zod';
import type { CodeGraph } from '../graph/code-graph.ts';
import { cycleThrough } from '../graph/cycles.ts';
import type { EdgeFilter } from '../graph/edge-filter.ts';
import { reach } from '../graph/reach.ts';
import { DEPENDING } from '../impact/dependents.ts';
import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import { confidenceSchema, entityIdSchema, momentSchema } from '../vocabulary/terms.ts';
import { namedEntitySchema } from './navigation.ts';

/** Edges that one analysis looks at. */
const MOST_EDGES = 100_000;
/** From so many entities on a circle is critical, and from so many on a warning: nobody takes it apart in passing. */
const CRITICAL_CYCLE = 10;
const WARNING_CYCLE = 3;

export const analyseDependenciesSchema = z.strictObject({
  entityId: entityIdSchema,
  maxDepth: z.int().min(1).max(10).default(3),
  minConfidence: confidenceSchema.default(0),
  at: momentSchema.optional(),
  /** Of each list. */
  limit: z.int().min(1).max(1_000).default(200),
});
export type AnalyseDependencies = z.input<typeof analyseDependenciesSchema>;

/** KG-254. */
export const dependencyAnalysisSchema = z.object({
  entityId: z.string(),
  revision: z.int(),
  directDependencies: z.array(
    z.object({ entity: namedEntitySchema, relationship: z.string(), confidence: z.number() }),
  ),
  /** From two hops on; the path begins with the entity. */
  indirectDependencies: z.array(
    z.object({ entity: namedEntitySchema, path: z.array(z.string()), relationship: z.string(), distance: z.int() }),
  ),
  /** By how sure the edge is. */
  reverseDependencies: z.array(
    z.object({ entity: namedEntitySchema, relationship: z.string(), impact: z.enum(['high', 'medium', 'low']) }),
  ),
  /** The circle that the entity is part of, once, from its smallest id on; none where it is part of none. */
  circularDependencies: z.array(
    z.object({ cycle: z.array(z.string()), severity: z.enum(['critical', 'warning', 'info']) }),
  ),
  truncated: z.boolean(),
});
export type DependencyAnalysis = z.infer<typeof dependencyAnalysisSchema>;

interface Dependency {
  id: string;
  relationship: string;
  confidence: number;
  path: string[];
}

export interface FoundDependencies {
  dependencies: Dependency[];
  dependents: Dependency[];
  cycles: DependencyAnalysis['circularDependencies'];
  truncated: boolean;
}

/** What an entity depends on, what depends on it at once, and the circle that it is part of. */
export function findDependencies(
  graph: CodeGraph,
  node: number,
  { filter, maxDepth }: { filter: EdgeFilter; maxDepth: number },
): FoundDependencies {
  const depending = { ...filter, types: DEPENDING };
  const outgoing = reach(graph, [node], { direction: 'outgoing', filter: depending, maxDepth, maxEdges: MOST_EDGES });
  const incoming = reach(graph, [node], {
    direction: 'incoming',
    filter: depending,
    maxDepth: 1,
    maxEdges: MOST_EDGES,
  });
  const paths = new Map<number, string[]>();
  const told = ({ node: reached, via, from, confidence }: (typeof outgoing.nodes)[number]): Dependency => {
    const id = graph.idOf(reached);
    const path = [...(paths.get(from) ?? [graph.idOf(from)]), id];
    paths.set(reached, path);
    return { id, relationship: RELATIONSHIP_TYPES[graph.typeCode(via ?? 0)] ?? '', confidence, path };
  };
  const dependencies = outgoing.nodes.slice(1).map(told);
  paths.clear();
  const dependents = incoming.nodes.slice(1).map(told);
  // Of all circles the shortest one that the entity itself is part of.
  const own = cycleThrough(graph, node, depending, MOST_EDGES);
  const ids = own.cycle.map((one) => graph.idOf(one));
  return {
    dependencies,
    dependents,
    cycles: ids.length === 0 ? [] : [asCycle(ids)],
    truncated: outgoing.truncated || incoming.truncated || own.truncated,
  };
}

function asCycle(found: readonly string[]): FoundDependencies['cycles'][number] {
  const first = found.indexOf([...found].sort()[0] ?? '');
  const cycle = [...found.slice(first), ...found.slice(0, first)];
  const severity = cycle.length >= CRITICAL_CYCLE ? 'critical' : cycle.length >= WARNING_CYCLE ? 'warning' : 'info';
  return { cycle, severity };
}

/** How likely what depends on it is to break with it. */
export function impactOf(confidence: number): 'high' | 'medium' | 'low' {
  return confidence >= 0.8 ? 'high' : confidence >= 0.5 ? 'medium' : 'low';
}
