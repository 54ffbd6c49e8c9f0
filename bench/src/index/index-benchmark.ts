import { rmSync } from 'node:fs';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { Comparison } from '../side-by-side.ts';
import { CHECKER, type ReadingProgram, SCIP, TYPED, timeOf } from './cold-process.ts';
import { editLatency } from './edit-latency.ts';
import { laySources, type PackageName } from './sources.ts';

/** Rounds of each package, and edits of either kind. */
const DEFAULTS = { rxjs: 3, effect: 1, edits: 20 };
const LIMITS = { reportedMs: 200, watchedMs: 400 };
const PROGRAMS: readonly ReadingProgram[] = [SCIP, TYPED, CHECKER];

/** Reading code into the graph. */
export const indexBenchmark: Benchmark = {
  about:
    'reading the sources of rxjs and effect, cold processes, against scip-typescript; how far that is from the checker alone; and how soon an edit shows, against limits',
  minutes: 20,
  run: async (args) => {
    const rounds = countOptions(args, DEFAULTS);
    const rxjs = await compare('rxjs', rounds.rxjs);
    const effect = await compare('effect', rounds.effect);
    const { reported, watched } = await editLatency(rounds.edits);
    return {
      typedVsScipRxjs: rxjs.ratio(TYPED.name, SCIP.name),
      typedVsScipEffect: effect.ratio(TYPED.name, SCIP.name),
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
  try {
    const rates = new Map<string, number[]>(PROGRAMS.map((program) => [program.name, []]));
    for (let round = 0; round < rounds; round += 1) {
      const first = round % PROGRAMS.length;
      for (const program of [...PROGRAMS.slice(first), ...PROGRAMS.slice(0, first)]) {
        const ms = await timeOf(program, root, round);
        console.log(`  ${name}, ${program.name}: ${(ms / 1000).toFixed(1)} s`);
        rates.get(program.name)?.push(3_600_000 / ms);
      }
    }
    return new Comparison(rates);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
