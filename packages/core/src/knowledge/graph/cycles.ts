import type { CodeGraph } from './code-graph.ts';
import { type EdgeFilter, edgeTest } from './edge-filter.ts';
import { at, compareText } from './graph-base.ts';

/** The edges that pass, by source: what is searched, with nothing else in the way. */
interface Successors {
  start: Uint32Array;
  nodes: Uint32Array;
}

/**
 * The sets of nodes of which each reaches each other, and nodes with an edge to themselves: where the cycles are. Tarjan's algorithm
 * without recursion. Each set by id, the sets by their first ids.
 */
export function cyclicComponents(graph: CodeGraph, filter: EdgeFilter): number[][] {
  const successors = successorsOf(graph, filter);
  const components = tarjan(successors, graph.nodes).filter(
    ([node = 0, ...others]) => others.length > 0 || pointsAt(successors, node, node),
  );
  const byId = (a: number, b: number) => compareText(graph.idOf(a), graph.idOf(b));
  for (const component of components) component.sort(byId);
  return components.sort(([a = 0], [b = 0]) => byId(a, b));
}

/**
 * A shortest cycle through the first node of a component, from there on; the node does not stand at the end again.
 * @param component one of {@link cyclicComponents}, by the same filter
 */
export function shortestCycle(graph: CodeGraph, component: readonly number[], filter: EdgeFilter): number[] {
  const [first = 0] = component;
  const within = new Set(component);
  return cycleFrom(graph, first, filter, (node) => within.has(node)).cycle;
}

/** A shortest cycle through a node, from there on: only what can be reached from it is looked at, and at most so many edges of that. */
export function cycleThrough(
  graph: CodeGraph,
  node: number,
  filter: EdgeFilter,
  maxEdges: number,
): { cycle: number[]; truncated: boolean } {
  return cycleFrom(graph, node, filter, () => true, maxEdges);
}

/** Breadth first; no nodes where it comes back to the first by none of them. */
function cycleFrom(
  graph: CodeGraph,
  first: number,
  filter: EdgeFilter,
  isWithin: (node: number) => boolean,
  maxEdges = Number.POSITIVE_INFINITY,
): { cycle: number[]; truncated: boolean } {
  const passes = edgeTest(graph, filter);
  const before = new Map<number, number>();
  let seen = 0;
  let level = [first];
  while (level.length > 0) {
    const next: number[] = [];
    for (const node of level) {
      let closed = false;
      graph.eachEdge(node, 'outgoing', (edge, target) => {
        seen += 1;
        if (seen > maxEdges) return false;
        if (!isWithin(target) || !passes(edge)) return true;
        closed = target === first;
        if (closed) return false;
        if (!before.has(target)) {
          before.set(target, node);
          next.push(target);
        }
        return true;
      });
      if (closed) return { cycle: wayTo(node, before), truncated: false };
      if (seen > maxEdges) return { cycle: [], truncated: true };
    }
    level = next;
  }
  return { cycle: [], truncated: false };
}

function wayTo(node: number, before: ReadonlyMap<number, number>): number[] {
  const way: number[] = [];
  for (let at: number | undefined = node; at !== undefined; at = before.get(at)) way.unshift(at);
  return way;
}

function successorsOf(graph: CodeGraph, filter: EdgeFilter): Successors {
  const passes = edgeTest(graph, filter);
  const start = new Uint32Array(graph.nodes + 1);
  let nodes = new Uint32Array(Math.max(1, graph.edges));
  let count = 0;
  for (let node = 0; node < graph.nodes; node += 1) {
    graph.eachEdge(node, 'outgoing', (edge, target) => {
      if (passes(edge)) nodes[count++] = target;
    });
    start[node + 1] = count;
  }
  nodes = nodes.subarray(0, count);
  return { start, nodes };
}

function pointsAt({ start, nodes }: Successors, from: number, to: number): boolean {
  return nodes.subarray(at(start, from), at(start, from + 1)).includes(to);
}

function tarjan({ start, nodes }: Successors, count: number): number[][] {
  // 0: not met yet. Otherwise the number under which it was met, counted from 1.
  const met = new Uint32Array(count);
  const low = new Uint32Array(count);
  const open = new Uint8Array(count);
  const next = start.slice(0, count);
  const stack: number[] = [];
  const way: number[] = [];
  const components: number[][] = [];
  let number = 0;
  const enter = (node: number) => {
    number += 1;
    met[node] = number;
    low[node] = number;
    open[node] = 1;
    stack.push(node);
    way.push(node);
  };
  const leave = (node: number) => {
    way.pop();
    const before = way.at(-1);
    if (before !== undefined) low[before] = Math.min(at(low, before), at(low, node));
    if (low[node] !== met[node]) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) open[member] = 0;
    components.push(component);
  };
  for (let root = 0; root < count; root += 1) {
    if (met[root] === 0) enter(root);
    for (let node = way.at(-1); node !== undefined; node = way.at(-1)) {
      const place = at(next, node);
      if (place === at(start, node + 1)) {
        leave(node);
        continue;
      }
      next[node] = place + 1;
      const target = at(nodes, place);
      if (met[target] === 0) enter(target);
      else if (open[target] === 1) low[node] = Math.min(at(low, node), at(met, target));
    }
  }
  return components;
}
