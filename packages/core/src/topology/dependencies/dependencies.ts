import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { holdMap } from '../head-store.ts';
import { mapMoved } from '../map-change.ts';
import { getService } from '../services/service-store.ts';
import type { Dependency } from './dependency.ts';
import { getDependency, listDependencies, markStale, removeDependency } from './dependency-store.ts';

export interface ListDependencies {
  /** Key or id of the service that depends on others. */
  source?: string | undefined;
  target?: string | undefined;
  discoverySource?: string | undefined;
  stale?: boolean | undefined;
}

/** What services depend on (DEP-011). Many at once come by {@link Topology.ingest}. */
export class Dependencies {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** @throws DEPENDENCY_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Dependency> {
    const dependency = await getDependency(this.#database, projectId, id);
    if (!dependency) throw new SignalboxError('DEPENDENCY_NOT_FOUND', { id });
    return dependency;
  }

  /** Those that were seen last first. @throws SERVICE_NOT_FOUND */
  async list(
    projectId: string,
    {
      source,
      target,
      discoverySource = null,
      stale = null,
    }: { [Name in keyof ListDependencies]: ListDependencies[Name] | null },
    page: number,
    pageSize: number,
  ): Promise<{ items: Dependency[]; total: number }> {
    const [sourceId, targetId] = [await this.#idOf(projectId, source), await this.#idOf(projectId, target)];
    const filter = { sourceId, targetId, discoverySource, stale };
    return listDependencies(this.#database, projectId, filter, pageSize, (page - 1) * pageSize);
  }

  /**
   * Takes what was seen last before a moment for stale, until it is seen again: what depends on it counts no more for cycles and reach.
   * @param sources only what these know of; null for all. @returns how many that were
   */
  async markStale(projectId: string, before: Date, sources: readonly string[] | null, actor: string): Promise<number> {
    return this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const marked = await markStale(tx, projectId, before, sources);
      if (marked === 0) return 0;
      await recordAudit(tx, projectId, {
        actor,
        action: 'topology.mark_stale',
        subjectType: 'topology',
        subjectId: projectId,
        details: { before: before.toISOString(), sources, marked },
      });
      await mapMoved(tx, projectId, this.#clock.now(), this.#ids);
      return marked;
    });
  }

  /** It comes back when its source tells of it again. @throws DEPENDENCY_NOT_FOUND */
  async remove(projectId: string, id: string, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const dependency = await getDependency(tx, projectId, id);
      if (!dependency) throw new SignalboxError('DEPENDENCY_NOT_FOUND', { id });
      await removeDependency(tx, projectId, id);
      const { source, target, discoverySource, environment } = dependency;
      await recordAudit(tx, projectId, {
        actor,
        action: 'dependency.delete',
        subjectType: 'dependency',
        subjectId: id,
        details: { source, target, discoverySource, environment },
      });
      await mapMoved(tx, projectId, this.#clock.now(), this.#ids);
    });
  }

  async #idOf(projectId: string, reference: string | null | undefined): Promise<string | null> {
    if (reference === undefined || reference === null) return null;
    const service = await getService(this.#database, projectId, reference);
    if (!service) throw new SignalboxError('SERVICE_NOT_FOUND', { service: reference });
    return service.id;
  }
}
