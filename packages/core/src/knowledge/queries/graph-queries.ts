import { entitiesTouched, tellingEvents, touchingEvents } from '../../journal/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { parseInput } from '../../platform/errors/index.ts';
import { uuidSchema } from '../../platform/ids/ids.ts';
import type { CodeGraph } from '../graph/code-graph.ts';
import { compareText } from '../graph/graph-base.ts';
import { readKnownEntities, readSegments, readVersions } from '../history/known-store.ts';
import { type KnownRelationship, relationshipTimeline } from '../history/timeline.ts';
import { sessionName } from '../identity/names.ts';
import { RELATIONSHIP_FAMILIES } from '../vocabulary/relationship-type.ts';
import {
  type AnalyseDependencies,
  analyseDependenciesSchema,
  type DependencyAnalysis,
  findDependencies,
  impactOf,
} from './dependency-analysis.ts';
import { edgesOfEvent, isAsked } from './journal-edges.ts';
import {
  asRelationship,
  type Definition,
  type EntityImports,
  type ModuleChildren,
  type ModuleHistory,
  moduleHistoryQuerySchema,
  type NamedEntity,
  type QueryModuleHistory,
} from './navigation.ts';
import { historyOf, historyOptions, type PerformanceHistory, recordOf, snapshotsOf } from './performance-history.ts';
import {
  type FilteredRelationships,
  type FilterRelationships,
  filterRelationships,
  filterRelationshipsSchema,
} from './relationship-filter.ts';
import {
  entitySessionsQuerySchema,
  type FoundRelationships,
  type QueryEntitySessions,
  type QueryRelationships,
  type QuerySessionEvents,
  type RelationshipQuery,
  relationshipQuerySchema,
  sessionEventsQuerySchema,
} from './relationship-query.ts';
import { queryRelationships } from './relationship-query-store.ts';
import {
  changesOfEvent,
  describeChange,
  type QuerySessionChanges,
  type SessionChanges,
  sessionChangesQuerySchema,
  type ToldChange,
} from './session-changes.ts';
import {
  eventsOf,
  impactsOf,
  type SessionImpacts,
  type SessionsAffecting,
  type SessionTimeline,
  sessionsOf,
  timelineOf,
} from './session-views.ts';

/** Events of a session that are looked at, and relationships of one entity that navigation shows. */
const MOST = { events: 20_000, shown: 1_000 };
const LONG_AGO = new Date(0).toISOString();

interface QueryParts {
  database: Database;
  clock: Clock;
  /** The graph in memory, and the node of an entity: null for one without edges. @throws GRAPH_ENTITY_NOT_FOUND */
  locate: (projectId: string, entityId: string) => Promise<{ graph: CodeGraph; node: number | null }>;
  most?: typeof MOST;
}

/** Questions to the graph that are about relationships themselves (KG-220…228), and what follows from them (KG-240…254). */
export class GraphQueries {
  readonly #parts: Required<QueryParts>;

  constructor(parts: QueryParts) {
    this.#parts = { most: MOST, ...parts };
  }

  /** Relationships of which all that is asked holds. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async relationships(projectId: string, input: QueryRelationships): Promise<FoundRelationships> {
    return queryRelationships(this.#parts.database, projectId, parseInput(relationshipQuerySchema, input));
  }

  /** Relationships around an entity, by how far away they are (KG-228). @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND */
  async around(projectId: string, input: FilterRelationships): Promise<FilteredRelationships> {
    const asked = parseInput(filterRelationshipsSchema, input);
    const { graph, node } = await this.#parts.locate(projectId, asked.entityId);
    const moment = asked.at ?? this.#parts.clock.now();
    return filterRelationships(graph, node, asked, { since: moment, until: moment });
  }

  /** What a module, file or directory contains (KG-240). */
  async children(projectId: string, modulePath: string): Promise<ModuleChildren> {
    const parentId = await this.#moduleAt(projectId, modulePath);
    if (parentId === null) return { modulePath, parentId, children: [], truncated: false };
    const { relationships, truncated } = await this.#all(projectId, {
      fromEntityId: parentId,
      type: ['CONTAINS', 'DEFINES'],
    });
    const entities = await this.#named(
      projectId,
      relationships.map(({ toEntityId }) => toEntityId),
    );
    const children = relationships.map((relationship) => ({
      entity: entities(relationship.toEntityId),
      relationship: asRelationship(relationship),
    }));
    // A file has no name, and comes before what it contains.
    const key = ({ entity: { path, name, id } }: (typeof children)[number]) => `${path ?? ''}\0${name ?? ''}\0${id}`;
    return { modulePath, parentId, children: children.sort((a, b) => compareText(key(a), key(b))), truncated };
  }

  /** What it imports (KG-242). */
  async imports(projectId: string, entityId: string): Promise<EntityImports> {
    const { relationships, truncated } = await this.#all(projectId, { fromEntityId: entityId, type: 'IMPORTS' });
    const entities = await this.#named(
      projectId,
      relationships.map(({ toEntityId }) => toEntityId),
    );
    const imports = relationships.map((relationship) => {
      const target = entities(relationship.toEntityId);
      return { relationship: asRelationship(relationship), target: target.type === null ? null : target };
    });
    return { entityId, imports, truncated };
  }

  /** By what a symbol is defined (KG-242): a file, or what contains it. */
  async definition(projectId: string, symbolId: string): Promise<Definition> {
    const { relationships } = await this.#all(projectId, { toEntityId: symbolId, type: ['DEFINES', 'CONTAINS'] });
    const found = relationships.find(({ type }) => type === 'DEFINES') ?? relationships[0];
    if (!found) return { symbolId, relationship: null, source: null };
    const entities = await this.#named(projectId, [found.fromEntityId]);
    return { symbolId, relationship: asRelationship(found), source: entities(found.fromEntityId) };
  }

  /** What a module was, and what it led to and what led to it, with the times of that (KG-241). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async moduleHistory(projectId: string, input: QueryModuleHistory): Promise<ModuleHistory> {
    const { database, clock } = this.#parts;
    const { modulePath, includeInactive, limit, versionLimit } = parseInput(moduleHistoryQuerySchema, input);
    const moduleId = await this.#moduleAt(projectId, modulePath);
    const generatedAt = clock.now().toISOString();
    if (moduleId === null) {
      const nothing = { versions: [], relationships: [], truncated: false };
      return { moduleId, modulePath, moduleType: null, generatedAt, ...nothing };
    }
    const time = includeInactive ? { since: LONG_AGO } : {};
    const [out, into] = [
      await this.#all(projectId, { fromEntityId: moduleId, ...time }, limit),
      await this.#all(projectId, { toEntityId: moduleId, ...time }, limit),
    ];
    const both = [...out.relationships, ...into.relationships];
    const all = both.slice(0, limit);
    const entities = await this.#named(projectId, [
      moduleId,
      ...all.flatMap((one) => [one.fromEntityId, one.toEntityId]),
    ]);
    const segments = await readSegments(
      database,
      projectId,
      all.map(({ id }) => id),
    );
    const relationships = all.map((one) => ({
      ...relationshipTimeline(one, segments.get(one.id) ?? []),
      direction: one.fromEntityId === moduleId ? ('outgoing' as const) : ('incoming' as const),
      from: entities(one.fromEntityId),
      to: entities(one.toEntityId),
      confidence: typeof one.confidence === 'number' ? one.confidence : null,
    }));
    const versions = await readVersions(database, projectId, moduleId);
    return {
      ...{ moduleId, modulePath, moduleType: entities(moduleId).type, generatedAt, relationships },
      versions: versions.slice(-versionLimit),
      truncated: out.truncated || into.truncated || both.length > limit || versions.length > versionLimit,
    };
  }

  /** What a session changed, in its order, with the versions that came of it (KG-245). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async sessionChanges(projectId: string, input: QuerySessionChanges): Promise<SessionChanges> {
    const { database, most } = this.#parts;
    const { sessionId, limit, offset } = parseInput(sessionChangesQuerySchema, input);
    const all: ToldChange[] = [];
    for await (const event of tellingEvents(database, projectId, sessionId)) all.push(...changesOfEvent(event));
    const shown = all.slice(offset, offset + limit);
    const entityIds = [...new Set(shown.map(({ entityId }) => entityId))];
    const touches = await touchingEvents(database, projectId, entityIds, { sessionIds: null, limit: most.events });
    const changes = [];
    for (const change of shown) {
      const { entityId, event } = change;
      // The latest come first.
      const later = touches.filter(
        (touch) => touch.occurredAt > event.occurredAt && entitiesTouched(touch).includes(entityId),
      );
      const versions = await readVersions(database, projectId, entityId);
      changes.push(describeChange(change, later.at(-1)?.occurredAt ?? null, versions));
    }
    return { sessionId, total: all.length, changes, page: { limit, offset, count: changes.length } };
  }

  /** What a session did, in its order (KG-246). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async sessionTimeline(projectId: string, input: QuerySessionEvents): Promise<SessionTimeline> {
    const { sessionId, found, page } = await this.#sessionEvents(projectId, input);
    return timelineOf(sessionId, found, page);
  }

  /** What entities a session touched (KG-247). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async sessionImpacts(projectId: string, input: QuerySessionEvents): Promise<SessionImpacts> {
    const { sessionId, found, page } = await this.#sessionEvents(projectId, input);
    return impactsOf(sessionId, found, page);
  }

  /** Which sessions touched an entity (KG-248). @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async sessionsAffecting(projectId: string, input: QueryEntitySessions): Promise<SessionsAffecting> {
    const { entityId, ...filters } = input;
    parseInput(entitySessionsQuerySchema, input);
    const asked = parseInput(relationshipQuerySchema, { type: [...RELATIONSHIP_FAMILIES.session], ...filters });
    const [to, from] = [
      await this.#stored(projectId, { ...asked, toEntityId: [entityId] }),
      await this.#stored(projectId, { ...asked, fromEntityId: [entityId] }),
    ];
    const { database, most } = this.#parts;
    const told = await touchingEvents(database, projectId, [entityId], { sessionIds: null, limit: most.events + 1 });
    const ofEntity = told
      .slice(0, most.events)
      .flatMap(edgesOfEvent)
      .filter(({ fromEntityId, toEntityId }) => fromEntityId === entityId || toEntityId === entityId);
    const events = eventsOf(joined([...to.relationships, ...from.relationships], ofEntity, asked));
    const truncated = to.truncated || from.truncated || told.length > most.events;
    return sessionsOf(entityId, { events, truncated }, { limit: asked.limit, offset: asked.offset });
  }

  /** What an entity depends on, and what on it (KG-254). @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND */
  async dependencies(projectId: string, input: AnalyseDependencies): Promise<DependencyAnalysis> {
    const { entityId, maxDepth, minConfidence, at, limit } = parseInput(analyseDependenciesSchema, input);
    const { graph, node } = await this.#parts.locate(projectId, entityId);
    const moment = at ?? this.#parts.clock.now();
    const filter = { minConfidence, since: moment, until: moment };
    const nothing = { dependencies: [], dependents: [], cycles: [], truncated: false };
    const found = node === null ? nothing : findDependencies(graph, node, { filter, maxDepth });
    const direct = found.dependencies.filter(({ path }) => path.length === 2);
    const indirect = found.dependencies.filter(({ path }) => path.length > 2);
    const shown = [direct, indirect, found.dependents].map((list) => list.slice(0, limit));
    const entities = await this.#named(
      projectId,
      shown.flat().map(({ id }) => id),
      at ?? null,
    );
    const [toldDirect = [], toldIndirect = [], toldReverse = []] = shown;
    return {
      entityId,
      revision: graph.revision,
      directDependencies: toldDirect.map(({ id, relationship, confidence }) => ({
        entity: entities(id),
        relationship,
        confidence,
      })),
      indirectDependencies: toldIndirect.map(({ id, relationship, path }) => ({
        entity: entities(id),
        path,
        relationship,
        distance: path.length - 1,
      })),
      reverseDependencies: toldReverse.map(({ id, relationship, confidence }) => ({
        entity: entities(id),
        relationship,
        impact: impactOf(confidence),
      })),
      circularDependencies: found.cycles,
      truncated: found.truncated || [direct, indirect, found.dependents].some((list) => list.length > limit),
    };
  }

  /**
   * How fast it was: what the graph was told, and what tests remember, the newest first (KG-286).
   * @param raw as {@link historyOptions} reads it @throws GRAPH_ENTITY_NOT_FOUND, VALIDATION_FAILED
   */
  async performanceHistory(
    projectId: string,
    entityId: string,
    raw: Readonly<Record<string, unknown>>,
    how: { strict?: boolean } = {},
  ): Promise<PerformanceHistory> {
    const options = historyOptions(raw, how);
    await this.#parts.locate(projectId, entityId);
    const type = [...RELATIONSHIP_FAMILIES.performance];
    const ends = [{ fromEntityId: entityId }, { toEntityId: entityId }];
    const found = await Promise.all(ends.map((end) => this.#all(projectId, { type, since: LONG_AGO, ...end })));
    const records = new Map(found.flatMap(({ relationships }) => relationships.map((one) => [one.id, recordOf(one)])));
    const entity = (await readKnownEntities(this.#parts.database, projectId, [entityId], null)).get(entityId)?.entity;
    const snapshots = entity?.type === 'test' ? snapshotsOf(entityId, entity) : [];
    return historyOf(entityId, [...records.values(), ...snapshots], options, this.#parts.clock.now());
  }

  async #sessionEvents(projectId: string, input: QuerySessionEvents) {
    const sessionId = sessionName(parseInput(sessionEventsQuerySchema, input).sessionId);
    const query = { type: [...RELATIONSHIP_FAMILIES.session], ...input, sessionId };
    const asked = parseInput(relationshipQuerySchema, query);
    const { database, most } = this.#parts;
    const told: KnownRelationship[] = [];
    let isMore = false;
    if (uuidSchema.safeParse(sessionId).success) {
      for await (const event of tellingEvents(database, projectId, sessionId)) {
        isMore = told.length >= most.events;
        if (isMore) break;
        told.push(...edgesOfEvent(event));
      }
    }
    const stored = await this.#stored(projectId, asked);
    const found = {
      events: eventsOf(joined(stored.relationships, told, asked)),
      truncated: stored.truncated || isMore,
    };
    return { sessionId, found, page: { limit: asked.limit, offset: asked.offset } };
  }

  /** All that the graph itself has, whatever the page: summaries are of all. */
  async #stored(projectId: string, asked: RelationshipQuery) {
    const all = { ...asked, since: new Date(LONG_AGO), limit: this.#parts.most.events, offset: 0 };
    const { relationships, total } = await queryRelationships(this.#parts.database, projectId, all);
    return { relationships, truncated: total > relationships.length };
  }

  async #all(projectId: string, query: QueryRelationships, limit = this.#parts.most.shown) {
    const { relationships, total } = await this.relationships(projectId, { ...query, limit });
    return { relationships, truncated: total > relationships.length };
  }

  async #moduleAt(projectId: string, modulePath: string): Promise<string | null> {
    const candidates = [...['file', 'directory', 'module'].map((type) => `${type}:${modulePath}`), modulePath];
    const known = await readKnownEntities(this.#parts.database, projectId, candidates, null);
    return candidates.find((id) => known.has(id)) ?? null;
  }

  async #named(
    projectId: string,
    ids: readonly string[],
    at: Date | null = null,
  ): Promise<(id: string) => NamedEntity> {
    const known = await readKnownEntities(this.#parts.database, projectId, [...new Set(ids)], at);
    return (id) => {
      const entity = known.get(id)?.entity;
      const text = (value: unknown) => (typeof value === 'string' ? value : null);
      return {
        id,
        type: entity?.type ?? null,
        name: text(entity?.name ?? entity?.title),
        path: text(entity?.path),
        language: text(entity?.language),
      };
    };
  }
}

/** What the graph was told of sessions, and what their journals tell: each edge once. */
function joined(
  stored: readonly KnownRelationship[],
  told: readonly KnownRelationship[],
  asked: RelationshipQuery,
): KnownRelationship[] {
  const byId = new Map(told.filter((edge) => isAsked(edge, asked)).map((edge) => [String(edge.id), edge]));
  for (const edge of stored) byId.set(String(edge.id), edge);
  return [...byId.values()];
}
