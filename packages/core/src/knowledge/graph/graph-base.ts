import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import type { EdgeRecord } from './edge-record.ts';

/** Of a type in the arrays of a graph: its place among all types. */
export const TYPE_CODES: ReadonlyMap<string, number> = new Map(RELATIONSHIP_TYPES.map((type, code) => [type, code]));

/**
 * A graph as it was at one revision, in typed arrays: 33 bytes an edge, for both directions, besides the tables of ids. Nodes stand in
 * the order of their ids; a node's edges in that of their other ends, then of their own ids.
 */
export interface GraphBase {
  readonly nodeIds: readonly string[];
  readonly nodeOf: ReadonlyMap<string, number>;
  /** By edge. */
  readonly edgeIds: readonly string[];
  readonly types: Uint8Array;
  readonly confidences: Float32Array;
  readonly validFrom: Float64Array;
  readonly validTo: Float64Array;
  /** The edges out of node n are those from `outStart[n]` up to `outStart[n + 1]`, without it. */
  readonly outStart: Uint32Array;
  readonly targets: Uint32Array;
  /** The same into it: places in `inEdges` and `sources`. */
  readonly inStart: Uint32Array;
  readonly inEdges: Uint32Array;
  readonly sources: Uint32Array;
}

/** Takes edges in any order, and makes a graph of them. */
export class GraphBuilder {
  readonly #nodeOf = new Map<string, number>();
  readonly #edgeIds: string[] = [];
  #from = new Uint32Array(1_024);
  #to = new Uint32Array(1_024);
  #types = new Uint8Array(1_024);
  #confidences = new Float32Array(1_024);
  #validFrom = new Float64Array(1_024);
  #validTo = new Float64Array(1_024);

  add({ id, type, from, to, confidence, validFrom, validTo }: EdgeRecord): void {
    const edge = this.#edgeIds.push(id) - 1;
    if (edge === this.#from.length) this.#grow();
    this.#from[edge] = this.#node(from);
    this.#to[edge] = this.#node(to);
    this.#types[edge] = TYPE_CODES.get(type) ?? 0;
    this.#confidences[edge] = confidence;
    this.#validFrom[edge] = validFrom;
    this.#validTo[edge] = validTo;
  }

  build(): GraphBase {
    const count = this.#edgeIds.length;
    const given = [...this.#nodeOf.keys()];
    const nodeIds = [...given].sort();
    const nodeOf = new Map(nodeIds.map((id, node) => [id, node]));
    const rank = Uint32Array.from(given, (id) => nodeOf.get(id) ?? 0);
    const from = this.#from.subarray(0, count).map((node) => at(rank, node));
    const to = this.#to.subarray(0, count).map((node) => at(rank, node));
    const outStart = starts(from, nodeIds.length);
    const order = this.#inOrder(from, to, outStart);
    const targets = order.map((edge) => at(to, edge));
    const inStart = starts(targets, nodeIds.length);
    const { inEdges, sources } = turned(order, from, targets, inStart);
    return {
      nodeIds,
      nodeOf,
      edgeIds: Array.from(order, (edge) => this.#edgeIds[edge] ?? ''),
      types: Uint8Array.from(order, (edge) => at(this.#types, edge)),
      confidences: Float32Array.from(order, (edge) => at(this.#confidences, edge)),
      validFrom: Float64Array.from(order, (edge) => at(this.#validFrom, edge)),
      validTo: Float64Array.from(order, (edge) => at(this.#validTo, edge)),
      outStart,
      targets,
      inStart,
      inEdges,
      sources,
    };
  }

  /** The edges by source, then target, then id, then time. */
  #inOrder(from: Uint32Array, to: Uint32Array, outStart: Uint32Array): Uint32Array {
    const next = outStart.slice();
    const order = new Uint32Array(from.length);
    from.forEach((node, edge) => {
      order[at(next, node)] = edge;
      next[node] = at(next, node) + 1;
    });
    const compare = (a: number, b: number) =>
      at(to, a) - at(to, b) ||
      compareText(this.#edgeIds[a], this.#edgeIds[b]) ||
      at(this.#validFrom, a) - at(this.#validFrom, b);
    for (let node = 0; node + 1 < outStart.length; node += 1) {
      const [begin, end] = [at(outStart, node), at(outStart, node + 1)];
      if (end - begin > 1) order.subarray(begin, end).sort(compare);
    }
    return order;
  }

  #node(id: string): number {
    let node = this.#nodeOf.get(id);
    if (node === undefined) {
      node = this.#nodeOf.size;
      this.#nodeOf.set(id, node);
    }
    return node;
  }

  #grow(): void {
    this.#from = twice(this.#from, new Uint32Array(this.#from.length * 2));
    this.#to = twice(this.#to, new Uint32Array(this.#to.length * 2));
    this.#types = twice(this.#types, new Uint8Array(this.#types.length * 2));
    this.#confidences = twice(this.#confidences, new Float32Array(this.#confidences.length * 2));
    this.#validFrom = twice(this.#validFrom, new Float64Array(this.#validFrom.length * 2));
    this.#validTo = twice(this.#validTo, new Float64Array(this.#validTo.length * 2));
  }
}

/** Where the edges of each node begin, and after the last one where they end. */
function starts(nodeOfEdge: Uint32Array, nodes: number): Uint32Array {
  const start = new Uint32Array(nodes + 1);
  for (const node of nodeOfEdge) start[node + 1] = at(start, node + 1) + 1;
  for (let node = 0; node < nodes; node += 1) start[node + 1] = at(start, node + 1) + at(start, node);
  return start;
}

/** The edges by their targets; since they stand by source, those of one target do so, too. */
function turned(order: Uint32Array, from: Uint32Array, targets: Uint32Array, inStart: Uint32Array) {
  const next = inStart.slice();
  const inEdges = new Uint32Array(order.length);
  const sources = new Uint32Array(order.length);
  targets.forEach((node, edge) => {
    const place = at(next, node);
    inEdges[place] = edge;
    sources[place] = at(from, at(order, edge));
    next[node] = place + 1;
  });
  return { inEdges, sources };
}

function twice<Numbers extends Uint8Array | Uint32Array | Float32Array | Float64Array>(
  old: Numbers,
  larger: Numbers,
): Numbers {
  larger.set(old);
  return larger;
}

/** A number that is there. */
export function at(numbers: Uint8Array | Uint32Array | Float32Array | Float64Array, index: number): number {
  return numbers[index] as number;
}

export function compareText(a = '', b = ''): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
