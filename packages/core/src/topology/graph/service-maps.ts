import { LRUCache } from 'lru-cache';
import type { Database } from '../../platform/database/index.ts';
import { type MapEdge, readMapEdges } from '../dependencies/dependency-store.ts';
import { readRevision } from '../head-store.ts';
import { type MapFilter, ServiceGraph } from './service-graph.ts';

/** Projects whose maps are kept in memory, and ways to look at each. */
const MOST_MAPS = 50;
const MOST_VIEWS = 10;

interface KeptMap {
  revision: number;
  edges: readonly MapEdge[];
  views: LRUCache<string, ServiceGraph>;
}

/** The projects' service maps in memory. Each question is preceded by a look at the revision, so it sees all that was committed before. */
export class ServiceMaps {
  readonly #database: Database;
  readonly #maps = new LRUCache<string, KeptMap>({ max: MOST_MAPS });

  constructor(database: Database) {
    this.#database = database;
  }

  async current(projectId: string, filter: MapFilter): Promise<{ revision: number; graph: ServiceGraph }> {
    const map = await this.#map(projectId);
    const { environment = false, includeStale, minConfidence } = filter;
    const view = JSON.stringify([environment, includeStale, minConfidence]);
    const graph = map.views.get(view) ?? ServiceGraph.of(map.edges, filter);
    map.views.set(view, graph);
    return { revision: map.revision, graph };
  }

  async #map(projectId: string): Promise<KeptMap> {
    const kept = this.#maps.get(projectId);
    if (kept && kept.revision === (await readRevision(this.#database, projectId))) return kept;
    const map = await this.#database.transaction(
      async (tx) => ({
        revision: await readRevision(tx, projectId),
        edges: await readMapEdges(tx, projectId),
        views: new LRUCache<string, ServiceGraph>({ max: MOST_VIEWS }),
      }),
      { isolation: 'repeatable read', readOnly: true },
    );
    this.#maps.set(projectId, map);
    return map;
  }
}
