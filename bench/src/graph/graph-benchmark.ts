import { CodeGraph, PgDatabase, reach } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { closedLoop } from '../closed-loop.ts';
import { countOptions } from '../count-options.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { type Contender, sideBySide } from '../side-by-side.ts';
import { graphologyOf, reachInGraphology } from './graphology-peer.ts';
import { largeGraph, tarjan } from './large-graphs.ts';
import { type GraphEdge, randomEdges, randomNumbers } from './random-graph.ts';
import { reachInSql } from './recursive-query.ts';

const DEFAULTS = { rounds: 5, milliseconds: 1_000, nodes: 5_000, edges: 25_000, tarjan: 1_000_000, large: 10_000_000 };
const LIMITS = { threeHopsMs: 1, tarjanMs: 1_000, largeMs: 10, bytesPerEdge: 40 };
const HOPS = 3;
const MOMENT = 5_000;
const CHECKED = 50;

/** Questions to a graph of code, and what it takes of memory. */
export const graphBenchmark: Benchmark = {
  about:
    'three hops through a graph, against the recursive query and graphology; Tarjan, memory and three hops in large graphs, against limits',
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const compared = await compare(options);
    const tarjanMs = tarjan(options.tarjan, options.rounds);
    const { bytesPerEdge, medianMs } = largeGraph(options.large, 1_000);
    return {
      ...compared,
      limitVsTarjan: LIMITS.tarjanMs / tarjanMs,
      limitVsThreeHopsInLargeGraph: LIMITS.largeMs / medianMs,
      limitVsBytesPerEdge: LIMITS.bytesPerEdge / bytesPerEdge,
    };
  },
};

async function compare(options: typeof DEFAULTS) {
  const server = await startServerPostgres({ durable: true });
  let opened: OpenedCore | null = null;
  try {
    opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } }));
    // Drawn twice, an edge is one in the tables.
    const all = [...randomEdges(options.nodes, options.edges)];
    const edges = [...new Map(all.map((edge) => [`${edge.type} ${edge.from} ${edge.to}`, edge])).values()];
    await fill(opened, edges);
    const ways = waysOf(opened, edges);
    const starts = [...new Set(edges.map(({ from }) => from))];
    await sameAnswers(ways, starts);
    const contenders = Object.entries(ways).map(([name, way]) => contender(name, way, starts, options));
    const comparison = await sideBySide(contenders, options);
    console.log(comparison.table(`${HOPS} hops, ${options.nodes} nodes, ${options.edges} edges`));
    return {
      threeHopsVsCte: comparison.ratio('arrays', 'recursive query'),
      threeHopsVsGraphology: comparison.ratio('arrays', 'graphology'),
      traverseVsCte: comparison.ratio('traverse', 'recursive query'),
      limitVsThreeHops: (comparison.median('arrays') * LIMITS.threeHopsMs) / 1_000,
    };
  } finally {
    await opened?.close();
    await server.stop();
  }
}

/** Answers to what is reached from a node, itself first or not. */
type Way = (start: string) => string[] | Promise<string[]>;

function waysOf({ core, projectId }: OpenedCore, edges: readonly GraphEdge[]): Record<string, Way> {
  const graph = CodeGraph.of(edges, 1);
  const peer = graphologyOf(edges);
  const filter = { since: new Date(MOMENT), until: new Date(MOMENT) };
  const query = { direction: 'outgoing', filter, maxDepth: HOPS, maxEdges: 100_000 } as const;
  return {
    arrays: (start) => reach(graph, [graph.nodeOf(start) ?? 0], query).nodes.map(({ node }) => graph.idOf(node)),
    // The whole question: the revision is looked at, and what is reached is read from the tables.
    traverse: async (startId) =>
      (await core.knowledge.traverse(projectId, { startId, maxDepth: HOPS })).visited.map(({ id }) => id),
    graphology: (start) => reachInGraphology(peer, start, HOPS, MOMENT),
    'recursive query': (start) => reachInSql(core, projectId, start, HOPS),
  };
}

async function fill({ core, projectId }: OpenedCore, edges: readonly GraphEdge[]): Promise<void> {
  const relationships = edges.map(({ type, from, to, confidence, validFrom, validTo }) => ({
    type,
    fromEntityId: from,
    toEntityId: to,
    confidence,
    validFrom: new Date(validFrom),
    ...(Number.isFinite(validTo) ? { validTo: new Date(validTo) } : {}),
  }));
  await core.knowledge.ingest(projectId, { units: [{ unit: 'bench', relationships }] }, 'bench');
  await core.database.query({ name: '', text: 'ANALYZE graph_relationships' });
}

async function sameAnswers(ways: Readonly<Record<string, Way>>, starts: readonly string[]): Promise<void> {
  const draw = drawn(starts, 3);
  for (let n = 0; n < CHECKED; n += 1) {
    const start = draw();
    const answers = new Map<string, string>();
    for (const [name, way] of Object.entries(ways)) answers.set([...(await way(start))].sort().join(), name);
    if (answers.size > 1) throw new Error(`From ${start} these reach different nodes: ${[...answers.values()]}.`);
  }
}

function contender(name: string, way: Way, starts: readonly string[], { milliseconds }: typeof DEFAULTS): Contender {
  const draw = drawn(starts, 4);
  const ask = async () => {
    await way(draw());
  };
  return { name, round: () => closedLoop({ writers: 1, seconds: milliseconds / 1_000 }, ask) };
}

/** One of them at a time, the same ones for the same seed. */
function drawn(some: readonly string[], seed: number): () => string {
  const random = randomNumbers(seed);
  return () => some[Math.floor(random() * some.length)] ?? '';
}
