import { LRUCache } from 'lru-cache';
import type { Database } from '../../platform/database/index.ts';
import { readRevision } from '../ingest/head-store.ts';
import { CodeGraph } from './code-graph.ts';
import type { EdgeRecord } from './edge-record.ts';
import { readAllEdges, readEdgesSince } from './edge-store.ts';

/** Beside how many edges of its arrays a graph may carry others, before it is made anew: a part of all, but not of a small graph. */
const MOST_OVERLAY_SHARE = 0.05;
const SMALL_EDGES = 2_000;
/** Edges of all graphs that are kept in memory: about 150 bytes each, with their ids. */
const MOST_EDGES = 20_000_000;

/**
 * The projects' graphs in memory. A graph is read whole when it is asked for first; after that each question is preceded by a look at
 * the revision, and what changed since is laid over the graph. So an answer shows all that was committed before it was asked for.
 */
export class Graphs {
  readonly #database: Database;
  readonly #graphs = new LRUCache<string, CodeGraph>({
    maxSize: MOST_EDGES,
    sizeCalculation: ({ edges }) => Math.max(1, edges),
  });
  /** One at a time per project; whoever comes meanwhile takes its turn after that. */
  readonly #turns = new Map<string, Promise<CodeGraph>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The project's graph as it is now. */
  async current(projectId: string): Promise<CodeGraph> {
    const before = this.#turns.get(projectId);
    const turn = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.#upToDate(projectId));
    this.#turns.set(projectId, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(projectId) === turn) this.#turns.delete(projectId);
    }
  }

  async #upToDate(projectId: string): Promise<CodeGraph> {
    const known = this.#graphs.get(projectId);
    const { revision, readAnewAt } = await readRevision(this.#database, projectId);
    if (known?.revision === revision) return known;
    // After a restore the revision may be an earlier one: what is known is of another database then.
    const graph =
      known && known.revision < revision && known.revision >= readAnewAt
        ? await this.#caughtUp(projectId, known, revision)
        : await this.#whole(projectId);
    this.#graphs.set(projectId, graph);
    return graph;
  }

  async #caughtUp(projectId: string, known: CodeGraph, revision: number): Promise<CodeGraph> {
    const changes = await readEdgesSince(this.#database, projectId, known.revision);
    const graph = known.with(changes, revision);
    const heavy = graph.edges > SMALL_EDGES && graph.overlayShare > MOST_OVERLAY_SHARE;
    return heavy ? graph.compact() : graph;
  }

  /** All pages at one moment, so that none of them is of another revision. */
  async #whole(projectId: string): Promise<CodeGraph> {
    return this.#database.transaction(
      async (tx) => {
        const { revision } = await readRevision(tx, projectId);
        const edges: EdgeRecord[] = [];
        for await (const relationship of readAllEdges(tx, projectId)) edges.push(...relationship.edges);
        return CodeGraph.of(edges, revision);
      },
      { isolation: 'repeatable read', readOnly: true },
    );
  }
}
