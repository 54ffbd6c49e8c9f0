import type { CodeGraph, Direction } from './code-graph.ts';
import { type EdgeFilter, edgeTest } from './edge-filter.ts';
import { at } from './graph-base.ts';

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
  const places = borrowPlaces(graph.nodes);
  const nodes: Reached[] = [];
  try {
    return { nodes, truncated: walk(graph, starts, query, { places, nodes }) };
  } finally {
    for (const { node } of nodes) places[node] = 0;
  }
}

interface Found {
  /** By node, its place in `nodes` counted from 1; 0 for one that was not met. */
  places: Uint32Array;
  nodes: Reached[];
}

/** @returns whether there was more than `maxEdges` let see */
function walk(graph: CodeGraph, starts: readonly number[], query: ReachQuery, { places, nodes }: Found): boolean {
  const { direction, filter, maxDepth, maxEdges } = query;
  const passes = edgeTest(graph, filter);
  for (const node of new Set(starts)) {
    places[node] = nodes.push({ node, depth: 0, via: null, from: node, confidence: 1 });
  }
  let looked = 0;
  let truncated = false;
  let from: Reached;
  // One function for all nodes: made anew for each of them, it took a third of the time of a short walk.
  const visit = (edge: number, node: number): boolean => {
    if (looked === maxEdges) {
      truncated = true;
      return false;
    }
    looked += 1;
    if (!passes(edge)) return true;
    const confidence = from.confidence * graph.confidence(edge);
    const depth = from.depth + 1;
    const place = at(places, node);
    if (place === 0) {
      places[node] = nodes.push({ node, depth, via: edge, from: from.node, confidence });
      return true;
    }
    const known = nodes[place - 1] as Reached;
    if (known.depth === depth && known.confidence < confidence) known.confidence = confidence;
    return true;
  };
  for (let next = 0; next < nodes.length && !truncated; next += 1) {
    from = nodes[next] as Reached;
    if (from.depth === maxDepth) break;
    graph.eachEdge(from.node, direction, visit);
  }
  return truncated;
}

let places = new Uint32Array(0);

/** All zero, for walks of all graphs, one after the other: whoever is done sets back what he wrote. A walk waits for nothing. */
function borrowPlaces(nodes: number): Uint32Array {
  if (places.length < nodes) places = new Uint32Array(nodes * 2);
  return places;
}
