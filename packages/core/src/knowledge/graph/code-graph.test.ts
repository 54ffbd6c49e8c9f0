import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/random-cases.ts';
import { CodeGraph, type Direction } from './code-graph.ts';
import { cycleThrough, cyclicComponents, shortestCycle } from './cycles.ts';
import type { EdgeFilter } from './edge-filter.ts';
import type { EdgeRecord, RelationshipEdges } from './edge-record.ts';
import { reach } from './reach.ts';
import { shortestPath, simplePaths } from './shortest-path.ts';
import { finished, sorted } from './steps.ts';

const MOMENT = (ms: number) => ({ since: new Date(ms), until: new Date(ms) });
const ALL = { maxDepth: 99, maxEdges: 1_000_000 };
const edge = (from: string, to: string, more: Partial<EdgeRecord> = {}): EdgeRecord => ({
  id: `${from}>${to}`,
  type: 'CALLS',
  from,
  to,
  confidence: 1,
  validFrom: 0,
  validTo: Number.POSITIVE_INFINITY,
  ...more,
});
const node = (graph: CodeGraph, id: string) => graph.nodeOf(id) ?? -1;

test('scenario 25: cycles end, and an edge counts while it is valid', () => {
  const edges = [
    edge('A', 'B'),
    edge('B', 'C'),
    edge('C', 'A'),
    edge('B', 'D', { validFrom: 1, validTo: 2 }),
    edge('T', 'B', { type: 'TESTS' }),
  ];
  const graph = CodeGraph.of(edges, 1);
  const visited = (at: number, maxDepth: number) =>
    reach(graph, [node(graph, 'A')], { ...ALL, direction: 'outgoing', filter: MOMENT(at), maxDepth }).nodes.map(
      ({ node }) => graph.idOf(node),
    );
  expect([visited(1, 2), visited(2, 2), visited(1, 10), visited(2, 10)]).toEqual([
    ['A', 'B', 'C', 'D'],
    ['A', 'B', 'C'],
    ['A', 'B', 'C', 'D'],
    ['A', 'B', 'C'],
  ]);
  const dependents = reach(graph, [node(graph, 'D')], {
    ...ALL,
    direction: 'incoming',
    filter: { ...MOMENT(1), types: ['CALLS'] },
  });
  expect(dependents.nodes.map(({ node, depth }) => [graph.idOf(node), depth])).toEqual([
    ['D', 0],
    ['B', 1],
    ['A', 2],
    ['C', 3],
  ]);
  expect(cyclicComponents(graph, MOMENT(1)).map((set) => set.map((node) => graph.idOf(node)))).toEqual([
    ['A', 'B', 'C'],
  ]);
});

test('a graph that was made stays as it is when something comes after it', () => {
  const before = CodeGraph.of([edge('A', 'B')], 1);
  const after = before.with(
    [
      { id: 'A>B', from: 'A', edges: [] },
      { id: 'A>Z', from: 'A', edges: [edge('A', 'Z')] },
    ],
    2,
  );
  const targets = (graph: CodeGraph) => {
    const found: string[] = [];
    graph.eachEdge(node(graph, 'A'), 'outgoing', (_edge, target) => found.push(graph.idOf(target)));
    return found;
  };
  expect([targets(before), targets(after), before.nodeOf('Z')]).toEqual([['B'], ['Z'], undefined]);
  expect([before.revision, after.revision, before.overlayShare]).toEqual([1, 2, 0]);
  expect(after.overlayShare).toBeGreaterThan(0);
  const compact = finished(after.compacting());
  expect([compact.overlayShare, compact.edges, compact.revision]).toEqual([0, 1, 2]);
});

test('says so where it did not look at everything', () => {
  const graph = CodeGraph.of([edge('A', 'B'), edge('A', 'C')], 1);
  const query = { ...ALL, direction: 'outgoing', filter: MOMENT(1) } as const;
  expect(reach(graph, [0], { ...query, maxEdges: 1 })).toMatchObject({
    truncated: true,
    nodes: [{ depth: 0 }, { depth: 1 }],
  });
  expect(reach(graph, [0], { ...query, maxEdges: 2 }).truncated).toBe(false);
});

test('a cycle through a node is looked for where that leads alone, and not beyond so many edges', () => {
  const apart = [edge('X', 'Y'), edge('Y', 'X'), edge('X', 'A')];
  const graph = CodeGraph.of([edge('A', 'B'), edge('B', 'A'), ...apart], 1);
  const [a, b] = [node(graph, 'A'), node(graph, 'B')];
  expect(cycleThrough(graph, a, MOMENT(1), 2)).toEqual({ cycle: [a, b], truncated: false });
  expect(cycleThrough(graph, a, MOMENT(1), 1)).toEqual({ cycle: [], truncated: true });
});

test('takes an edge of the least confidence, though the arrays hold it less exactly', () => {
  const graph = CodeGraph.of([edge('A', 'B', { confidence: 0.9 }), edge('A', 'C', { confidence: 0.89 })], 1);
  const { nodes } = reach(graph, [0], { ...ALL, direction: 'outgoing', filter: { ...MOMENT(1), minConfidence: 0.9 } });
  expect(nodes.map(({ node }) => graph.idOf(node))).toEqual(['A', 'B']);
});

test('a large graph is made anew in many steps, none of them long, to what making it at once comes to', () => {
  const edges = Array.from({ length: 20_000 }, (_, n) =>
    edge(`n${(n * 7_919) % 9_973}`, `n${(n * 104_729) % 9_967}`, { id: `e${n}` }),
  );
  const changes = Array.from({ length: 2_000 }, (_, n) => {
    const { id = '', from = '' } = edges[n * 9] ?? {};
    return { id, from, edges: n % 2 === 0 ? [] : [edge(from, `new${n}`, { id })] };
  });
  const work = CodeGraph.of(edges, 1).with(changes, 2).compacting();
  let steps = 0;
  for (let step = work.next(); ; step = work.next(), steps += 1) {
    if (!step.done) continue;
    const told = new Map<string, EdgeRecord[]>(edges.map((one) => [one.id, [one]]));
    for (const { id, edges: now } of changes) told.set(id, now);
    const atOnce = CodeGraph.of([...told.values()].flat(), 2);
    expect(step.value.edges).toBe(19_000);
    expect(neighbours(step.value, 'n5')).toEqual(neighbours(atOnce, 'n5'));
    const ids = Array.from({ length: atOnce.nodes }, (_, n) => atOnce.idOf(n));
    for (const id of ids) expect(neighbours(step.value, id)).toEqual(neighbours(atOnce, id));
    break;
  }
  expect(steps).toBeGreaterThan(30);
  const texts = Array.from({ length: 30_000 }, (_, n) => `${(n * 7_919) % 30_011}`);
  expect(finished(sorted(texts))).toEqual([...texts].sort());
});

/** Edges both ways with the ids of their other ends, as the graph has them. */
function neighbours(graph: CodeGraph, id: string): string[] {
  const found: string[] = [];
  graph.eachEdge(node(graph, id), 'both', (one, other) => found.push(`${graph.edgeId(one)} ${graph.idOf(other)}`));
  return found;
}

describe('on random graphs with cycles, parallel edges and edges that are over', () => {
  const NODES = ['a', 'b', 'c', 'd', 'e', 'f'];
  const TYPES = ['CALLS', 'READS', 'TESTS'] as const;
  const DIRECTIONS: Direction[] = ['outgoing', 'incoming', 'both'];
  const randomEdge = fc.record({
    from: fc.constantFrom(...NODES),
    to: fc.constantFrom(...NODES),
    type: fc.constantFrom(...TYPES),
    confidence: fc.constantFrom(0.25, 0.5, 1),
    validFrom: fc.constantFrom(0, 5),
    validTo: fc.constantFrom(5, 9, Number.POSITIVE_INFINITY),
  });
  /** Relationships in the order in which they are told; one that is told again replaces what was there. */
  const history = fc.array(fc.tuple(randomEdge, fc.boolean()), { maxLength: 16 });
  const query = fc.record({
    direction: fc.constantFrom(...DIRECTIONS),
    maxDepth: fc.constantFrom(1, 2, 99),
    filter: fc.record({
      types: fc.constantFrom<(typeof TYPES)[number][]>([], ['CALLS'], ['CALLS', 'TESTS']),
      minConfidence: fc.constantFrom(0, 0.5),
      since: fc.constantFrom(new Date(4), new Date(5)),
      until: fc.constantFrom(new Date(5), new Date(8)),
    }),
  });
  type Told = readonly (readonly [Omit<EdgeRecord, 'id'>, boolean])[];

  const told = (steps: Told): RelationshipEdges[] =>
    steps.map(([one, gone]) => {
      const id = `${one.from}${one.type}${one.to}`;
      return { id, from: one.from, edges: gone ? [] : [{ ...one, id }] };
    });
  /** The graph in four states of one content, and that content as a list. */
  const make = (steps: Told) => {
    const changes = told(steps);
    const edges = [...new Map(changes.map((change) => [change.id, change.edges])).values()].flat();
    const half = Math.floor(changes.length / 2);
    const first = [...new Map(changes.slice(0, half).map((change) => [change.id, change.edges])).values()].flat();
    const grown = changes.slice(half).reduce((graph, change, n) => graph.with([change], n), CodeGraph.of(first, 0));
    // Made anew after one change, while the others came.
    const [one, ...others] = changes.slice(half);
    const work = CodeGraph.of(first, 0)
      .with(one ? [one] : [], 1)
      .compacting();
    const begun = work.next();
    const madeAnew = (begun.done ? begun.value : finished(work)).with(others, 9);
    return { edges, graphs: [CodeGraph.of(edges, 9), grown, madeAnew, finished(grown.compacting())] };
  };
  const steps = (edges: readonly EdgeRecord[], at: string, direction: Direction, filter: EdgeFilter) => {
    const [since, until] = [filter.since.getTime(), filter.until.getTime()];
    const passing = edges.filter(
      ({ type, confidence, validFrom, validTo }) =>
        (filter.types?.length === 0 || filter.types?.includes(type)) &&
        confidence >= (filter.minConfidence ?? 0) &&
        validFrom <= until &&
        since < validTo,
    );
    const out = passing.filter(({ from }) => from === at).map(({ id, to, confidence }) => ({ id, to, confidence }));
    const into = passing
      .filter(({ to }) => to === at)
      .map(({ id, from, confidence }) => ({ id, to: from, confidence }));
    const all = [...(direction === 'incoming' ? [] : out), ...(direction === 'outgoing' ? [] : into)];
    return all.sort((a, b) => (a.to === b.to ? (a.id < b.id ? -1 : 1) : a.to < b.to ? -1 : 1));
  };
  /** All ways without a node twice, by brute force. */
  const ways = (
    edges: readonly EdgeRecord[],
    from: string,
    direction: Direction,
    filter: EdgeFilter,
    depth: number,
  ) => {
    const found: { ids: string[]; nodes: string[]; confidence: number }[] = [];
    const walk = (nodes: string[], ids: string[], confidence: number) => {
      found.push({ nodes, ids, confidence });
      if (ids.length === depth) return;
      for (const step of steps(edges, nodes.at(-1) ?? '', direction, filter)) {
        if (!nodes.includes(step.to)) walk([...nodes, step.to], [...ids, step.id], confidence * step.confidence);
      }
    };
    walk([from], [], 1);
    return found;
  };

  test('reach finds each node by the fewest hops, with the best confidence of so many, in the order of ids', () => {
    fc.assert(
      fc.property(history, query, (steps_, { direction, filter, maxDepth }) => {
        const { edges, graphs } = make(steps_);
        const oracle: string[] = ['a'];
        let level = ['a'];
        for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1) {
          const next: string[] = [];
          for (const from of level)
            for (const { to } of steps(edges, from, direction, filter)) {
              if (oracle.includes(to)) continue;
              oracle.push(to);
              next.push(to);
            }
          level = next;
        }
        const paths = ways(edges, 'a', direction, filter, maxDepth);
        for (const graph of graphs) {
          const start = graph.nodeOf('a');
          if (start === undefined) {
            expect(oracle).toEqual(['a']);
            continue;
          }
          const { nodes } = reach(graph, [start], { ...ALL, direction, filter, maxDepth });
          expect(nodes.map(({ node }) => graph.idOf(node))).toEqual(oracle);
          for (const { node, depth, confidence } of nodes) {
            const own = paths.filter((path) => path.nodes.at(-1) === graph.idOf(node));
            const fewest = Math.min(...own.map(({ ids }) => ids.length));
            expect(depth).toBe(fewest);
            expect(confidence).toBe(
              Math.max(...own.filter(({ ids }) => ids.length === fewest).map((path) => path.confidence)),
            );
          }
        }
      }),
      randomCases(),
    );
  });

  test('the shortest path is the shortest, and of several the one whose ids come first (KG-230)', () => {
    fc.assert(
      fc.property(history, query, (steps_, { direction, filter, maxDepth }) => {
        const { edges, graphs } = make(steps_);
        const paths = ways(edges, 'a', direction, filter, maxDepth);
        const key = (ids: readonly string[]) => `${String(ids.length).padStart(3, '0')} ${ids.join(' ')}`;
        for (const graph of graphs) {
          const start = graph.nodeOf('a');
          if (start === undefined) continue;
          for (const id of NODES) {
            const end = graph.nodeOf(id);
            if (end === undefined) continue;
            const [best] = paths
              .filter((path) => path.nodes.at(-1) === id)
              .map(({ ids }) => key(ids))
              .sort();
            const found = shortestPath(graph, start, end, { ...ALL, direction, filter, maxDepth });
            expect(found && key(found.edges.map((edge) => graph.edgeId(edge)))).toEqual(best ?? null);
          }
          const all = simplePaths(graph, start, { ...ALL, direction, filter, maxDepth }, 10_000);
          const ids = all.map((path) => key(path.edges.map((edge) => graph.edgeId(edge))));
          const expected = paths.filter((path) => path.ids.length > 0).map((path) => key(path.ids));
          expect(ids.sort()).toEqual(expected.sort());
        }
      }),
      randomCases(),
    );
  });

  test('nodes are in one set where each reaches the other', () => {
    fc.assert(
      fc.property(history, query, (steps_, { filter }) => {
        const { edges, graphs } = make(steps_);
        const reaches = (a: string, b: string) => {
          const seen = new Set<string>();
          const todo = [a];
          for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
            for (const { to } of steps(edges, at, 'outgoing', filter)) {
              if (seen.has(to)) continue;
              seen.add(to);
              todo.push(to);
            }
          }
          return seen.has(b);
        };
        const inCycles = NODES.filter((a) => reaches(a, a));
        const sets = inCycles.map((a) => inCycles.filter((b) => reaches(a, b) && reaches(b, a)).join());
        for (const graph of graphs) {
          for (const id of NODES) {
            const node = graph.nodeOf(id);
            if (node === undefined) continue;
            const set = cyclicComponents(graph, filter).find((nodes) => nodes.includes(node));
            const { cycle, truncated } = cycleThrough(graph, node, filter, 1_000);
            const others = set?.filter((one) => one !== node) ?? [];
            expect([cycle, truncated]).toEqual([set ? shortestCycle(graph, [node, ...others], filter) : [], false]);
          }
          const components = cyclicComponents(graph, filter);
          expect(components.map((set) => set.map((node) => graph.idOf(node)).join())).toEqual([...new Set(sets)]);
          for (const component of components) {
            const cycle = shortestCycle(graph, component, filter).map((node) => graph.idOf(node));
            const [first = ''] = cycle;
            const back = steps(edges, cycle.at(-1) ?? '', 'outgoing', filter);
            expect([first, back.some(({ to }) => to === first)]).toEqual([graph.idOf(component[0] ?? -1), true]);
            cycle.slice(1).forEach((id, n) => {
              expect(steps(edges, cycle[n] ?? '', 'outgoing', filter).some(({ to }) => to === id)).toBe(true);
            });
            const closing = ways(edges, first, 'outgoing', filter, 99).filter((path) =>
              steps(edges, path.nodes.at(-1) ?? '', 'outgoing', filter).some(({ to }) => to === first),
            );
            expect(cycle.length).toBe(Math.min(...closing.map(({ nodes }) => nodes.length)));
          }
        }
      }),
      randomCases(),
    );
  });
});
