import { z } from 'zod';
import { criticalitySchema, higher } from '../terms.ts';
import { type Dependency, modeSchema } from './dependency.ts';

/** All that is known of one service's depending on another, whoever knows it. */
export const mapEdgeSchema = z.object({
  source: z.string(),
  target: z.string(),
  /** That of the source that is surest of it, of those that are not stale. */
  confidence: z.number(),
  /** The highest that any source says. */
  criticality: criticalitySchema,
  /** Those that sources know; none where no one does. */
  modes: z.array(modeSchema),
  /** Whether all sources saw it last long ago. */
  stale: z.boolean(),
  lastObservedAt: z.iso.datetime(),
  discoverySources: z.array(z.string()),
  /** By name; an edge that holds everywhere has none. */
  environments: z.array(z.string()),
});
export type MapEdge = z.infer<typeof mapEdgeSchema>;

/** Joins what several sources, and several environments, say of the same two services. In the order of the first of each pair. */
export function joinDependencies(dependencies: readonly Dependency[]): MapEdge[] {
  const pairs = Map.groupBy(dependencies, ({ sourceId, targetId }) => `${sourceId} ${targetId}`);
  return [...pairs.values()].map((same) => {
    const [{ source, target, criticality }] = same as [Dependency, ...Dependency[]];
    const fresh = same.filter(({ stale }) => !stale);
    const counting = fresh.length > 0 ? fresh : same;
    return {
      source,
      target,
      confidence: Math.max(...counting.map(({ confidence }) => confidence)),
      criticality: same.reduce((most, one) => higher(most, one.criticality), criticality),
      modes: unique(same.map(({ mode }) => mode).filter((mode) => mode !== 'unknown')),
      stale: fresh.length === 0,
      lastObservedAt:
        same
          .map((one) => one.lastObservedAt)
          .sort()
          .at(-1) ?? '',
      discoverySources: unique(same.map(({ discoverySource }) => discoverySource)),
      environments: same.some(({ environment }) => environment === null)
        ? []
        : unique(same.flatMap(({ environment }) => environment ?? [])),
    };
  });
}

function unique<Item extends string>(items: readonly Item[]): Item[] {
  return [...new Set(items)].sort();
}
