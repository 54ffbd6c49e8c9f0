import type { CycleAlert, ServiceMap } from '@signalbox/client';

/** Services of a picture in which each can still be read. */
export const MOST_DRAWN = 30;

const WEIGHTS = { low: 0, medium: 1, high: 2, critical: 3 } as const;

/**
 * What of a map is drawn. Of a small one all. Of a large one what is around the chosen service, the nearest first; with none chosen those in
 * circles, then the most critical, then those that most others depend on.
 */
export function focusMap(
  map: ServiceMap,
  alerts: readonly CycleAlert[],
  chosen: string | undefined,
  most: number = MOST_DRAWN,
): ServiceMap {
  if (map.services.length <= most) return map;
  const neighbours = new Map(map.services.map(({ key }): [string, Set<string>] => [key, new Set()]));
  const dependents = new Map<string, number>();
  for (const { source, target } of map.edges) {
    neighbours.get(source)?.add(target);
    neighbours.get(target)?.add(source);
    dependents.set(target, (dependents.get(target) ?? 0) + 1);
  }
  const circling = new Set(alerts.flatMap(({ path }) => path));
  const weight = new Map(map.services.map(({ key, criticality }) => [key, WEIGHTS[criticality]]));
  const first = (a: string, b: string) =>
    Number(circling.has(b)) - Number(circling.has(a)) ||
    (weight.get(b) ?? 0) - (weight.get(a) ?? 0) ||
    (dependents.get(b) ?? 0) - (dependents.get(a) ?? 0) ||
    (a < b ? -1 : 1);
  const drawn =
    chosen !== undefined && neighbours.has(chosen)
      ? around(chosen, neighbours, first, most)
      : new Set(
          map.services
            .map(({ key }) => key)
            .sort(first)
            .slice(0, most),
        );
  return {
    ...map,
    services: map.services.filter(({ key }) => drawn.has(key)),
    edges: map.edges.filter(({ source, target }) => drawn.has(source) && drawn.has(target)),
  };
}

function around(
  start: string,
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
  first: (a: string, b: string) => number,
  most: number,
): Set<string> {
  const found = new Set([start]);
  for (const key of found) {
    for (const next of [...(neighbours.get(key) ?? [])].sort(first)) {
      if (found.size === most) return found;
      found.add(next);
    }
  }
  return found;
}
