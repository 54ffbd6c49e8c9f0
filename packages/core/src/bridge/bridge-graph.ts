import type { Knowledge } from '../knowledge/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Anchor, Sessions } from '../sessions/index.ts';
import type { KgContext } from './transitions.ts';

/** Entities around one that are told of. */
const MOST_RELATED = 20;
/** Entities of one session with which an anchor of it stays. */
const MOST_ANCHORED = 1_000;
/** Measurements that are read at once. */
const PAGE = 1_000;
/** What is told around an entity that was touched (BRIDGE-05). */
const AROUND = ['DEFINES', 'TESTS', 'PERFORMANCE_IMPACT', 'PERFORMANCE_REGRESSION'] as const;
/** What leads to the specifications, clusters and measurements of an entity (BRIDGE-03). */
const CONTEXT = ['IMPACTS', 'REQUIRES', 'IMPLEMENTS_SPEC', 'CLUSTER_MEMBER'] as const;
const MEASURED = ['PERFORMANCE_IMPACT', 'PERFORMANCE_REGRESSION'] as const;

export interface RelatedEntity {
  id: string;
  type: string | null;
  name: string | null;
}

/** What the bridge asks of the code graph, and of the anchors that stay with its entities. */
export interface BridgeGraph {
  anchorsOf(projectId: string, entityIds: readonly string[]): Promise<ReadonlyMap<string, readonly Anchor[]>>;
  /** Of entities that a session touched, by entity. */
  anchorsBySession(projectId: string, sessionId: string): Promise<ReadonlyMap<string, readonly Anchor[]>>;
  /** One hop around it; nothing where the graph does not know it. */
  related(projectId: string, entityId: string): Promise<RelatedEntity[]>;
  /** Null where the graph knows nothing of that around it. */
  context(projectId: string, entityId: string): Promise<KgContext | null>;
  /** Asks all that the other questions ask, be there such an entity or not (BRIDGE-11). @throws what any of them would */
  probe(projectId: string, entityId: string): Promise<void>;
}

export function bridgeGraph(rooms: {
  knowledge: Pick<Knowledge, 'traverse' | 'queries'>;
  sessions: Pick<Sessions, 'anchorsOf' | 'anchorsBySession'>;
}): BridgeGraph {
  const { knowledge, sessions } = rooms;
  const around = async (
    projectId: string,
    startId: string,
    maxDepth: number,
    types: readonly (typeof AROUND | typeof CONTEXT)[number][],
  ) => {
    const query = { startId, direction: 'both' as const, maxDepth, relationshipTypes: [...types], limit: 200 };
    try {
      return (await knowledge.traverse(projectId, query)).visited.slice(1);
    } catch (error) {
      if (SignalboxError.is(error, 'GRAPH_ENTITY_NOT_FOUND')) return [];
      throw error;
    }
  };
  const lastDelta = async (projectId: string, entityId: string): Promise<number | null> => {
    const type = [...MEASURED];
    const ends = [{ fromEntityId: entityId }, { toEntityId: entityId }];
    let last: { time: string; delta: unknown } | null = null;
    // They come in no order of time: the last one may be on any page.
    for (const end of ends) {
      for (let offset = 0, total = 1; offset < total; offset += PAGE) {
        const page = await knowledge.queries.relationships(projectId, { type, ...end, limit: PAGE, offset });
        total = page.total;
        for (const { detectedAt, delta } of page.relationships as Record<string, unknown>[]) {
          const time = String(detectedAt ?? '');
          if (!last || time > last.time) last = { time, delta };
        }
      }
    }
    return typeof last?.delta === 'number' ? last.delta : null;
  };
  const related = async (projectId: string, entityId: string): Promise<RelatedEntity[]> =>
    (await around(projectId, entityId, 1, AROUND))
      .slice(0, MOST_RELATED)
      .map(({ id, type, name }) => ({ id, type, name }));
  const contextOf = async (projectId: string, entityId: string): Promise<KgContext | null> => {
    const near = await around(projectId, entityId, 2, CONTEXT);
    const nameOf = (wanted: string) => near.find(({ type }) => type === wanted)?.name ?? null;
    const context = {
      specTitle: nameOf('spec'),
      clusterName: nameOf('semanticCluster'),
      benchmarkDelta: await lastDelta(projectId, entityId),
    };
    return Object.values(context).every((one) => one === null) ? null : context;
  };
  return {
    anchorsOf: (projectId, entityIds) => sessions.anchorsOf(projectId, entityIds),
    anchorsBySession: (projectId, sessionId) => sessions.anchorsBySession(projectId, sessionId, MOST_ANCHORED),
    related,
    context: contextOf,
    probe: async (projectId, entityId) => {
      await contextOf(projectId, entityId);
      await sessions.anchorsOf(projectId, [entityId]);
    },
  };
}
