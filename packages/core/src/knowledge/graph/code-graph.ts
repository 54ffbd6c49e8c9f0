import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import type { EdgeRecord, RelationshipEdges } from './edge-record.ts';
import { at, compareText, type GraphBase, GraphBuilder, TYPE_CODES } from './graph-base.ts';
import { STEP } from './steps.ts';

/** What came after the base: edges that were added, and which of the base's are no more. */
interface Overlay {
  readonly nodeIds: readonly string[];
  readonly nodeOf: ReadonlyMap<string, number>;
  readonly added: readonly AddedEdge[];
  /** By node: places in `added`. */
  readonly out: ReadonlyMap<number, readonly number[]>;
  readonly in: ReadonlyMap<number, readonly number[]>;
  /** Edges of the base, and of `added`, that were taken back. */
  readonly gone: ReadonlySet<number>;
}

interface AddedEdge extends Omit<EdgeRecord, 'from' | 'to' | 'type'> {
  from: number;
  to: number;
  type: number;
}

const NOTHING: Overlay = {
  nodeIds: [],
  nodeOf: new Map(),
  added: [],
  out: new Map(),
  in: new Map(),
  gone: new Set(),
};

export type Direction = 'outgoing' | 'incoming' | 'both';

/** Told of an edge, and of the node at its other end. False ends the round. */
export type OnEdge = (edge: number, neighbour: number) => unknown;

/**
 * A project's graph at one revision, in memory. It never changes: what came later makes another graph, which shares what is the same.
 * Nodes and edges are numbers that mean something in this graph only.
 */
export class CodeGraph {
  readonly revision: number;
  readonly #base: GraphBase;
  readonly #overlay: Overlay;

  private constructor(base: GraphBase, overlay: Overlay, revision: number) {
    this.#base = base;
    this.#overlay = overlay;
    this.revision = revision;
  }

  static of(edges: Iterable<EdgeRecord>, revision: number): CodeGraph {
    const builder = new GraphBuilder();
    for (const edge of edges) builder.add(edge);
    return new CodeGraph(builder.build(), NOTHING, revision);
  }

  get nodes(): number {
    return this.#base.nodeIds.length + this.#overlay.nodeIds.length;
  }

  /** Edges that are no more among them. */
  get edges(): number {
    return this.#base.edgeIds.length + this.#overlay.added.length;
  }

  /** How much stands beside the arrays, as a part of all edges. */
  get overlayShare(): number {
    const { added, gone } = this.#overlay;
    return (added.length + gone.size) / Math.max(1, this.edges);
  }

  /** Of the first `size` edges, by edge: what is asked of each of many is read here. Beyond them the methods below know. */
  get arrays(): Pick<GraphBase, 'types' | 'confidences' | 'validFrom' | 'validTo'> & { size: number } {
    const { edgeIds, types, confidences, validFrom, validTo } = this.#base;
    return { size: edgeIds.length, types, confidences, validFrom, validTo };
  }

  nodeOf(id: string): number | undefined {
    return this.#base.nodeOf.get(id) ?? this.#overlay.nodeOf.get(id);
  }

  idOf(node: number): string {
    return this.#base.nodeIds[node] ?? this.#overlay.nodeIds[node - this.#base.nodeIds.length] ?? '';
  }

  edgeId(edge: number): string {
    return this.#base.edgeIds[edge] ?? this.#added(edge)?.id ?? '';
  }

  typeCode(edge: number): number {
    return this.#base.types[edge] ?? this.#added(edge)?.type ?? 0;
  }

  confidence(edge: number): number {
    return this.#base.confidences[edge] ?? this.#added(edge)?.confidence ?? 0;
  }

  validFrom(edge: number): number {
    return this.#base.validFrom[edge] ?? this.#added(edge)?.validFrom ?? 0;
  }

  validTo(edge: number): number {
    return this.#base.validTo[edge] ?? this.#added(edge)?.validTo ?? 0;
  }

  /** A node's edges, by the ids of their other ends, then by their own; `both` takes an edge to the node itself twice. */
  eachEdge(node: number, direction: Direction, visit: OnEdge): void {
    const { out, in: into } = this.#overlay;
    if ((direction === 'incoming' || !out.has(node)) && (direction === 'outgoing' || !into.has(node))) {
      if (direction === 'both') this.#bothOfBase(node, visit);
      else this.#eachOfBase(node, direction, visit);
      return;
    }
    const found: [edge: number, neighbour: number][] = [];
    const keep: OnEdge = (edge, neighbour) => found.push([edge, neighbour]);
    if (direction !== 'incoming') this.#each(node, 'outgoing', keep);
    if (direction !== 'outgoing') this.#each(node, 'incoming', keep);
    found.sort(
      ([a, x], [b, y]) =>
        compareText(this.idOf(x), this.idOf(y)) || compareText(this.edgeId(a), this.edgeId(b)) || a - b,
    );
    for (const [edge, neighbour] of found) if (visit(edge, neighbour) === false) return;
  }

  /** What the relationships came to, one after the other; each of them replaces all that was known of it. */
  with(changes: Iterable<RelationshipEdges>, revision: number): CodeGraph {
    const overlay = {
      nodeIds: [...this.#overlay.nodeIds],
      nodeOf: new Map(this.#overlay.nodeOf),
      added: [...this.#overlay.added],
      out: new Map(this.#overlay.out),
      in: new Map(this.#overlay.in),
      gone: new Set(this.#overlay.gone),
    };
    const next = new CodeGraph(this.#base, overlay, revision);
    const node = (id: string): number => {
      const known = next.nodeOf(id);
      if (known !== undefined) return known;
      const made = next.nodes;
      overlay.nodeIds.push(id);
      overlay.nodeOf.set(id, made);
      return made;
    };
    for (const { id, from, edges } of changes) {
      const source = next.nodeOf(from);
      if (source !== undefined) {
        next.#each(source, 'outgoing', (edge) => {
          if (next.edgeId(edge) === id) overlay.gone.add(edge);
        });
      }
      for (const edge of edges) {
        const ends = { from: node(edge.from), to: node(edge.to) };
        const place = overlay.added.push({ ...edge, ...ends, type: TYPE_CODES.get(edge.type) ?? 0 }) - 1;
        overlay.out.set(ends.from, [...(overlay.out.get(ends.from) ?? []), place]);
        overlay.in.set(ends.to, [...(overlay.in.get(ends.to) ?? []), place]);
      }
    }
    return next;
  }

  /** The same graph with nothing beside its arrays. Takes as long as making it took; in steps of a few milliseconds at most for each. */
  *compacting(): Generator<void, CodeGraph> {
    const builder = new GraphBuilder(Math.max(1, this.edges));
    let added = 0;
    for (const edge of this.#records()) {
      builder.add(edge);
      added += 1;
      if (added % STEP === 0) yield;
    }
    return new CodeGraph(yield* builder.building(), NOTHING, this.revision);
  }

  *#records(): Generator<EdgeRecord> {
    for (let node = 0; node < this.nodes; node += 1) {
      const found: [number, number][] = [];
      this.#each(node, 'outgoing', (edge, target) => found.push([edge, target]));
      for (const [edge, target] of found) {
        yield {
          id: this.edgeId(edge),
          type: RELATIONSHIP_TYPES[this.typeCode(edge)] ?? 'REFERENCES',
          from: this.idOf(node),
          to: this.idOf(target),
          confidence: this.confidence(edge),
          validFrom: this.validFrom(edge),
          validTo: this.validTo(edge),
        };
      }
    }
  }

  #each(node: number, direction: 'outgoing' | 'incoming', visit: OnEdge): void {
    this.#eachOfBase(node, direction, visit);
    const { added, gone, out, in: into } = this.#overlay;
    for (const place of (direction === 'outgoing' ? out : into).get(node) ?? []) {
      const edge = this.#base.edgeIds.length + place;
      const { from, to } = added[place] ?? { from: node, to: node };
      if (!gone.has(edge) && visit(edge, direction === 'outgoing' ? to : from) === false) return;
    }
  }

  #eachOfBase(node: number, direction: 'outgoing' | 'incoming', visit: OnEdge): void {
    const { nodeIds, outStart, targets, inStart, inEdges, sources } = this.#base;
    if (node >= nodeIds.length) return;
    const gone = this.#overlay.gone.size > 0 ? this.#overlay.gone : null;
    if (direction === 'outgoing') {
      const end = at(outStart, node + 1);
      for (let edge = at(outStart, node); edge < end; edge += 1) {
        if (gone?.has(edge)) continue;
        if (visit(edge, at(targets, edge)) === false) return;
      }
      return;
    }
    const end = at(inStart, node + 1);
    for (let place = at(inStart, node); place < end; place += 1) {
      const edge = at(inEdges, place);
      if (gone?.has(edge)) continue;
      if (visit(edge, at(sources, place)) === false) return;
    }
  }

  /** Both lists stand in the same order, so that they need only be merged. */
  #bothOfBase(node: number, visit: OnEdge): void {
    const { nodeIds, edgeIds, outStart, targets, inStart, inEdges, sources } = this.#base;
    if (node >= nodeIds.length) return;
    const { gone } = this.#overlay;
    let out = at(outStart, node);
    let into = at(inStart, node);
    const [outEnd, inEnd] = [at(outStart, node + 1), at(inStart, node + 1)];
    while (out < outEnd || into < inEnd) {
      const target = out < outEnd ? at(targets, out) : nodeIds.length;
      const source = into < inEnd ? at(sources, into) : nodeIds.length;
      const incoming = source === nodeIds.length ? 0 : at(inEdges, into);
      const isOut =
        target === source ? (compareText(edgeIds[out], edgeIds[incoming]) || out - incoming) <= 0 : target < source;
      const edge = isOut ? out : incoming;
      if (isOut) out += 1;
      else into += 1;
      if (gone.size > 0 && gone.has(edge)) continue;
      if (visit(edge, isOut ? target : source) === false) return;
    }
  }

  #added(edge: number): AddedEdge | undefined {
    return this.#overlay.added[edge - this.#base.edgeIds.length];
  }
}
