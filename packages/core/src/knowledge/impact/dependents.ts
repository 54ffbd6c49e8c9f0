import type { CodeGraph } from '../graph/code-graph.ts';
import { type EdgeFilter, edgeTest } from '../graph/edge-filter.ts';
import { type Reached, reach } from '../graph/reach.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';

/** Over these one depends on another, the one that they lead from on the one that they lead to (KG-276). */
export const DEPENDING: readonly RelationshipType[] = [
  'CALLS',
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

export interface Dependents {
  /** Each at its fewest hops; what changes is not among them. */
  reached: Reached[];
  truncated: boolean;
}

/** What depends on these, directly or by way of others. */
export function dependentsOf(
  graph: CodeGraph,
  changed: readonly number[],
  { filter, maxDepth, maxEdges }: { filter: EdgeFilter; maxDepth: number; maxEdges: number },
): Dependents {
  const { nodes, truncated } = reach(graph, changed, { direction: 'incoming', filter, maxDepth, maxEdges });
  return { reached: nodes.filter(({ depth }) => depth > 0), truncated };
}

/** Ids of the edges of nodes that pass, each once. */
export function edgesOf(
  graph: CodeGraph,
  nodes: Iterable<number>,
  direction: 'outgoing' | 'incoming',
  filter: EdgeFilter,
): string[] {
  const passes = edgeTest(graph, filter);
  const found = new Set<string>();
  for (const node of nodes) {
    graph.eachEdge(node, direction, (edge) => {
      if (passes(edge)) found.add(graph.edgeId(edge));
    });
  }
  return [...found].sort();
}

/** The nodes at the other ends of edges of some types. */
export function neighboursOf(
  graph: CodeGraph,
  nodes: Iterable<number>,
  direction: 'outgoing' | 'incoming',
  filter: EdgeFilter,
): Map<number, Set<number>> {
  const passes = edgeTest(graph, filter);
  const found = new Map<number, Set<number>>();
  for (const node of nodes) {
    graph.eachEdge(node, direction, (edge, neighbour) => {
      if (passes(edge)) found.set(node, (found.get(node) ?? new Set()).add(neighbour));
    });
  }
  return found;
}
