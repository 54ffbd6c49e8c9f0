import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { parseInput } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { CycleAlerts } from './cycles/cycle-alerts.ts';
import { Dependencies } from './dependencies/dependencies.ts';
import { dependenciesById, listDependencies } from './dependencies/dependency-store.ts';
import { joinDependencies } from './dependencies/map-edge.ts';
import {
  type MapTraversal,
  type ReadMap,
  readMapSchema,
  type ServiceMap,
  type TraverseMap,
  traverseMapSchema,
} from './graph/map-query.ts';
import type { ReachedService, Walk } from './graph/service-graph.ts';
import { ServiceMaps } from './graph/service-maps.ts';
import { readRevision } from './head-store.ts';
import { type ImportDocument, importDocumentSchema, readDocument } from './importers/import-document.ts';
import { SpanMemory } from './importers/span-memory.ts';
import { readTraces } from './importers/traces.ts';
import { ingestMap } from './ingest/ingest-map.ts';
import type { IngestedMap, MapStatement } from './ingest/statement.ts';
import { ChangeReaches, type WorkPort } from './reach/change-reaches.ts';
import type { CodePort } from './reach/code-port.ts';
import { listServices, serviceIds, servicesById } from './services/service-store.ts';
import { Services } from './services/services.ts';

/** Most services, and most dependencies, of a map that is answered whole. */
const MOST_SHOWN = 5_000;
const MOST_DEPENDENCIES_SHOWN = 25_000;

/** The service map: which services there are, what each depends on, who says so, and how sure that is. */
export class Topology {
  readonly services: Services;
  readonly dependencies: Dependencies;
  readonly cycles: CycleAlerts;
  readonly reach: ChangeReaches;
  readonly #parts: { database: Database; clock: Clock; ids: Ids };
  readonly #maps: ServiceMaps;
  readonly #spans = new SpanMemory();

  constructor(parts: { database: Database; clock: Clock; ids: Ids; work: WorkPort; code: CodePort }) {
    this.#parts = parts;
    this.services = new Services(parts);
    this.dependencies = new Dependencies(parts);
    this.cycles = new CycleAlerts(parts);
    this.#maps = new ServiceMaps(parts.database);
    this.reach = new ChangeReaches({ database: parts.database, maps: this.#maps, work: parts.work, code: parts.code });
  }

  /** {@link ingestMap} */
  ingest(projectId: string, input: MapStatement, actor: string): Promise<IngestedMap> {
    return ingestMap(this.#parts, projectId, input, actor);
  }

  /**
   * What a document of another tool says: all of it, or nothing.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, IMPORT_UNREADABLE, WORKSPACE_NOT_FOUND
   */
  async import(projectId: string, input: ImportDocument, actor: string): Promise<IngestedMap> {
    return this.ingest(projectId, readDocument(parseInput(importDocumentSchema, input)), actor);
  }

  /** What traces show: an export request of OTLP, in JSON. @throws IMPORT_UNREADABLE */
  async observe(projectId: string, request: unknown, actor: string): Promise<IngestedMap> {
    return this.ingest(projectId, readTraces(request, this.#spans.of(projectId)), actor);
  }

  /** What a service depends on, what depends on it, or both (DEP-012). @throws VALIDATION_FAILED, UNKNOWN_FIELD, SERVICE_NOT_FOUND */
  async traverse(projectId: string, input: TraverseMap): Promise<MapTraversal> {
    const { service, direction, maxDepth, environment, ...filter } = parseInput(traverseMapSchema, input);
    const start = await this.services.get(projectId, service);
    const { revision, graph } = await this.#maps.current(projectId, { ...filter, environment });
    const none: Walk = { services: [], dependencies: [] };
    const up = direction === 'downstream' ? none : graph.walk([start.key], 'upstream', maxDepth);
    const down = direction === 'upstream' ? none : graph.walk([start.key], 'downstream', maxDepth);
    const reached = joinWalks(start.key, up.services, down.services);
    const described = await this.#byKey(
      projectId,
      reached.map(({ key }) => key),
    );
    const edges = await dependenciesById(this.#parts.database, projectId, [
      ...new Set([...up.dependencies, ...down.dependencies]),
    ]);
    return {
      revision,
      start,
      services: reached.flatMap(({ key, ...way }) => {
        const service = described.get(key);
        return service ? [{ service, ...way }] : [];
      }),
      edges: joinDependencies(edges),
    };
  }

  /** The whole map, to be drawn. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async map(projectId: string, input: ReadMap = {}): Promise<ServiceMap> {
    const { environment, includeStale, minConfidence } = parseInput(readMapSchema, input);
    const { database } = this.#parts;
    const stale = includeStale ? null : false;
    const any = { sourceId: null, targetId: null, discoverySource: null, stale };
    const [revision, services, dependencies] = await database.transaction(
      async (tx) => [
        await readRevision(tx, projectId),
        await listServices(tx, projectId, {}, MOST_SHOWN, 0),
        await listDependencies(tx, projectId, any, MOST_DEPENDENCIES_SHOWN, 0),
      ],
      { isolation: 'repeatable read', readOnly: true },
    );
    const there = new Set(services.items.map(({ key }) => key));
    const shown = dependencies.items.filter(
      (one) =>
        (environment === undefined || one.environment === null || one.environment === environment) &&
        one.confidence >= minConfidence &&
        there.has(one.source) &&
        there.has(one.target),
    );
    return {
      revision,
      services: services.items.sort((a, b) => (a.key < b.key ? -1 : 1)),
      edges: joinDependencies(shown),
      environments: [...new Set(dependencies.items.flatMap((one) => one.environment ?? []))].sort(),
      truncated: services.total > MOST_SHOWN || dependencies.total > MOST_DEPENDENCIES_SHOWN,
    };
  }

  async #byKey(projectId: string, keys: readonly string[]) {
    const { database } = this.#parts;
    const ids = await serviceIds(database, projectId, keys);
    const services = await servicesById(database, projectId, [...ids.values()]);
    return new Map([...services.values()].map((service) => [service.key, service]));
  }
}

type Way = ReachedService & { direction: 'upstream' | 'downstream' | 'both' };

/** Both directions, each service once, without the start; by distance, then by key. */
function joinWalks(start: string, up: readonly ReachedService[], down: readonly ReachedService[]): Way[] {
  const joined = new Map<string, Way>();
  for (const [direction, reached] of [['upstream', up] as const, ['downstream', down] as const]) {
    for (const one of reached) {
      if (one.key === start) continue;
      const there = joined.get(one.key);
      const nearer = there && there.distance <= one.distance ? there : one;
      joined.set(one.key, { ...nearer, direction: there ? 'both' : direction });
    }
  }
  return [...joined.values()].sort((a, b) => a.distance - b.distance || (a.key < b.key ? -1 : 1));
}
