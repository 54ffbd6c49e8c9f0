import type { CodeGraph, Direction } from './code-graph.ts';
import { type EdgeFilter, edgeTest } from './edge-filter.ts';

export interface ReachQuery {
  direction: Direction;
  filter: EdgeFilter;
  /** Most hops. */
  maxDepth: number;
  /** Most edges that are looked at, so that a question has an end. */
  maxEdges: number;
}

/** A node that was reached, by the fewest hops. */
export interface Reached {
  node: number;
  depth: number;
  /** The edge by which it was reached first; null for where it began. */
  via: number | null;
  /** The node before; itself for where it began. */
  from: number;
  /** The best product of confidences over the ways of so many hops (KG-276). */
  confidence: number;
}

export interface Reach {
  /** In the order of discovery, what it began with first. */
  nodes: Reached[];
  /** Whether there may be more than `maxEdges` let see. */
  truncated: boolean;
}

/** Breadth first, neighbours in the order of their ids, each node once (KG-233). */
export function reach(graph: CodeGraph, starts: readonly number[], query: ReachQuery): Reach {
  const { direction, filter, maxDepth, maxEdges } = query;
  const passes = edgeTest(graph, filter);
  const place = new Map<number, number>();
  const nodes: Reached[] = [];
  const discover = (reached: Reached) => {
    place.set(reached.node, nodes.push(reached) - 1);
  };
  for (const node of new Set(starts)) discover({ node, depth: 0, via: null, from: node, confidence: 1 });
  let looked = 0;
  let truncated = false;
  for (let next = 0; next < nodes.length && !truncated; next += 1) {
    const from = nodes[next] as Reached;
    if (from.depth === maxDepth) break;
    graph.eachEdge(from.node, direction, (edge, node) => {
      if (looked === maxEdges) {
        truncated = true;
        return false;
      }
      looked += 1;
      if (!passes(edge)) return true;
      const confidence = from.confidence * graph.confidence(edge);
      const known = nodes[place.get(node) ?? -1];
      if (!known) discover({ node, depth: from.depth + 1, via: edge, from: from.node, confidence });
      else if (known.depth === from.depth + 1) known.confidence = Math.max(known.confidence, confidence);
      return true;
    });
  }
  return { nodes, truncated };
}
