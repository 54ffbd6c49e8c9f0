import type { CodeGraph, Direction } from './code-graph.ts';
import { edgeTest } from './edge-filter.ts';
import { compareText } from './graph-base.ts';
import { type ReachQuery, reach } from './reach.ts';

/** A way through the graph. */
export interface GraphPath {
  /** One more than edges. */
  nodes: number[];
  edges: number[];
}

const OPPOSITE: Record<Direction, Direction> = { outgoing: 'incoming', incoming: 'outgoing', both: 'both' };

/**
 * The way with the fewest hops; of several the one whose relationship ids come first (KG-230). Null where there is none within
 * `maxDepth`, or none was found among `maxEdges`.
 */
export function shortestPath(graph: CodeGraph, start: number, end: number, query: ReachQuery): GraphPath | null {
  const { direction, filter } = query;
  const back = reach(graph, [end], { ...query, direction: OPPOSITE[direction] });
  const distance = new Map(back.nodes.map(({ node, depth }) => [node, depth]));
  const passes = edgeTest(graph, filter);
  const path: GraphPath = { nodes: [start], edges: [] };
  let node = start;
  for (let left = distance.get(start) ?? -1; left !== 0; left -= 1) {
    if (left < 0) return null;
    let best: { edge: number; node: number } | null = null;
    graph.eachEdge(node, direction, (edge, neighbour) => {
      const closer = distance.get(neighbour) === left - 1 && passes(edge);
      if (closer && (!best || compareText(graph.edgeId(edge), graph.edgeId(best.edge)) < 0))
        best = { edge, node: neighbour };
    });
    const step = best as { edge: number; node: number } | null;
    if (!step) return null;
    node = step.node;
    path.nodes.push(node);
    path.edges.push(step.edge);
  }
  return path;
}

/** All ways from a node that meet no node twice, the shorter first, at most `limit` (KG-230). */
export function simplePaths(graph: CodeGraph, start: number, query: ReachQuery, limit: number): GraphPath[] {
  const { direction, filter, maxDepth, maxEdges } = query;
  const passes = edgeTest(graph, filter);
  const paths: GraphPath[] = [];
  let level: GraphPath[] = [{ nodes: [start], edges: [] }];
  let looked = 0;
  for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1) {
    const longer: GraphPath[] = [];
    for (const { nodes, edges } of level) {
      graph.eachEdge(nodes.at(-1) ?? start, direction, (edge, node) => {
        looked += 1;
        if (looked > maxEdges || paths.length + longer.length >= limit) return false;
        if (passes(edge) && !nodes.includes(node)) longer.push({ nodes: [...nodes, node], edges: [...edges, edge] });
        return true;
      });
    }
    paths.push(...longer);
    level = longer;
  }
  return paths;
}
