import type { ServiceMap } from '@signalbox/client';

/** Where a service stands: those that nothing depends on at the left, and what they depend on further right. */
export interface Place {
  column: number;
  row: number;
}

/** Of a column. */
const MOST_ROWS = 8;

/**
 * Columns by the longest way from the left, cycles opened at the service by which they were entered; rows so that a service stands near
 * those that depend on it. The same map gives the same picture.
 */
export function placeServices(map: Pick<ServiceMap, 'services' | 'edges'>): Map<string, Place> {
  const targets = new Map(map.services.map(({ key }): [string, string[]] => [key, []]));
  const sources = new Map(map.services.map(({ key }): [string, string[]] => [key, []]));
  // What is stale is followed last, so that it is no entrance to a cycle that another leads into.
  for (const { source, target } of [...map.edges].sort((a, b) => Number(a.stale) - Number(b.stale))) {
    targets.get(source)?.push(target);
    sources.get(target)?.push(source);
  }
  const fresh = new Set(map.edges.flatMap(({ source, stale }) => (stale ? [] : source)));
  const column = columnsOf(targets, sources, fresh);
  const columns = Map.groupBy([...column.keys()], (key) => column.get(key) ?? 0);
  const places = new Map<string, Place>();
  let first = 0;
  for (const number of [...columns.keys()].sort((a, b) => a - b)) {
    const pull = (key: string) => {
      const rows = (sources.get(key) ?? []).flatMap((source) => places.get(source)?.row ?? []);
      return rows.length === 0 ? Number.POSITIVE_INFINITY : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const ordered = (columns.get(number) ?? [])
      .map((key) => ({ key, pull: pull(key) }))
      .sort((a, b) => (a.pull === b.pull ? (a.key < b.key ? -1 : 1) : a.pull - b.pull));
    // What is too tall to be read stands in several columns side by side.
    const parts = Math.ceil(ordered.length / MOST_ROWS);
    const rows = Math.ceil(ordered.length / parts);
    for (const [at, { key }] of ordered.entries()) {
      places.set(key, { column: first + Math.floor(at / rows), row: at % rows });
    }
    first += parts;
  }
  return places;
}

function columnsOf(
  targets: ReadonlyMap<string, readonly string[]>,
  sources: ReadonlyMap<string, readonly string[]>,
  fresh: ReadonlySet<string>,
): Map<string, number> {
  const order = topologicalOrder(targets, sources, fresh);
  const place = new Map(order.map((key, at) => [key, at]));
  const column = new Map<string, number>();
  for (const key of order) column.set(key, column.get(key) ?? 0);
  for (const key of order) {
    for (const target of targets.get(key) ?? []) {
      // An edge back closes a cycle.
      if ((place.get(target) ?? 0) <= (place.get(key) ?? 0)) continue;
      column.set(target, Math.max(column.get(target) ?? 0, (column.get(key) ?? 0) + 1));
    }
  }
  return column;
}

/** Depth first, without recursion; those that nothing depends on first, and of these those of which something fresh is known. */
function topologicalOrder(
  targets: ReadonlyMap<string, readonly string[]>,
  sources: ReadonlyMap<string, readonly string[]>,
  fresh: ReadonlySet<string>,
): string[] {
  const roots = [...targets.keys()].sort(
    (a, b) =>
      (sources.get(a)?.length ?? 0) - (sources.get(b)?.length ?? 0) ||
      Number(fresh.has(b)) - Number(fresh.has(a)) ||
      (a < b ? -1 : 1),
  );
  const done: string[] = [];
  const met = new Set<string>();
  for (const root of roots) {
    if (met.has(root)) continue;
    met.add(root);
    const way = [{ key: root, next: 0 }];
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const target = targets.get(top.key)?.[top.next];
      top.next += 1;
      if (target === undefined) {
        done.push(top.key);
        way.pop();
      } else if (!met.has(target) && targets.has(target)) {
        met.add(target);
        way.push({ key: target, next: 0 });
      }
    }
  }
  return done.reverse();
}
