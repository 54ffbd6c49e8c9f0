import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { holdMap } from '../head-store.ts';
import { mapMoved } from '../map-change.ts';
import {
  type CreateService,
  createServiceSchema,
  type Service,
  type UpdateService,
  updateServiceSchema,
} from './service.ts';
import {
  getService,
  insertServices,
  listServices,
  removeService,
  type ServiceFilter,
  writeService,
} from './service-store.ts';

/** The services of a project (DEP-010). Many at once come by {@link Topology.ingest}. */
export class Services {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** @param reference key or id. @throws SERVICE_NOT_FOUND */
  async get(projectId: string, reference: string): Promise<Service> {
    return found(reference, await getService(this.#database, projectId, reference));
  }

  /** The newest first. */
  list(
    projectId: string,
    filter: ServiceFilter,
    page: number,
    pageSize: number,
  ): Promise<{ items: Service[]; total: number }> {
    return listServices(this.#database, projectId, filter, pageSize, (page - 1) * pageSize);
  }

  /** @throws VALIDATION_FAILED, UNKNOWN_FIELD, SERVICE_EXISTS */
  async create(projectId: string, input: CreateService, actor: string): Promise<Service> {
    const wanted = parseInput(createServiceSchema, input);
    return this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const [id] = await insertServices(tx, projectId, [{ ...wanted, id: this.#ids.uuid() }], false);
      if (id === undefined) throw new SignalboxError('SERVICE_EXISTS', { key: wanted.key });
      const made = found(wanted.key, await getService(tx, projectId, id));
      await record(tx, 'create', null, made, actor);
      return made;
    });
  }

  /** It is described then, and no longer merely discovered. @throws VALIDATION_FAILED, UNKNOWN_FIELD, SERVICE_NOT_FOUND, OPTIMISTIC_LOCK */
  async update(
    projectId: string,
    reference: string,
    version: number,
    input: UpdateService,
    actor: string,
  ): Promise<Service> {
    const changes = parseInput(updateServiceSchema, input) as Partial<Service>;
    return this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const before = found(reference, await getService(tx, projectId, reference));
      const after = await writeService(tx, projectId, { ...before, ...changes, discovered: false, version });
      if (!after) throw stale(before, version);
      await record(tx, 'update', before, after, actor);
      return after;
    });
  }

  /** Its dependencies and code rules go with it; alerts of its cycles are resolved. @throws SERVICE_NOT_FOUND, OPTIMISTIC_LOCK */
  async remove(projectId: string, reference: string, version: number, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const service = found(reference, await getService(tx, projectId, reference));
      if (!(await removeService(tx, projectId, service.id, version))) throw stale(service, version);
      await record(tx, 'delete', service, null, actor);
      await mapMoved(tx, projectId, this.#clock.now(), this.#ids);
    });
  }
}

function found(service: string, there: Service | null): Service {
  if (!there) throw new SignalboxError('SERVICE_NOT_FOUND', { service });
  return there;
}

function stale({ id, version }: Service, received: number): SignalboxError {
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'service', id, expected: version, received });
}

async function record(
  tx: Transaction,
  verb: 'create' | 'update' | 'delete',
  before: Service | null,
  after: Service | null,
  actor: string,
): Promise<void> {
  const { id, key, name, criticality, team } = (after ?? before) as Service;
  await recordAudit(tx, projectIdOf(before, after), {
    actor,
    action: `service.${verb}`,
    subjectType: 'service',
    subjectId: id,
    versionBefore: before?.version ?? null,
    versionAfter: after?.version ?? null,
    details: { key, name, criticality, team, ...(before && after ? { criticalityBefore: before.criticality } : {}) },
  });
  await recordFeed(tx, projectIdOf(before, after), 'topology', { serviceId: id, key, change: `service_${verb}d` });
}

function projectIdOf(before: Service | null, after: Service | null): string {
  return ((after ?? before) as Service).projectId;
}
