import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type Comparison, sideBySide } from '../side-by-side.ts';
import { historyBytes } from './finished-tasks.ts';
import { GrownQueue } from './grown-queue.ts';

/** `history`: finished tasks in the largest table; `finish`: tasks worked off under the open transaction. */
const DEFAULTS = { history: 10_000_000, tasks: 50_000, finish: 200_000, rounds: 5 };
const SMALLEST = 10_000;
const STEP = 10;
/** Room enough that no checkpoint falls into a round; without replicas, a table that is filled as it is made needs no log. */
const SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/** What weighs on queues that keep their tasks in a table: those that are over, and those that cannot be forgotten yet. */
export const queueGrowthBenchmark: Benchmark = {
  about: 'working tasks off with 10⁴ to 10⁷ finished ones in the table, and while another transaction is held open',
  minutes: 40,
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const histories: number[] = [];
    for (let history = SMALLEST; history <= options.history; history *= STEP) histories.push(history);
    await assertSpace(histories.reduce((sum, history) => sum + history, 0));
    const server = await startServerPostgres({ durable: true, settings: SETTINGS });
    const queues: GrownQueue[] = [];
    try {
      for (const history of histories) {
        const begun = performance.now();
        queues.push(await GrownQueue.open(server.connectionString, `history_${history}`, history));
        console.log(
          `  ${history.toLocaleString('en-US')} finished tasks made in ${Math.round((performance.now() - begun) / 1000)} s`,
        );
      }
      const grown = await sideBySide(
        queues.map((queue) => ({ name: named(queue.history), round: () => queue.round(options.tasks) })),
        { rounds: options.rounds },
      );
      console.log(grown.table(`${options.tasks} tasks worked off`));
      const [small] = queues;
      if (!small) throw new Error(`The history must be at least ${SMALLEST}.`);
      const free = 'no other transaction';
      const held = 'one held open';
      const under = await sideBySide(
        [
          { name: free, round: () => small.round(options.finish) },
          { name: held, round: () => small.round(options.finish, { whileOpen: true }) },
        ],
        { rounds: options.rounds },
      );
      console.log(under.table(`${options.finish} tasks worked off`));
      return { ...growth(grown, histories), underLongTransaction: under.ratio(held, free) };
    } finally {
      for (const queue of queues) await queue.close();
      await server.stop();
    }
  },
};

/** Each history against the smallest, as `at10MVs10k`. */
function growth(grown: Comparison, histories: readonly number[]): Ratios {
  const base = named(SMALLEST);
  return Object.fromEntries(
    histories
      .filter((history) => history > SMALLEST)
      .map((history) => [`at${short(history)}Vs${short(SMALLEST)}`, grown.ratio(named(history), base)]),
  );
}

function named(history: number): string {
  return `${history.toLocaleString('en-US')} finished`;
}

function short(count: number): string {
  return count >= 1_000_000 ? `${count / 1_000_000}M` : `${count / 1_000}k`;
}

async function assertSpace(tasks: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  // As much again for sorting indexes and for the log.
  const needed = historyBytes(tasks) * 2;
  if (bavail * bsize < needed) {
    const gigabytes = Math.ceil(needed / 1e9);
    throw new Error(`This takes up to ${gigabytes} GB in ${tmpdir()}, which has fewer; see --history.`);
  }
}
