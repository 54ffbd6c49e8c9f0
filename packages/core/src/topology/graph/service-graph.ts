import { CodeGraph, cyclicComponents, type EdgeFilter, reach, shortestPath } from '../../knowledge/index.ts';
import type { MapEdge } from '../dependencies/dependency-store.ts';

/** Which dependencies count. */
export interface MapFilter {
  /** Null: only what holds in every environment; undefined: whatever the environment. */
  environment: string | null | undefined;
  includeStale: boolean;
  /** Inclusive. */
  minConfidence: number;
}

/** A service that was reached, by the fewest hops. */
export interface ReachedService {
  key: string;
  distance: number;
  /** The service before it on the way; itself for where it began. */
  from: string;
  /** The best product of confidences over the ways of so many hops. */
  confidence: number;
}

export interface Walk {
  services: ReachedService[];
  /** Ids of the dependencies that were walked over, each once. */
  dependencies: string[];
}

const ALWAYS: Pick<EdgeFilter, 'since' | 'until'> = { since: new Date(0), until: new Date(0) };

/** The service map at one revision, in memory, on the engine of the code graph. Services are named by their keys. */
export class ServiceGraph {
  readonly #graph: CodeGraph;
  readonly #filter: EdgeFilter;

  private constructor(graph: CodeGraph, minConfidence: number) {
    this.#graph = graph;
    this.#filter = { ...ALWAYS, minConfidence };
  }

  static of(edges: readonly MapEdge[], { environment, includeStale, minConfidence }: MapFilter): ServiceGraph {
    const counting = edges.filter(
      (edge) =>
        (includeStale || !edge.stale) &&
        (environment === undefined || edge.environment === '' || edge.environment === environment),
    );
    const records = counting.map(({ id, source, target, confidence }) => ({
      id,
      type: 'DEPENDS_ON' as const,
      from: source,
      to: target,
      confidence,
      validFrom: 0,
      validTo: Number.POSITIVE_INFINITY,
    }));
    return new ServiceGraph(CodeGraph.of(records, 0), minConfidence);
  }

  /**
   * What depends on services (`upstream`), or what these depend on (`downstream`), each once and by the fewest hops, what it began with
   * first; with every dependency that leads out of a service less than `maxDepth` away, those that close a cycle too (DEP-012).
   */
  walk(starts: readonly string[], direction: 'upstream' | 'downstream', maxDepth: number): Walk {
    const graph = this.#graph;
    const way = direction === 'downstream' ? 'outgoing' : 'incoming';
    const nodes = starts.flatMap((key) => graph.nodeOf(key) ?? []);
    const query = { direction: way, filter: this.#filter, maxDepth, maxEdges: Number.POSITIVE_INFINITY } as const;
    const { nodes: reached } = reach(graph, nodes, query);
    const least = Math.fround(this.#filter.minConfidence ?? 0);
    const dependencies: string[] = [];
    for (const { node, depth } of reached) {
      if (depth === maxDepth) continue;
      graph.eachEdge(node, way, (edge) => {
        if (graph.confidence(edge) >= least) dependencies.push(graph.edgeId(edge));
      });
    }
    const services = reached.map(({ node, depth, from, confidence }) => ({
      key: graph.idOf(node),
      distance: depth,
      from: graph.idOf(from),
      confidence,
    }));
    return { services, dependencies };
  }

  /** Whether each service of a cycle depends on the next. */
  holds(path: readonly string[]): boolean {
    return path.every((key, at) => this.#leads(key, path[(at + 1) % path.length] ?? key));
  }

  /**
   * Cycles that cover every dependency which is part of one, without those that `covered` are on already: one for each that is left, by
   * the shortest way back, which is as much as somebody needs to cut them all. At least one for each set of services that all reach each
   * other, and no more than `most` beyond that: among many services that all depend on each other there are thousands.
   * @param covered cycles that are known, and hold
   */
  cycles(covered: readonly (readonly string[])[], most: number): string[][] {
    const onCycle = new Set<string>();
    const cover = (path: readonly string[]) =>
      path.forEach((key, at) => void onCycle.add(link(key, path[(at + 1) % path.length])));
    for (const path of covered) cover(path);
    const found: string[][] = [];
    const components = cyclicComponents(this.#graph, this.#filter).map((nodes) => ({
      nodes,
      links: this.#links(nodes),
    }));
    const search = (links: readonly Link[], length: number, limit: number) => {
      for (const { source, target, name } of links) {
        if (limit <= 0) return;
        if (onCycle.has(name)) continue;
        const cycle = this.#cycleOver(source, target, length);
        cover(cycle);
        found.push(cycle);
        limit -= 1;
      }
    };
    for (const { nodes, links } of components) {
      if (!links.some(({ name }) => onCycle.has(name))) search(links, nodes.length, 1);
    }
    for (const { nodes, links } of components) search(links, nodes.length, most - covered.length - found.length);
    return found;
  }

  /** What leads from one of these services to another, each pair once, by keys. */
  #links(nodes: readonly number[]): Link[] {
    const within = new Set(nodes);
    const links = new Map<string, Link>();
    for (const source of nodes) {
      this.#graph.eachEdge(source, 'outgoing', (_edge, target) => {
        const name = link(this.#graph.idOf(source), this.#graph.idOf(target));
        if (within.has(target)) links.set(name, { source, target, name });
      });
    }
    return [...links.values()];
  }

  #cycleOver(source: number, target: number, length: number): string[] {
    const query = {
      direction: 'outgoing',
      filter: this.#filter,
      maxDepth: length,
      maxEdges: Number.POSITIVE_INFINITY,
    } as const;
    // There is a way back: both are of one component.
    const back = shortestPath(this.#graph, target, source, query)?.nodes ?? [];
    return [source, ...back.slice(0, -1)].map((node) => this.#graph.idOf(node));
  }

  #leads(from: string, to: string): boolean {
    const [source, target] = [this.#graph.nodeOf(from), this.#graph.nodeOf(to)];
    if (source === undefined || target === undefined) return false;
    let leads = false;
    this.#graph.eachEdge(source, 'outgoing', (_edge, node) => {
      leads = node === target;
      return !leads;
    });
    return leads;
  }
}

interface Link {
  source: number;
  target: number;
  name: string;
}

/** Keys hold no spaces. */
function link(from: string, to = ''): string {
  return `${from} ${to}`;
}
