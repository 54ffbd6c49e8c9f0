import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CodeGraph, cyclicComponents, reach } from '@signalbox/core';
import { median } from '../side-by-side.ts';
import { randomEdges, randomNumbers } from './random-graph.ts';

const NOW = { since: new Date(5_000), until: new Date(5_000) };
/** Edges that one question at 10⁷ edges looks at. */
const MOST_VISITED = 10_000;

/** Milliseconds that Tarjan's algorithm takes on a graph of so many edges, five a node: median of the times. */
export function tarjan(edges: number, times: number): number {
  const graph = CodeGraph.of(randomEdges(Math.ceil(edges / 5), edges), 1);
  const taken = Array.from({ length: times }, () => {
    const began = performance.now();
    const components = cyclicComponents(graph, NOW);
    const ms = performance.now() - began;
    if (components.length === 0) throw new Error('A graph like this has cycles.');
    return ms;
  });
  console.log(
    `Tarjan on ${edges} edges: median ${median(taken).toFixed(0)} ms, slowest ${Math.max(...taken).toFixed(0)} ms`,
  );
  return median(taken);
}

export interface LargeGraph {
  /** Of arrays, an edge, in both directions; the tables of ids aside. */
  bytesPerEdge: number;
  /** Of three hops both ways from random nodes. */
  medianMs: number;
}

/** A graph of so many edges, ten a node: what its arrays take of memory, and how long three hops take. */
export function largeGraph(edges: number, looks: number): LargeGraph {
  const nodes = Math.ceil(edges / 10);
  const before = arrayBytes();
  const began = performance.now();
  const graph = CodeGraph.of(randomEdges(nodes, edges), 1);
  const made = performance.now() - began;
  const bytesPerEdge = (arrayBytes() - before) / edges;
  const random = randomNumbers(2);
  const query = { direction: 'both', filter: NOW, maxDepth: 3, maxEdges: MOST_VISITED } as const;
  let found = 0;
  const taken = Array.from({ length: looks }, () => {
    const start = Math.floor(random() * graph.nodes);
    const from = performance.now();
    found += reach(graph, [start], query).nodes.length;
    return performance.now() - from;
  });
  console.log(
    `${edges} edges read into arrays in ${(made / 1000).toFixed(1)} s: ${bytesPerEdge.toFixed(1)} bytes an edge`,
  );
  const slowest = Math.max(...taken);
  console.log(
    `three hops both ways: ${Math.round(found / looks)} nodes, median ${median(taken).toFixed(2)} ms, slowest ${slowest.toFixed(1)} ms`,
  );
  return { bytesPerEdge, medianMs: median(taken) };
}

/** Bytes of all typed arrays that something still refers to. */
function arrayBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}
