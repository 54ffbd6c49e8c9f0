import { type CodeGraph, RELATIONSHIP_TYPES, type RelationshipType } from '@signalbox/core';

/** What a graph in memory is made of. */
export type GraphEdge = Parameters<typeof CodeGraph.of>[0] extends Iterable<infer Edge> ? Edge : never;

const CODE: readonly RelationshipType[] = ['CALLS', 'REFERENCES', 'READS', 'WRITES', 'TYPE_USES', 'IMPORTS'];

/** Numbers from 0 up to 1, without it: always the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Edges between nodes that are drawn at random, of types that code has; one in ten does not hold any more. */
export function* randomEdges(nodes: number, edges: number, seed = 1): Generator<GraphEdge> {
  const random = randomNumbers(seed);
  const node = () => nodeId(Math.floor(random() * nodes));
  for (let n = 0; n < edges; n += 1) {
    const type = CODE[n % CODE.length] ?? RELATIONSHIP_TYPES[0] ?? 'CALLS';
    const isOver = n % 10 === 9;
    const validTo = isOver ? 2_000 : Number.POSITIVE_INFINITY;
    yield { id: `e${n}`, type, from: node(), to: node(), confidence: 0.5 + random() / 2, validFrom: 1_000, validTo };
  }
}

function nodeId(number: number): string {
  return `n${number}`;
}
