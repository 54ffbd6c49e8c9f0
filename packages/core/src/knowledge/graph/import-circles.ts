import type { CodeGraph } from './code-graph.ts';
import { type EdgeFilter, edgeTest } from './edge-filter.ts';
import { compareText } from './graph-base.ts';

/** Files of which each imports the next, and the last one the first. */
export interface ImportCircle {
  /** Ids, the smallest first. */
  entities: string[];
  /** Whether it is there without what is proposed. */
  isThere: boolean;
}

/**
 * The shortest circle of imports through each import of some entities, as they are or as is proposed; each circle once.
 * @param proposed what these import, by id, in place of what the graph says
 */
export function importCircles(
  graph: CodeGraph,
  ids: readonly string[],
  proposed: ReadonlyMap<string, readonly string[]>,
  time: Pick<EdgeFilter, 'since' | 'until'>,
): ImportCircle[] {
  const passes = edgeTest(graph, { ...time, types: ['IMPORTS'] });
  const known = (id: string) => {
    const node = graph.nodeOf(id);
    const targets = new Set<string>();
    if (node !== undefined) {
      graph.eachEdge(node, 'outgoing', (edge, target) => {
        if (passes(edge)) targets.add(graph.idOf(target));
      });
    }
    return [...targets].sort(compareText);
  };
  const then = (id: string) => proposed.get(id) ?? known(id);
  const circles = new Map<string, ImportCircle>();
  for (const id of ids) {
    for (const target of then(id)) {
      const way = shortestWay(target, id, then);
      if (way === null) continue;
      const entities = fromSmallest([id, ...way.slice(0, -1)]);
      const isThere = entities.every((one, n) => known(one).includes(entities[(n + 1) % entities.length] ?? ''));
      circles.set(entities.join('\0'), { entities, isThere });
    }
  }
  return [...circles.keys()].sort(compareText).flatMap((key) => circles.get(key) ?? []);
}

/** Both ends included; null where there is none. */
function shortestWay(from: string, to: string, next: (id: string) => readonly string[]): string[] | null {
  const before = new Map<string, string | null>([[from, null]]);
  for (const id of before.keys()) {
    if (id === to) {
      const way: string[] = [];
      for (let at: string | null = id; at !== null; at = before.get(at) ?? null) way.unshift(at);
      return way;
    }
    for (const target of next(id)) if (!before.has(target)) before.set(target, id);
  }
  return null;
}

function fromSmallest(circle: readonly string[]): string[] {
  const [smallest = ''] = [...circle].sort(compareText);
  const at = circle.indexOf(smallest);
  return [...circle.slice(at), ...circle.slice(0, at)];
}
