import type { Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { deepEqual } from '../diff/index.ts';
import { itemData, itemsIn, type StatePort } from './state-port.ts';

export interface GraphEntity {
  id: string;
  [property: string]: unknown;
}

/** `from` depends on `to`. */
export interface GraphRelationship extends GraphEntity {
  from: string;
  to: string;
}

/** The code knowledge graph, as far as rollback needs it (RB-069): what is asserted in it, not what is derived from files. */
export interface GraphPort {
  /** All entities, or those with these ids. */
  getEntities(executor: Executor, projectId: string, ids?: readonly string[]): Promise<GraphEntity[]>;
  getRelationships(executor: Executor, projectId: string, ids?: readonly string[]): Promise<GraphRelationship[]>;
  /** @param expected what stands there now, null for nothing. @throws ROLLBACK_WRITE_STALE, FORBIDDEN */
  upsertEntity(projectId: string, entity: GraphEntity, expected: GraphEntity | null): Promise<void>;
  deleteEntity(projectId: string, id: string, expected: GraphEntity): Promise<void>;
  upsertRelationship(
    projectId: string,
    relationship: GraphRelationship,
    expected: GraphRelationship | null,
  ): Promise<void>;
  deleteRelationship(projectId: string, id: string, expected: GraphRelationship): Promise<void>;
  /** When something last changed, ISO 8601; null where that is not known. */
  modifiedAt(item: GraphEntity | GraphRelationship): string | null;
}

/** The two kinds of state that a graph gives. @param database read from where no transaction is given */
export function graphPorts(graph: GraphPort, database: Executor): StatePort[] {
  return [
    half(graph, database, {
      type: 'entity',
      get: (executor, projectId, ids) => graph.getEntities(executor, projectId, ids),
      upsert: (projectId, item, expected) => graph.upsertEntity(projectId, item, expected),
      remove: (projectId, id, expected) => graph.deleteEntity(projectId, id, expected),
    }),
    half<GraphRelationship>(graph, database, {
      type: 'relationship',
      get: (executor, projectId, ids) => graph.getRelationships(executor, projectId, ids),
      upsert: (projectId, item, expected) => graph.upsertRelationship(projectId, item, expected),
      remove: (projectId, id, expected) => graph.deleteRelationship(projectId, id, expected),
    }),
  ];
}

interface Half<Item extends GraphEntity> {
  type: 'entity' | 'relationship';
  get(executor: Executor, projectId: string, ids?: readonly string[]): Promise<Item[]>;
  upsert(projectId: string, item: Item, expected: Item | null): Promise<void>;
  remove(projectId: string, id: string, expected: Item): Promise<void>;
}

function half<Item extends GraphEntity>(
  graph: GraphPort,
  database: Executor,
  { type, get, upsert, remove }: Half<Item>,
): StatePort {
  return {
    type,
    appliesTo: () => true,
    async capture(executor, { projectId }) {
      const items = await get(executor, projectId);
      return itemData(
        items.map((value) => {
          const modifiedAt = graph.modifiedAt(value);
          return { key: value.id, value, ...(modifiedAt !== null && { modifiedAt }) };
        }),
      );
    },
    itemsOf: async (_scope, data) => itemsIn(data),
    async read({ projectId }, keys) {
      const items = await get(database, projectId, keys);
      return new Map(items.map((item) => [item.id, item]));
    },
    async write({ projectId }, { key, value, expected }) {
      const before = expected as Item | undefined;
      if (value !== undefined) await upsert(projectId, value as Item, before ?? null);
      else if (before !== undefined) await remove(projectId, key, before);
    },
  };
}

/** For ports that have no version to go by. @throws ROLLBACK_WRITE_STALE when `live` is not what the writer knows */
export function checkExpected(path: string, live: unknown, expected: unknown): void {
  if (!deepEqual(live, expected)) throw new SignalboxError('ROLLBACK_WRITE_STALE', { path });
}
