import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { readRevision } from '../ingest/head-store.ts';
import { CodeGraph } from './code-graph.ts';
import { Compactions } from './compactions.ts';
import type { EdgeRecord, RelationshipEdges } from './edge-record.ts';
import { readAllEdges, readEdgesSince } from './edge-store.ts';

/** Beside how many edges of its arrays a graph may carry others, before its arrays are made anew: a part of all, but not of a small graph. */
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

  readonly #compactions: Compactions;

  /** @param onError told of arrays that could not be made anew; the graph is as right without */
  constructor(database: Database, clock: Pick<Clock, 'monotonic'>, onError: (error: unknown) => void) {
    this.#database = database;
    this.#compactions = new Compactions(clock, onError);
  }

  /** Until no arrays are being made anew. */
  settled(): Promise<void> {
    return this.#compactions.settled();
  }

  /** Breaks off what is done besides answering. Idempotent. */
  close(): Promise<void> {
    return this.#compactions.close();
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
    // Its arrays may have been made anew meanwhile.
    const latest = this.#graphs.peek(projectId);
    const graph = (latest?.revision === known.revision ? latest : known).with(changes, revision);
    this.#compactions.changed(projectId, changes);
    const heavy = graph.edges > SMALL_EDGES && graph.overlayShare > MOST_OVERLAY_SHARE;
    if (heavy) this.#compactions.start(projectId, graph, (made, since) => this.#made(projectId, made, since));
    return graph;
  }

  /** Takes the place of the graph with the same edges, if that is still kept. */
  #made(projectId: string, made: CodeGraph, since: readonly RelationshipEdges[]): void {
    const known = this.#graphs.peek(projectId);
    if (known) this.#graphs.set(projectId, made.with(since, known.revision));
  }

  /** All pages at one moment, so that none of them is of another revision. */
  async #whole(projectId: string): Promise<CodeGraph> {
    this.#compactions.cancel(projectId);
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
