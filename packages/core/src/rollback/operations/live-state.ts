import type { Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { type DiffEntry, parseDomainPath } from '../diff/index.ts';
import type { SnapshotType } from '../points/snapshot.ts';
import type {
  GraphEntity,
  GraphRelationship,
  GroupPort,
  ItemPort,
  StatePort,
  StatePorts,
  StateScope,
  StateWrite,
} from '../ports/index.ts';
import type { SettledChange } from '../strategies/strategy.ts';
import type { LiveGraph } from './detect-conflicts.ts';

/** Changes that could not be made, each with what went wrong. */
export type FailedWrites = Map<SettledChange, unknown>;

/** What is there now, and the way to change it: by paths, through the ports of the rooms that own it. */
export class LiveState {
  readonly #ports: StatePorts;
  readonly #scope: StateScope;
  readonly #database: Executor;
  readonly #actor: string;
  readonly #operationId: string | null;
  readonly #force: boolean;

  /** @param parts.operationId the rollback that writes @param parts.force whether it writes while others may, too */
  constructor(parts: {
    ports: StatePorts;
    scope: StateScope;
    database: Executor;
    actor: string;
    operationId?: string | null;
    force?: boolean;
  }) {
    this.#ports = parts.ports;
    this.#scope = parts.scope;
    this.#database = parts.database;
    this.#actor = parts.actor;
    this.#operationId = parts.operationId ?? null;
    this.#force = parts.force ?? false;
  }

  /** The values at these paths; absent where nothing is. @throws ROLLBACK_PORT_MISSING, VALIDATION_FAILED */
  async read(paths: Iterable<string>): Promise<Map<string, unknown>> {
    const items = [...new Set(paths)].map((path) => ({ path, ...parseDomainPath(path) }));
    const values = new Map<string, unknown>();
    for (const [type, mine] of Map.groupBy(items, (item) => item.type)) {
      const keys = mine.map(({ key }) => key);
      const live = await this.#ports.get(type).read(this.#scope, keys);
      for (const { path, key } of mine) if (live.has(key)) values.set(path, live.get(key));
    }
    return values;
  }

  /** The changes as they are made: one by one, but for those that follow each other and are of a kind written together. */
  groups(changes: readonly SettledChange[]): SettledChange[][] {
    const groups: SettledChange[][] = [];
    let last: StatePort | null = null;
    for (const change of changes) {
      const port = this.#portOf(change);
      if (port.together && port === last) groups.at(-1)?.push(change);
      else groups.push([change]);
      last = port;
    }
    return groups;
  }

  /** Makes the changes of one group. Answers those that could not be made. @throws ROLLBACK_PORT_MISSING */
  async write(group: readonly SettledChange[], signal?: AbortSignal): Promise<FailedWrites> {
    const failed: FailedWrites = new Map();
    for (const [port, mine] of Map.groupBy(group, (change) => this.#portOf(change))) {
      if (port.together) await this.#writeTogether(port, mine, signal, failed);
      else for (const change of mine) await this.#writeOne(port, change, failed);
    }
    return failed;
  }

  /** A move writes the new place before it empties the old one. */
  async #writeOne(port: ItemPort, change: SettledChange, failed: FailedWrites): Promise<void> {
    try {
      for (const write of writesOf(change)) await port.write(this.#scope, write, this.#actor);
    } catch (error) {
      failed.set(change, error);
    }
  }

  async #writeTogether(
    port: GroupPort,
    changes: readonly SettledChange[],
    signal: AbortSignal | undefined,
    failed: FailedWrites,
  ): Promise<void> {
    const writes = changes.flatMap(writesOf);
    const origin = { actor: this.#actor, operationId: this.#operationId, force: this.#force, signal };
    try {
      const stale = new Set(await port.write(this.#scope, writes, origin));
      for (const change of changes) {
        if (!writesOf(change).some(({ key }) => stale.has(key))) continue;
        failed.set(change, new SignalboxError('ROLLBACK_WRITE_STALE', { path: change.change.path }));
      }
    } catch (error) {
      for (const change of changes) failed.set(change, error);
    }
  }

  /** Null where no graph is there. */
  async graph(): Promise<(LiveGraph & { relationships: GraphRelationship[] }) | null> {
    if (!this.#ports.has('entity') || !this.#ports.has('relationship')) return null;
    const entities = await this.#values<GraphEntity>('entity');
    const relationships = await this.#values<GraphRelationship>('relationship');
    const port = this.#ports.get('entity');
    return {
      entityIds: new Set(entities.map(({ id }) => id)),
      relationships,
      staying: async (ids) => (await port.staying?.(this.#scope, ids)) ?? new Set(),
    };
  }

  async #values<Item>(type: SnapshotType): Promise<Item[]> {
    const port = this.#ports.get(type);
    const items = await port.itemsOf(this.#scope, await port.capture(this.#database, this.#scope));
    return items.map(({ value }) => value as Item);
  }

  #portOf({ change }: SettledChange): StatePort {
    return this.#ports.get(parseDomainPath(change.path).type);
  }
}

function writesOf({ change, value, expected }: { change: DiffEntry; value: unknown; expected: unknown }): StateWrite[] {
  const { key } = parseDomainPath(change.path);
  if (change.operation !== 'move') return [{ key, value, expected }];
  const target = parseDomainPath(String(change.metadata?.to)).key;
  return [
    { key: target, value, expected: undefined, companion: key },
    { key, value: undefined, expected, companion: target },
  ];
}
