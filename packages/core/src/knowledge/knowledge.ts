import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { Findings } from './findings/findings.ts';
import type { CodeGraph } from './graph/code-graph.ts';
import { cyclicComponents, shortestCycle } from './graph/cycles.ts';
import type { EdgeFilter } from './graph/edge-filter.ts';
import { Graphs } from './graph/graphs.ts';
import { type ImportCircle, importCircles } from './graph/import-circles.ts';
import { type Reach, reach } from './graph/reach.ts';
import { type GraphPath, shortestPath, simplePaths } from './graph/shortest-path.ts';
import {
  type Cycles,
  type FindCycles,
  type FindPaths,
  findCyclesSchema,
  findPathsSchema,
  MOST_EDGES_VISITED,
  type Paths,
  type Traversal,
  type Traverse,
  traverseSchema,
} from './graph-query.ts';
import {
  type TakeGraphCheckpoint,
  type TakenGraphCheckpoint,
  takeGraphCheckpointSchema,
} from './history/checkpoint.ts';
import { readKnownEntities, readKnownRelationships, readSegments, readVersions } from './history/known-store.ts';
import { countOldHistory, type ForgottenHistory, forgetOldHistory } from './history/retention-store.ts';
import { draftCheckpoint } from './history/take-checkpoint.ts';
import {
  type EntityTimeline,
  type KnownEntity,
  type KnownRelationship,
  type RelationshipTimeline,
  relationshipTimeline,
} from './history/timeline.ts';
import { analyseImpact } from './impact/analyse-impact.ts';
import { type CodeUser, type DeclaredSymbol, symbolsIn, usersOf } from './impact/code-users.ts';
import { type AnalyseImpact, analyseImpactSchema, type GraphImpact } from './impact/impact.ts';
import type { Ingest } from './ingest/batch.ts';
import { holdGraph, readGraphAnew, readRevision } from './ingest/head-store.ts';
import { type Ingested, ingest, ingestWithin } from './ingest/ingest.ts';
import { GraphMeasures } from './measures/graph-measures.ts';
import { GraphQueries } from './queries/graph-queries.ts';
import { type FoundEntities, type SearchGraph, searchGraphSchema } from './search/entity-search.ts';
import { relatedTo, toldOf } from './search/related-search.ts';
import { searchEntities, searchTexts } from './search/search-store.ts';
import { RELATIONSHIP_TYPES, type RelationshipType } from './vocabulary/relationship-type.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface KnowledgeParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  /** Told of what failed besides answering, and is tried again later. */
  onError?: (error: unknown) => void;
}

/** The graph of a project's code and of what is around it, with its history. */
export class Knowledge {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #graphs: Graphs;
  /** Questions about relationships themselves, and what follows from them. */
  readonly queries: GraphQueries;
  /** What was measured of the code. */
  readonly measures: GraphMeasures;
  /** What scanners and audits reported. */
  readonly findings: Findings;

  constructor({ database, clock, ids, onError = () => undefined }: KnowledgeParts) {
    this.#database = database;
    this.#clock = clock;
    this.#ids = ids;
    this.#graphs = new Graphs(database, clock, onError);
    const locate = async (projectId: string, entityId: string) => {
      const graph = await this.#graphs.current(projectId);
      return { graph, node: await this.#nodeOf(projectId, graph, entityId) };
    };
    this.queries = new GraphQueries({ database, clock, locate });
    this.measures = new GraphMeasures({ database });
    this.findings = new Findings({ database, declared: (projectId, ids) => this.measures.declared(projectId, ids) });
  }

  /** Breaks off what is done besides answering. Idempotent. */
  close(): Promise<void> {
    return this.#graphs.close();
  }

  /** {@link ingest}. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  ingest(projectId: string, input: Ingest, actor: string): Promise<Ingested> {
    return ingest({ database: this.#database, clock: this.#clock, ids: this.#ids }, projectId, input, actor);
  }

  /** For a unit of work: what is read of entities stays as it is until that ends, since the graph is held. */
  within(tx: Transaction) {
    const parts = { clock: this.#clock, ids: this.#ids };
    return {
      held: async (projectId: string, ids: readonly string[]) => {
        await holdGraph(tx, projectId);
        return readKnownEntities(tx, projectId, ids, null);
      },
      ingest: (projectId: string, input: Ingest, actor: string) => ingestWithin(tx, parts, projectId, input, actor),
    };
  }

  /** Those that there are or were, by id. */
  async entities(projectId: string, ids: readonly string[]): Promise<ReadonlyMap<string, KnownEntity>> {
    return readKnownEntities(this.#database, projectId, [...new Set(ids)], null);
  }

  /** Of the project's graph; it rises with each change. */
  async revision(projectId: string): Promise<number> {
    return (await readRevision(this.#database, projectId)).revision;
  }

  /** @param at as of then: as it was, if it was; else as it was last. @throws GRAPH_ENTITY_NOT_FOUND */
  async entity(projectId: string, id: string, at: Date | null = null): Promise<KnownEntity> {
    const found = (await readKnownEntities(this.#database, projectId, [id], at)).get(id);
    if (!found) throw new SignalboxError('GRAPH_ENTITY_NOT_FOUND', { id });
    return found;
  }

  /** Entities as they are now: by names, paths and signatures, by words, or what leads to those, or they to (KG-251). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async search(projectId: string, input: SearchGraph): Promise<FoundEntities> {
    const asked = parseInput(searchGraphSchema, input);
    if (asked.searchType === 'text') return searchTexts(this.#database, projectId, asked);
    if (asked.searchType === 'structural') return searchEntities(this.#database, projectId, asked);
    const { query, limit } = asked;
    const found = await searchEntities(this.#database, projectId, parseInput(searchGraphSchema, { query, limit }));
    const direction = asked.searchType === 'usage' ? 'incoming' : 'outgoing';
    const time = this.#filter({ relationshipTypes: [], minConfidence: 0 });
    const related = relatedTo(await this.#graphs.current(projectId), found.results, { direction, time });
    const known = await readKnownEntities(this.#database, projectId, [...related.keys()], null);
    const told = toldOf(related, known, asked);
    // Of what was found beyond the limit nobody looked at what is around it.
    return { ...told, truncated: told.truncated || found.truncated };
  }

  /** Its versions. @throws GRAPH_ENTITY_NOT_FOUND */
  async entityTimeline(projectId: string, entityId: string): Promise<EntityTimeline> {
    await this.entity(projectId, entityId);
    return { entityId, versions: await readVersions(this.#database, projectId, entityId) };
  }

  /**
   * Keeps what is around some entities as it is now: retention forgets none of it.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND, GRAPH_CHECKPOINT_TOO_LARGE
   */
  async takeCheckpoint(projectId: string, input: TakeGraphCheckpoint, actor: string): Promise<TakenGraphCheckpoint> {
    const { seedEntities, ...asked } = parseInput(takeGraphCheckpointSchema, input);
    const graph = await this.#graphs.current(projectId);
    const seeds = [...new Set(seedEntities)];
    for (const seed of seeds) await this.#nodeOf(projectId, graph, seed);
    const at = this.#clock.now();
    const time = this.#filter({ ...asked, relationshipTypes: [], minConfidence: 0 });
    const draft = draftCheckpoint(graph, seeds, { ...asked, ...time }, { checkpointId: this.#ids.uuid(), at });
    const { revision } = await this.ingest(projectId, draft.said, actor);
    const { id, checkpointId, members } = draft;
    return { id, checkpointId, timestamp: at.toISOString(), members, revision };
  }

  /**
   * Forgets history that ended more than so many days ago (KG-209): not what holds, not an entity's only version, and nothing as a
   * checkpoint has it.
   * @param options.dryRun tell what would be forgotten, and forget nothing
   */
  async forgetOld(projectId: string, days: number, { dryRun = false } = {}): Promise<ForgottenHistory> {
    const before = new Date(this.#clock.now().getTime() - days * DAY_MS);
    if (dryRun) return countOldHistory(this.#database, projectId, before);
    return this.#database.transaction(async (tx) => {
      await holdGraph(tx, projectId);
      const forgotten = await forgetOldHistory(tx, projectId, before);
      if (forgotten.segments + forgotten.relationships > 0) await readGraphAnew(tx, projectId);
      return forgotten;
    });
  }

  /** As it is, or was last. @throws GRAPH_RELATIONSHIP_NOT_FOUND */
  async relationship(projectId: string, id: string): Promise<KnownRelationship> {
    const found = (await readKnownRelationships(this.#database, projectId, [id])).get(id);
    if (!found) throw new SignalboxError('GRAPH_RELATIONSHIP_NOT_FOUND', { id });
    return found;
  }

  /** The times in which it held. @throws GRAPH_RELATIONSHIP_NOT_FOUND */
  async relationshipTimeline(projectId: string, relationshipId: string): Promise<RelationshipTimeline> {
    const known = await this.relationship(projectId, relationshipId);
    const segments = await readSegments(this.#database, projectId, [relationshipId]);
    return relationshipTimeline(known, segments.get(relationshipId) ?? []);
  }

  /** What is reached from an entity, breadth first (KG-233). @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND */
  async traverse(projectId: string, input: Traverse): Promise<Traversal> {
    const { startId, direction, maxDepth, entityTypes, limit, ...edges } = parseInput(traverseSchema, input);
    const graph = await this.#graphs.current(projectId);
    const start = await this.#nodeOf(projectId, graph, startId);
    const query = { direction, maxDepth, filter: this.#filter(edges), maxEdges: MOST_EDGES_VISITED };
    const { nodes, truncated }: Reach = start === null ? { nodes: [], truncated: false } : reach(graph, [start], query);
    const ids = start === null ? [startId] : nodes.map(({ node }) => graph.idOf(node));
    const known = await readKnownEntities(this.#database, projectId, ids, edges.at ?? null);
    const visited = ids.map((id, n) => {
      const reached = nodes[n];
      const entity = known.get(id)?.entity;
      const via = reached?.via ?? null;
      return {
        id,
        type: entity?.type ?? null,
        name: textOrNull(entity?.name ?? entity?.title),
        path: textOrNull(entity?.path),
        depth: reached?.depth ?? 0,
        confidence: reached?.confidence ?? 1,
        via: via === null ? null : graph.edgeId(via),
        from: reached && via !== null ? graph.idOf(reached.from) : null,
      };
    });
    const wanted = visited.filter(({ type }) => entityTypes.length === 0 || entityTypes.some((one) => one === type));
    return { revision: graph.revision, visited: wanted.slice(0, limit), truncated: truncated || wanted.length > limit };
  }

  /**
   * The shortest way between two entities, or all ways from one (KG-230); none where there is none.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND
   */
  async paths(projectId: string, input: FindPaths): Promise<Paths> {
    const { startId, endId, direction, maxDepth, limit, ...edges } = parseInput(findPathsSchema, input);
    const graph = await this.#graphs.current(projectId);
    const start = await this.#nodeOf(projectId, graph, startId);
    const end = endId === undefined ? undefined : await this.#nodeOf(projectId, graph, endId);
    const query = { direction, maxDepth, filter: this.#filter(edges), maxEdges: MOST_EDGES_VISITED };
    const { revision } = graph;
    if (startId === endId) {
      return { revision, paths: [{ entities: [startId], relationships: [], relationshipTypes: [], totalLength: 0 }] };
    }
    if (start === null || end === null) return { revision, paths: [] };
    const found =
      end === undefined ? simplePaths(graph, start, query, limit) : [shortestPath(graph, start, end, query)];
    return { revision, paths: found.flatMap((path) => (path ? [pathOf(graph, path)] : [])) };
  }

  /** Where entities depend on themselves: the sets of which each reaches each other. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async cycles(projectId: string, input: FindCycles = {}): Promise<Cycles> {
    const { limit, ...edges } = parseInput(findCyclesSchema, input);
    const graph = await this.#graphs.current(projectId);
    const filter = this.#filter(edges);
    const components = cyclicComponents(graph, filter);
    return {
      revision: graph.revision,
      total: components.length,
      components: components.slice(0, limit).map((nodes) => ({
        entities: nodes.map((node) => graph.idOf(node)),
        cycle: shortestCycle(graph, nodes, filter).map((node) => graph.idOf(node)),
      })),
    };
  }

  /** What changes can break (KG-260…276). @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND */
  async impact(projectId: string, input: AnalyseImpact): Promise<GraphImpact> {
    const asked = parseInput(analyseImpactSchema, input);
    const graph = await this.#graphs.current(projectId);
    const nodes: (number | null)[] = [];
    for (const { entityId } of asked.changes) nodes.push(await this.#nodeOf(projectId, graph, entityId));
    const { since, until } = this.#filter({ relationshipTypes: [], minConfidence: 0, at: asked.at });
    return analyseImpact(asked, {
      graph,
      nodes,
      known: (ids) => readKnownEntities(this.#database, projectId, ids, asked.at ?? null),
      relationships: (ids) => readKnownRelationships(this.#database, projectId, ids),
      time: { since, until },
      maxEdges: MOST_EDGES_VISITED,
    });
  }

  /** Circles of imports through files, as they are or as is proposed, and of which the graph knows nothing. @param proposed by id */
  async importCircles(
    projectId: string,
    ids: readonly string[],
    proposed: ReadonlyMap<string, readonly string[]> = new Map(),
  ): Promise<{ circles: ImportCircle[]; unknown: string[] }> {
    const graph = await this.#graphs.current(projectId);
    const circles = importCircles(graph, ids, proposed, this.#now(projectId).time);
    return { circles, unknown: ids.filter((id) => !proposed.has(id) && graph.nodeOf(id) === undefined) };
  }

  /** What files declare, as the graph has it now. @param paths relative to the workspace */
  async symbolsIn(projectId: string, paths: readonly string[]): Promise<DeclaredSymbol[]> {
    return symbolsIn(await this.#graphs.current(projectId), paths, this.#now(projectId));
  }

  /** What depends on entities over at most so many hops, over what is sure enough; tests left out. */
  async usersOf(
    projectId: string,
    ids: readonly string[],
    far: { maxDepth: number; minConfidence: number },
  ): Promise<{ users: CodeUser[]; truncated: boolean }> {
    return usersOf(await this.#graphs.current(projectId), ids, { ...this.#now(projectId), ...far });
  }

  #now(projectId: string) {
    const { since, until } = this.#filter({ relationshipTypes: [], minConfidence: 0 });
    return {
      known: (ids: readonly string[]) => readKnownEntities(this.#database, projectId, ids, null),
      time: { since, until },
      maxEdges: MOST_EDGES_VISITED,
    };
  }

  #filter({ relationshipTypes, minConfidence, at, since, until }: EdgeFields): EdgeFilter {
    const now = this.#clock.now();
    const moment = since === undefined && until === undefined ? (at ?? now) : undefined;
    return {
      types: relationshipTypes,
      minConfidence,
      since: moment ?? since ?? new Date(0),
      until: moment ?? until ?? now,
    };
  }

  /** Null for an entity without edges. @throws GRAPH_ENTITY_NOT_FOUND for what nobody ever named */
  async #nodeOf(projectId: string, graph: CodeGraph, id: string): Promise<number | null> {
    const node = graph.nodeOf(id);
    if (node === undefined) await this.entity(projectId, id);
    return node ?? null;
  }
}

interface EdgeFields {
  relationshipTypes: RelationshipType[];
  minConfidence: number;
  at?: Date | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

function pathOf(graph: CodeGraph, { nodes, edges }: GraphPath): Paths['paths'][number] {
  return {
    entities: nodes.map((node) => graph.idOf(node)),
    relationships: edges.map((edge) => graph.edgeId(edge)),
    relationshipTypes: edges.map((edge) => RELATIONSHIP_TYPES[graph.typeCode(edge)] ?? 'REFERENCES'),
    totalLength: edges.length,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
