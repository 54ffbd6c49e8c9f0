import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import type { EdgeRecord } from './edge-record.ts';
import { each, finished, STEP, sorted } from './steps.ts';

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
  readonly #nodeIds: string[] = [];
  readonly #edgeIds: string[] = [];
  #from: Uint32Array;
  #to: Uint32Array;
  #types: Uint8Array;
  #confidences: Float32Array;
  #validFrom: Float64Array;
  #validTo: Float64Array;

  /** @param room for so many edges; more are taken, but then all are moved at once */
  constructor(room = 1_024) {
    this.#from = new Uint32Array(room);
    this.#to = new Uint32Array(room);
    this.#types = new Uint8Array(room);
    this.#confidences = new Float32Array(room);
    this.#validFrom = new Float64Array(room);
    this.#validTo = new Float64Array(room);
  }

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
    return finished(this.building());
  }

  /** The same in steps, of a few milliseconds at most for each; nothing may be added meanwhile. */
  *building(): Generator<void, GraphBase> {
    const count = this.#edgeIds.length;
    const given = this.#nodeIds;
    const nodeIds = yield* sorted(given);
    const nodeOf = new Map<string, number>();
    yield* each(nodeIds.length, (node) => nodeOf.set(nodeIds[node] ?? '', node));
    const rank = new Uint32Array(given.length);
    yield* each(given.length, (place) => (rank[place] = nodeOf.get(given[place] ?? '') ?? 0));
    const from = new Uint32Array(count);
    const to = new Uint32Array(count);
    yield* each(count, (edge) => {
      from[edge] = at(rank, at(this.#from, edge));
      to[edge] = at(rank, at(this.#to, edge));
    });
    const outStart = yield* starts(from, nodeIds.length);
    const order = yield* this.#inOrder(from, to, outStart);
    const base = {
      ...{ nodeIds, nodeOf, edgeIds: new Array<string>(count), outStart },
      types: new Uint8Array(count),
      confidences: new Float32Array(count),
      validFrom: new Float64Array(count),
      validTo: new Float64Array(count),
      targets: new Uint32Array(count),
    };
    yield* each(count, (place) => {
      const edge = at(order, place);
      base.edgeIds[place] = this.#edgeIds[edge] ?? '';
      base.types[place] = at(this.#types, edge);
      base.confidences[place] = at(this.#confidences, edge);
      base.validFrom[place] = at(this.#validFrom, edge);
      base.validTo[place] = at(this.#validTo, edge);
      base.targets[place] = at(to, edge);
    });
    const inStart = yield* starts(base.targets, nodeIds.length);
    return { ...base, inStart, ...(yield* turned(order, from, base.targets, inStart)) };
  }

  /** The edges by source, then target, then id, then time. */
  *#inOrder(from: Uint32Array, to: Uint32Array, outStart: Uint32Array): Generator<void, Uint32Array> {
    const next = outStart.slice();
    const order = new Uint32Array(from.length);
    yield* each(from.length, (edge) => {
      const node = at(from, edge);
      order[at(next, node)] = edge;
      next[node] = at(next, node) + 1;
    });
    const compare = (a: number, b: number) =>
      at(to, a) - at(to, b) ||
      compareText(this.#edgeIds[a], this.#edgeIds[b]) ||
      at(this.#validFrom, a) - at(this.#validFrom, b);
    let done = 0;
    for (let node = 0; node + 1 < outStart.length; node += 1) {
      const [begin, end] = [at(outStart, node), at(outStart, node + 1)];
      if (end - begin > 1) order.subarray(begin, end).sort(compare);
      if (end - done < STEP) continue;
      done = end;
      yield;
    }
    return order;
  }

  #node(id: string): number {
    let node = this.#nodeOf.get(id);
    if (node === undefined) {
      node = this.#nodeIds.push(id) - 1;
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
function* starts(nodeOfEdge: Uint32Array, nodes: number): Generator<void, Uint32Array> {
  const start = new Uint32Array(nodes + 1);
  yield* each(nodeOfEdge.length, (edge) => {
    const node = at(nodeOfEdge, edge);
    start[node + 1] = at(start, node + 1) + 1;
  });
  yield* each(nodes, (node) => (start[node + 1] = at(start, node + 1) + at(start, node)));
  return start;
}

/** The edges by their targets; since they stand by source, those of one target do so, too. */
function* turned(order: Uint32Array, from: Uint32Array, targets: Uint32Array, inStart: Uint32Array) {
  const next = inStart.slice();
  const inEdges = new Uint32Array(order.length);
  const sources = new Uint32Array(order.length);
  yield* each(targets.length, (edge) => {
    const node = at(targets, edge);
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
