import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { closedLoop } from '../closed-loop.ts';
import { countOptions } from '../count-options.ts';
import { type Comparison, type Contender, sideBySide } from '../side-by-side.ts';
import { CheckpointServer } from './checkpoint-server.ts';
import { GraphRun } from './graph-run.ts';
import { growthOfHistory } from './history-growth.ts';

const DEFAULTS = { rounds: 5, seconds: 2, threads: 64, history: 1_000 };
const [OURS, THEIRS, HTTP] = ['Signalbox in process', 'LangGraph PostgreSQL', 'Signalbox over HTTP'] as const;
/** What an unchanged checkpoint may add, as share of its state. */
const GROWTH_LIMIT = 0.01;

/** Saving and loading checkpoints of graphs, against LangGraph's own checkpointer for PostgreSQL, on one server. */
export const checkpointsBenchmark: Benchmark = {
  about: `checkpoints of LangGraph graphs saved and loaded, ${DEFAULTS.threads} threads and one, against LangGraph's own saver`,
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const server = await CheckpointServer.start();
    try {
      const growth = await growthOfHistory(server, options.history);
      const share = (bytes: number) =>
        `${Math.round(bytes)} bytes (${((bytes / growth.stateBytes) * 100).toFixed(2)} %)`;
      console.log(
        `  each of ${options.history} checkpoints of an unchanged state of ${growth.stateBytes} bytes adds ${share(growth.ours)}, LangGraph's ${share(growth.theirs)}`,
      );
      const many = await compare(server, options.threads, options);
      const one = await compare(server, 1, options);
      return {
        saveVsLangGraph: many.save.ratio(OURS, THEIRS),
        loadVsLangGraph: many.load.ratio(OURS, THEIRS),
        saveOneCallerVsLangGraph: one.save.ratio(OURS, THEIRS),
        loadOneCallerVsLangGraph: one.load.ratio(OURS, THEIRS),
        saveOverHttpVsLangGraph: many.save.ratio(HTTP, THEIRS),
        loadOverHttpVsLangGraph: many.load.ratio(HTTP, THEIRS),
        limitVsUnchangedCheckpoint: (growth.stateBytes * GROWTH_LIMIT) / growth.ours,
        storageVsLangGraph: growth.theirs / growth.ours,
      } satisfies Ratios;
    } finally {
      await server.stop();
    }
  },
};

async function compare(
  server: CheckpointServer,
  callers: number,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<{ save: Comparison; load: Comparison }> {
  const before = await server.saved();
  const acknowledged = { [OURS]: 0, [THEIRS]: 0, [HTTP]: 0 };
  const runsOf = (saver: BaseCheckpointSaver) =>
    Array.from({ length: callers }, (_, n) => new GraphRun(saver, `of ${callers}: ${n}`));
  const graphs = [
    { name: OURS, runs: runsOf(server.ours) },
    { name: THEIRS, runs: runsOf(server.theirs) },
    { name: HTTP, runs: runsOf(server.overHttp) },
  ] as const;
  const contenders = (work: (run: GraphRun, name: keyof typeof acknowledged) => Promise<void>): Contender[] =>
    graphs.map(({ name, runs }) => ({
      name,
      round: () =>
        closedLoop({ writers: callers, seconds }, async (writer) => {
          const run = runs[writer];
          if (run) await work(run, name);
        }),
    }));
  const settle = () => server.settle();
  const save = await sideBySide(
    contenders(async (run, name) => {
      await run.save();
      acknowledged[name] += 1;
    }),
    { rounds, settle },
  );
  const who = callers === 1 ? '1 caller' : `${callers} threads`;
  console.log(save.table(`checkpoints saved, ${who}`));
  const load = await sideBySide(
    contenders((run) => run.load()),
    { rounds, settle },
  );
  console.log(load.table(`checkpoints loaded, ${who}`));
  const after = await server.saved();
  // What was not kept must not count as speed.
  if (after.ours - before.ours !== acknowledged[OURS] || after.theirs - before.theirs !== acknowledged[THEIRS]) {
    throw new Error('Other checkpoints are there than were acknowledged.');
  }
  return { save, load };
}
