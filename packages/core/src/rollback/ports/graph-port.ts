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
  /**
   * @param value what shall stand there, null for nothing @param expected what stands there now
   * @throws ROLLBACK_WRITE_STALE, VALIDATION_FAILED, FORBIDDEN
   */
  putEntity(
    projectId: string,
    id: string,
    value: GraphEntity | null,
    expected: GraphEntity | null,
    actor: string,
  ): Promise<void>;
  putRelationship(
    projectId: string,
    id: string,
    value: GraphRelationship | null,
    expected: GraphRelationship | null,
    actor: string,
  ): Promise<void>;
  /** When these last changed, ISO 8601, by id; gone ones too. Those of which it is not known are left out. */
  changedAt(
    projectId: string,
    kind: 'entity' | 'relationship',
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /** Whether something that a point holds has ended since by itself, so that it is not put back. */
  isOver(item: GraphEntity): boolean;
  /** Of these ids, those that relationships may lead to whatever is put back here: others tell of them, or only the name is known. */
  staying(projectId: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** The two kinds of state that a graph gives. @param database read from where no transaction is given */
export function graphPorts(graph: GraphPort, database: Executor): StatePort[] {
  return [
    half(graph, database, {
      type: 'entity',
      get: (executor, projectId, ids) => graph.getEntities(executor, projectId, ids),
      put: (projectId, id, value, expected, actor) => graph.putEntity(projectId, id, value, expected, actor),
    }),
    half<GraphRelationship>(graph, database, {
      type: 'relationship',
      get: (executor, projectId, ids) => graph.getRelationships(executor, projectId, ids),
      put: (projectId, id, value, expected, actor) => graph.putRelationship(projectId, id, value, expected, actor),
    }),
  ];
}

interface Half<Item extends GraphEntity> {
  type: 'entity' | 'relationship';
  get(executor: Executor, projectId: string, ids?: readonly string[]): Promise<Item[]>;
  put(projectId: string, id: string, value: Item | null, expected: Item | null, actor: string): Promise<void>;
}

function half<Item extends GraphEntity>(
  graph: GraphPort,
  database: Executor,
  { type, get, put }: Half<Item>,
): StatePort {
  return {
    type,
    appliesTo: () => true,
    async capture(executor, { projectId }) {
      const items = await get(executor, projectId);
      return itemData(items.map((value) => ({ key: value.id, value })));
    },
    itemsOf: async (_scope, data) => itemsIn(data).filter(({ value }) => !graph.isOver(value as Item)),
    changedAt: ({ projectId }, _data, keys) => graph.changedAt(projectId, type, keys),
    staying: ({ projectId }, keys) => graph.staying(projectId, keys),
    async read({ projectId }, keys) {
      const items = await get(database, projectId, keys);
      return new Map(items.map((item) => [item.id, item]));
    },
    async write({ projectId }, { key, value, expected }, actor) {
      if (value === undefined && expected === undefined) return;
      await put(projectId, key, (value as Item | undefined) ?? null, (expected as Item | undefined) ?? null, actor);
    },
  };
}

/** For ports that have no version to go by. @throws ROLLBACK_WRITE_STALE when `live` is not what the writer knows */
export function checkExpected(path: string, live: unknown, expected: unknown): void {
  if (!deepEqual(live, expected)) throw new SignalboxError('ROLLBACK_WRITE_STALE', { path });
}
