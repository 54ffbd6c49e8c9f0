import { rmSync } from 'node:fs';
import { PgDatabase } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { openCore } from '../opened-core.ts';
import { Comparison } from '../side-by-side.ts';
import { CHECKER, compileCore, SCIP, STRUCTURE, storing, TYPED, timeOf } from './cold-process.ts';
import { editLatency } from './edit-latency.ts';
import { laySources, type PackageName } from './sources.ts';

const STORED = storing('').name;
/** Rounds of each package, and edits of either kind. */
const DEFAULTS = { rxjs: 3, effect: 1, edits: 20 };
const LIMITS = { reportedMs: 200, watchedMs: 400 };

/** Reading code into the graph. */
export const indexBenchmark: Benchmark = {
  about:
    'reading the sources of rxjs and effect, cold processes, into a file and into the graph, against scip-typescript; how far that is from the checker alone; and how soon an edit shows, against limits',
  minutes: 20,
  run: async (args) => {
    const rounds = countOptions(args, DEFAULTS);
    await compileCore();
    const rxjs = await compare('rxjs', rounds.rxjs);
    const effect = await compare('effect', rounds.effect);
    const { reported, watched } = await editLatency(rounds.edits);
    return {
      // Of the larger one: on the other, starting is most of it.
      structureVsScip: effect.ratio(STRUCTURE.name, SCIP.name),
      structureVsScipRxjs: rxjs.ratio(STRUCTURE.name, SCIP.name),
      typedVsScipRxjs: rxjs.ratio(TYPED.name, SCIP.name),
      typedVsScipEffect: effect.ratio(TYPED.name, SCIP.name),
      storedVsScipRxjs: rxjs.ratio(STORED, SCIP.name),
      storedVsScipEffect: effect.ratio(STORED, SCIP.name),
      typedVsCheckerRxjs: rxjs.ratio(TYPED.name, CHECKER.name),
      typedVsCheckerEffect: effect.ratio(TYPED.name, CHECKER.name),
      limitVsReportedEdit: LIMITS.reportedMs / reported,
      limitVsWatchedEdit: LIMITS.watchedMs / watched,
    };
  },
};

/** Each program in turn, the first of each round another one. What is compared is readings an hour, so that above 1 is faster. */
async function compare(name: PackageName, rounds: number): Promise<Comparison> {
  const root = laySources(name);
  const server = await startServerPostgres({ durable: true });
  try {
    const { connectionString } = server;
    // The tables are there, as those of a program that is installed.
    await (await openCore(new PgDatabase({ kind: 'server', pool: { connectionString } }))).close();
    const programs = [SCIP, STRUCTURE, TYPED, storing(connectionString), CHECKER];
    const rates = new Map<string, number[]>(programs.map((program) => [program.name, []]));
    for (let round = 0; round < rounds; round += 1) {
      const first = round % programs.length;
      for (const program of [...programs.slice(first), ...programs.slice(0, first)]) {
        const ms = await timeOf(program, root, round);
        console.log(`  ${name}, ${program.name}: ${(ms / 1000).toFixed(1)} s`);
        rates.get(program.name)?.push(3_600_000 / ms);
      }
    }
    return new Comparison(rates);
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
