import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomCases } from '../../testing/index.ts';
import { ServiceGraph } from './service-graph.ts';

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const edge = fc.record({
  source: fc.constantFrom(...keys),
  target: fc.constantFrom(...keys),
  environment: fc.constantFrom('', 'prod', 'test'),
  confidence: fc.constantFrom(0.2, 0.5, 1),
  stale: fc.boolean(),
});
const maps = fc
  .array(edge, { maxLength: 30 })
  .map((edges) => edges.filter(({ source, target }) => source !== target).map((one, n) => ({ ...one, id: `${n}` })));
const filter = { environment: 'prod', includeStale: false, minConfidence: 0.5 };
const counts = (map: { environment: string; confidence: number; stale: boolean }) =>
  map.environment !== 'test' && map.confidence >= 0.5 && !map.stale;

/** All that is reached from a service, by hops: the plainest way. */
function hops(links: readonly (readonly [string, string])[], start: string): Map<string, number> {
  const found = new Map([[start, 0]]);
  for (let depth = 1; depth <= keys.length; depth += 1) {
    for (const [from, to] of links) if (found.get(from) === depth - 1 && !found.has(to)) found.set(to, depth);
  }
  return found;
}

test('DEP-012: walks on random maps equal the plainest search, whatever counts', () => {
  fc.assert(
    fc.property(maps, fc.constantFrom(...keys), fc.integer({ min: 1, max: 5 }), (edges, start, depth) => {
      const graph = ServiceGraph.of(edges, filter);
      const counting = edges.filter(counts);
      for (const direction of ['downstream', 'upstream'] as const) {
        const links = counting.map(({ source, target }) =>
          direction === 'downstream' ? ([source, target] as const) : ([target, source] as const),
        );
        const within = new Map([...hops(links, start)].filter(([, at]) => at <= depth));
        const walk = graph.walk([start], direction, depth);
        // A service of which nothing is known is not on the map.
        const reached = new Map([[start, 0], ...walk.services.map(({ key, distance }) => [key, distance] as const)]);
        expect(reached).toEqual(within);
        const walked = counting.filter(({ source, target }) => {
          const at = within.get(direction === 'downstream' ? source : target);
          return at !== undefined && at < depth;
        });
        expect([...walk.dependencies].sort()).toEqual(walked.map(({ id }) => id).sort());
      }
    }),
    randomCases(),
  );
});

test('DEP-013: on random maps each edge that is part of a cycle is on one that is found, and nothing else is', () => {
  fc.assert(
    fc.property(maps, (edges) => {
      const graph = ServiceGraph.of(edges, filter);
      const links = edges.filter(counts).map(({ source, target }) => [source, target] as const);
      const found = graph.cycles([], 1_000);
      const covered = new Set(found.flatMap((path) => path.map((key, n) => `${key}>${path[(n + 1) % path.length]}`)));
      const cyclic = links.filter(([from, to]) => hops(links, to).has(from)).map(([from, to]) => `${from}>${to}`);
      expect([...covered].sort()).toEqual([...new Set(cyclic)].sort());
      for (const path of found) {
        expect(new Set(path).size).toBe(path.length);
        expect(graph.holds(path)).toBe(true);
      }
      // Nothing is found beyond what is known, and something is for each knot however little may be.
      expect(graph.cycles(found, 1_000)).toEqual([]);
      expect(graph.cycles([], 0).length > 0).toBe(found.length > 0);
    }),
    randomCases(),
  );
});
