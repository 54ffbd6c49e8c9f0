import type { Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { cloneValue, deepEqual } from '../diff/index.ts';
import type { GraphEntity, GraphPort, GraphRelationship } from '../ports/index.ts';

type Kind = 'entity' | 'relationship';

/** A graph in memory that notes every write asked of it, and fails when told to. */
export class GraphDouble implements GraphPort {
  readonly entities = new Map<string, GraphEntity>();
  readonly relationships = new Map<string, GraphRelationship>();
  /** As `upsert entity:a`, in order; refused ones as well. */
  readonly writes: string[] = [];
  /** When things last changed, by id. */
  readonly times = new Map<string, string>();
  /** Runs before the n-th write (from 1); what it throws refuses that write. */
  beforeWrite: (count: number, write: string) => void | Promise<void> = () => undefined;
  /** Runs before relationships are read; what it throws fails the reading. */
  beforeRelationships: () => void = () => undefined;

  set(...entities: GraphEntity[]): this {
    for (const entity of entities) this.entities.set(entity.id, entity);
    return this;
  }

  connect(...relationships: GraphRelationship[]): this {
    for (const relationship of relationships) this.relationships.set(relationship.id, relationship);
    return this;
  }

  /** All entities, by id. */
  get state(): Record<string, GraphEntity> {
    return Object.fromEntries([...this.entities].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async getEntities(_executor: Executor, _projectId: string, ids?: readonly string[]): Promise<GraphEntity[]> {
    return read(this.entities, ids);
  }

  async getRelationships(
    _executor: Executor,
    _projectId: string,
    ids?: readonly string[],
  ): Promise<GraphRelationship[]> {
    this.beforeRelationships();
    return read(this.relationships, ids);
  }

  putEntity(_projectId: string, id: string, value: GraphEntity | null, expected: GraphEntity | null): Promise<void> {
    return this.#write('entity', this.entities, id, value, expected);
  }

  putRelationship(
    _projectId: string,
    id: string,
    value: GraphRelationship | null,
    expected: GraphRelationship | null,
  ): Promise<void> {
    return this.#write('relationship', this.relationships, id, value, expected);
  }

  async changedAt(_projectId: string, _kind: Kind, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map([...this.times].filter(([id]) => ids.includes(id)));
  }

  isOver(): boolean {
    return false;
  }

  async staying(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  async #write<Item extends GraphEntity>(
    kind: Kind,
    items: Map<string, Item>,
    id: string,
    value: Item | null,
    expected: Item | null,
  ): Promise<void> {
    const write = `${value ? 'upsert' : 'delete'} ${kind}:${id}`;
    this.writes.push(write);
    await this.beforeWrite(this.writes.length, write);
    if (!deepEqual(items.get(id) ?? null, expected))
      throw new SignalboxError('ROLLBACK_WRITE_STALE', { path: `${kind}:${id}` });
    if (value) items.set(id, cloneValue(value));
    else items.delete(id);
  }
}

function read<Item extends GraphEntity>(items: ReadonlyMap<string, Item>, ids: readonly string[] | undefined): Item[] {
  const all = ids === undefined ? [...items.values()] : ids.flatMap((id) => items.get(id) ?? []);
  return all.map(cloneValue);
}
