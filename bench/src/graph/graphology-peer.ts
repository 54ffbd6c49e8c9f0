import { MultiDirectedGraph } from 'graphology';
import type { GraphEdge } from './random-graph.ts';

/** The same edges in graphology, with what ours knows of each. */
export function graphologyOf(edges: Iterable<GraphEdge>): MultiDirectedGraph {
  const graph = new MultiDirectedGraph();
  for (const { id, from, to, ...says } of edges) {
    graph.mergeNode(from);
    graph.mergeNode(to);
    graph.addDirectedEdgeWithKey(id, from, to, says);
  }
  return graph;
}

/** What is reached over edges that hold, breadth first, each node once, as ours does: graphology's own walk knows no edges. */
export function reachInGraphology(graph: MultiDirectedGraph, start: string, hops: number, at: number): string[] {
  const depths = new Map([[start, 0]]);
  for (const [node, depth] of depths) {
    if (depth === hops) break;
    graph.forEachOutEdge(node, (_, { validFrom, validTo }, __, target) => {
      if (validFrom <= at && at < validTo && !depths.has(target)) depths.set(target, depth + 1);
    });
  }
  return [...depths.keys()];
}
