import type { Benchmark } from './benchmark.ts';

/** Every benchmark by its name; loaded only when it is run. */
export const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  journal: async () => (await import('./journal/journal-benchmark.ts')).journalBenchmark,
  http: async () => (await import('./http/http-benchmark.ts')).httpBenchmark,
  queue: async () => (await import('./queue/queue-benchmark.ts')).queueBenchmark,
  'hot-verbs': async () => (await import('./hot-verbs/hot-verbs-benchmark.ts')).hotVerbsBenchmark,
  replay: async () => (await import('./replay/replay-benchmark.ts')).replayBenchmark,
  pickup: async () => (await import('./pickup/pickup-benchmark.ts')).pickupBenchmark,
  'queue-growth': async () => (await import('./queue-growth/queue-growth-benchmark.ts')).queueGrowthBenchmark,
  'claims-http': async () => (await import('./claims-http/claims-http-benchmark.ts')).claimsHttpBenchmark,
  checkpoints: async () => (await import('./checkpoints/checkpoints-benchmark.ts')).checkpointsBenchmark,
  capture: async () => (await import('./capture/capture-benchmark.ts')).captureBenchmark,
  undo: async () => (await import('./undo/undo-benchmark.ts')).undoBenchmark,
  audit: async () => (await import('./audit/audit-benchmark.ts')).auditBenchmark,
  graph: async () => (await import('./graph/graph-benchmark.ts')).graphBenchmark,
  index: async () => (await import('./index/index-benchmark.ts')).indexBenchmark,
  'service-map': async () => (await import('./service-map/service-map-benchmark.ts')).serviceMapBenchmark,
  accuracy: async () => (await import('./accuracy/accuracy-benchmark.ts')).accuracyBenchmark,
  'first-minute': async () => (await import('./first-minute/first-minute-benchmark.ts')).firstMinuteBenchmark,
};
