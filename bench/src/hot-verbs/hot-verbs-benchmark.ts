import { startServerPostgres } from '@signalbox/core/testing';
import pg from 'pg';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { openCore } from '../opened-core.ts';
import { sideBySide } from '../side-by-side.ts';
import { agentVerbs } from './agent-verbs.ts';
import type { HotVerb } from './hot-verb.ts';
import { lockVerbs } from './lock-verbs.ts';
import { TappedDatabase } from './tapped-database.ts';
import { taskVerbs } from './task-verbs.ts';
import { BatchSizes, VerbRounds } from './verb-rounds.ts';

const DEFAULTS = { rows: 20_000, callers: 200, rounds: 5 };
/** Room enough that no checkpoint falls into a round. */
const SETTINGS = { shared_buffers: '256MB', max_wal_size: '4GB', checkpoint_timeout: '30min' };

/**
 * Each hot verb as callers call it, against a bare loop that sends the same statements. `--only claim` is for one alone.
 */
export const hotVerbsBenchmark: Benchmark = {
  about: `the hot verbs of agents, tasks and locks from ${DEFAULTS.callers} callers, against the same statements, rows and batches in a bare loop`,
  run: async (args) => {
    const at = args.indexOf('--only');
    const only = at < 0 ? null : args[at + 1];
    const options = countOptions(at < 0 ? args : args.toSpliced(at, 2), DEFAULTS);
    const server = await startServerPostgres({ durable: true, settings: SETTINGS });
    const { connectionString } = server;
    const client = new pg.Client({ connectionString });
    const bare = new pg.Client({ connectionString });
    const database = new TappedDatabase({ kind: 'server', pool: { connectionString } });
    const batches = new BatchSizes();
    const opened = await openCore(database, { batches });
    try {
      await client.connect();
      await bare.connect();
      const { core, projectId } = opened;
      const all = [...agentVerbs(core, projectId), ...taskVerbs(core, projectId), ...lockVerbs(core, projectId)];
      const verbs = all.filter(({ name }) => !only || name === only);
      if (verbs.length === 0) throw new Error(`There is no verb "${only}"; there are: ${all.map(({ name }) => name)}.`);
      const ratios: Ratios = {};
      for (const verb of verbs) {
        const rounds = new VerbRounds(
          verb,
          { database, batches, client, bare },
          { count: options.rows, callers: options.callers },
        );
        ratios[`${verb.name}VsBare`] = await measured(verb, rounds, options.rounds);
      }
      return ratios;
    } finally {
      await opened.close();
      await bare.end();
      await client.end();
      await server.stop();
    }
  },
};

async function measured(verb: HotVerb, rounds: VerbRounds, count: number): Promise<number> {
  const compared = await sideBySide(
    [
      { name: 'signalbox', round: () => rounds.product() },
      { name: 'bare loop', round: () => rounds.bare() },
    ],
    { rounds: count },
  );
  console.log(compared.table(`${verb.name}, rows`));
  const ratio = compared.ratio('signalbox', 'bare loop');
  const cpu = (way: 'product' | 'bare') => {
    const { program, database } = rounds.cpuPerRow(way);
    return `${program.toFixed(1)} + ${database.toFixed(1)}`;
  };
  const seed = verb.seed === null ? '' : `; seed figure ${verb.seed.toLocaleString('en-US')}/s`;
  console.log(
    `    ratio ${ratio.toFixed(2)}; batches of ${Math.round(rounds.batchSize)}; CPU µs a row, program + database: ${cpu('product')}, bare ${cpu('bare')}${seed}`,
  );
  return ratio;
}
