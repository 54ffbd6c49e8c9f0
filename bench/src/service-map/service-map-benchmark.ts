import { PgDatabase } from '@signalbox/core';
import { insertTestProject, startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { median } from '../side-by-side.ts';

/** How large the map is, which each service depends on how many others of, and how often each question is asked. */
const DEFAULTS = { services: 5_000, dependencies: 25_000, asked: 30 };
/** Milliseconds that the requirements give (DEP). */
const LIMITS = {
  threeHops: 100,
  cycles: 10_000,
  services100: 500,
  dependencies500: 1_000,
  records1000: 2_000,
  adjacency1000: 200,
};

/** The service map at the size that its requirements speak of, against the times that they give. */
export const serviceMapBenchmark: Benchmark = {
  about: 'walks, cycles and bulk ingestion of the service map, against the times of its requirements',
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const server = await startServerPostgres({ durable: true });
    let opened: OpenedCore | null = null;
    try {
      opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } }));
      const times = { ...(await ingestion(opened)), ...(await questions(opened, options)) };
      const ratios: Ratios = {};
      for (const [what, ms] of Object.entries(times)) {
        const limit = LIMITS[what as keyof typeof LIMITS];
        console.log(`${what}: median ${ms.toFixed(1)} ms, of ${limit} ms`);
        ratios[`limitVs${what.charAt(0).toUpperCase()}${what.slice(1)}`] = limit / ms;
      }
      return ratios;
    } finally {
      await opened?.close();
      await server.stop();
    }
  },
};

/** New services and dependencies, each time into a project of its own. */
async function ingestion({ core }: OpenedCore): Promise<Record<string, number>> {
  const services = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `s${n}` }));
  const ring = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      source: `s${n % 100}`,
      target: `s${(n + 1 + Math.floor(n / 100)) % 100}`,
    }));
  const timed = async (said: Parameters<typeof core.topology.ingest>[1]) => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const projectId = await insertTestProject(core.database);
      const began = performance.now();
      await core.topology.ingest(projectId, said, 'bench');
      times.push(performance.now() - began);
    }
    return median(times);
  };
  return {
    services100: await timed({ services: services(100) }),
    dependencies500: await timed({ dependencies: ring(500) }),
    records1000: await timed({ services: services(500), dependencies: ring(500) }),
  };
}

async function questions(
  { core, projectId }: OpenedCore,
  { services, dependencies, asked }: typeof DEFAULTS,
): Promise<Record<string, number>> {
  const random = sequence(7);
  const pick = () => `s${Math.floor(random() * services)}`;
  const edges = Array.from({ length: dependencies }, () => ({ source: pick(), target: pick() }));
  // What comes late depends on what was there: a few cycles are made at the end.
  const acyclic = edges.flatMap(({ source, target }) => {
    const [a, b] = [Number(source.slice(1)), Number(target.slice(1))];
    return a === b ? [] : [a > b ? { source, target } : { source: target, target: source }];
  });
  for (let from = 0; from < acyclic.length; from += 10_000) {
    await core.topology.ingest(projectId, { dependencies: acyclic.slice(from, from + 10_000) }, 'bench');
  }
  await core.topology.ingest(projectId, { dependencies: [{ source: 's0', target: `s${services - 1}` }] }, 'bench');
  const timed = async (ask: (n: number) => Promise<unknown>, times = asked) => {
    const taken: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const began = performance.now();
      await ask(n);
      taken.push(performance.now() - began);
    }
    return median(taken);
  };
  const threeHops = await timed(() =>
    core.topology.traverse(projectId, { service: pick(), direction: 'both', maxDepth: 3 }).catch((error: unknown) => {
      // Not each name was drawn.
      if ((error as { code?: string }).code !== 'SERVICE_NOT_FOUND') throw error;
    }),
  );
  const cycles = await timed(() => core.topology.cycles.detect(projectId), 3);
  const adjacency1000 = await timed((n) => core.topology.dependencies.list(projectId, {}, (n % 20) + 1, 1_000));
  return { threeHops, cycles, adjacency1000 };
}

/** The same numbers in each run. */
function sequence(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at * 48_271) % 2_147_483_647;
    return at / 2_147_483_647;
  };
}
