import type { Executor } from '../../platform/database/index.ts';
import { type DiffEntry, parseDomainPath } from '../diff/index.ts';
import type { SnapshotType } from '../points/snapshot.ts';
import type { GraphEntity, GraphRelationship, StatePorts, StateScope } from '../ports/index.ts';
import type { LiveGraph } from './detect-conflicts.ts';

/** What is there now, and the way to change it: by paths, through the ports of the rooms that own it. */
export class LiveState {
  readonly #ports: StatePorts;
  readonly #scope: StateScope;
  readonly #database: Executor;
  readonly #actor: string;

  constructor(parts: { ports: StatePorts; scope: StateScope; database: Executor; actor: string }) {
    this.#ports = parts.ports;
    this.#scope = parts.scope;
    this.#database = parts.database;
    this.#actor = parts.actor;
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

  /** Makes one change. A move writes the new place before it empties the old one. */
  async write(change: DiffEntry, value: unknown, expected: unknown): Promise<void> {
    const { type, key } = parseDomainPath(change.path);
    const port = this.#ports.get(type);
    if (change.operation !== 'move') {
      await port.write(this.#scope, { key, value, expected }, this.#actor);
      return;
    }
    const target = parseDomainPath(String(change.metadata?.to));
    await port.write(this.#scope, { key: target.key, value, expected: undefined }, this.#actor);
    await port.write(this.#scope, { key, value: undefined, expected }, this.#actor);
  }

  /** Null where no graph is there. */
  async graph(): Promise<(LiveGraph & { relationships: GraphRelationship[] }) | null> {
    if (!this.#ports.has('entity') || !this.#ports.has('relationship')) return null;
    const entities = await this.#values<GraphEntity>('entity');
    const relationships = await this.#values<GraphRelationship>('relationship');
    return { entityIds: new Set(entities.map(({ id }) => id)), relationships };
  }

  async #values<Item>(type: SnapshotType): Promise<Item[]> {
    const port = this.#ports.get(type);
    const items = await port.itemsOf(this.#scope, await port.capture(this.#database, this.#scope));
    return items.map(({ value }) => value as Item);
  }
}
