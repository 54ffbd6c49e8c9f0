import { SignalboxError } from '../../platform/errors/index.ts';
import type { CodeGraph } from '../graph/code-graph.ts';
import { reach } from '../graph/reach.ts';
import type { Ingest } from '../ingest/batch.ts';
import { RELATIONSHIP_TYPES } from '../vocabulary/relationship-type.ts';
import type { TakeGraphCheckpoint } from './checkpoint.ts';

/** What a checkpoint includes at most: all of it is said at once. */
const MOST_MEMBERS = 20_000;
const MOST_EDGES = 1_000_000;
/** One checkpoint does not lead to what another includes. */
const WALKED = RELATIONSHIP_TYPES.filter((type) => type !== 'CHECKPOINT_INCLUDES');

export interface DraftCheckpoint {
  id: string;
  checkpointId: string;
  members: number;
  said: Ingest;
}

/**
 * What is to be said of a checkpoint: every entity within so many hops of a seed, whichever way its edges lead (KG-202).
 *
 * @param seeds ids of entities that there are
 * @throws GRAPH_CHECKPOINT_TOO_LARGE
 */
export function draftCheckpoint(
  graph: CodeGraph,
  seeds: readonly string[],
  { reason, hops, since, until }: Required<Pick<TakeGraphCheckpoint, 'reason' | 'hops'>> & { since: Date; until: Date },
  { checkpointId, at }: { checkpointId: string; at: Date },
): DraftCheckpoint {
  const starts = seeds.flatMap((seed) => graph.nodeOf(seed) ?? []);
  const filter = { types: WALKED, since, until };
  const query = { direction: 'both', maxDepth: hops, maxEdges: MOST_EDGES, filter } as const;
  const { nodes, truncated } = hops === 0 ? { nodes: [], truncated: false } : reach(graph, starts, query);
  const distances = new Map(seeds.map((seed) => [seed, 0]));
  for (const { node, depth } of nodes) {
    const member = graph.idOf(node);
    if (!distances.has(member)) distances.set(member, depth);
  }
  if (truncated || distances.size > MOST_MEMBERS) throw new SignalboxError('GRAPH_CHECKPOINT_TOO_LARGE', { hops });
  const id = `checkpoint:${checkpointId}`;
  const entity = { id, type: 'checkpoint', checkpointId, timestamp: at, reason, hops, seedEntities: [...seeds] };
  const relationships = [...distances].map(([toEntityId, hopDistance]) => ({
    type: 'CHECKPOINT_INCLUDES',
    fromEntityId: id,
    toEntityId,
    checkpointId,
    hopDistance,
  }));
  const said = { units: [{ unit: id, entities: [entity], relationships }], at: at.toISOString() };
  return { id, checkpointId, members: distances.size, said };
}
