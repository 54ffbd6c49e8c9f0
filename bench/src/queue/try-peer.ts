import { parseArgs } from 'node:util';
import { median } from '../side-by-side.ts';
import { GraphileWorkerPeer } from './graphile-worker.ts';
import { PgBossPeer } from './pg-boss.ts';
import { queueOptions } from './queue-options.ts';
import type { Overrides, QueuePeer } from './queue-peer.ts';
import { enqueueRound, processRound } from './queue-rounds.ts';
import { QueueServer } from './queue-server.ts';
import { SignalboxPeer } from './signalbox.ts';

/**
 * One peer alone, to profile it or to look for its best settings:
 * `node --conditions=source bench/src/queue/try-peer.ts pg-boss process --set batchSize=1000 --rounds 3`.
 * The second word is `process` or `enqueue`; `--set` may be repeated; the rest as for the benchmark.
 */
const PEERS: Readonly<Record<string, (overrides: Overrides) => QueuePeer>> = {
  signalbox: (overrides) => new SignalboxPeer(overrides),
  'graphile-worker': (overrides) => new GraphileWorkerPeer(overrides),
  'pg-boss': (overrides) => new PgBossPeer(overrides),
};

const { positionals, tokens } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  strict: false,
  tokens: true,
  options: Object.fromEntries(
    ['set', 'tasks', 'enqueues', 'callers', 'rounds'].map((name) => [name, { type: 'string' as const }]),
  ),
});
const given = tokens.flatMap((token) =>
  token.kind === 'option' ? [{ name: token.name, value: token.value ?? '' }] : [],
);
const overrides = Object.fromEntries(
  given.filter(({ name }) => name === 'set').map(({ value }) => [value.split('=')[0], Number(value.split('=')[1])]),
);
const options = queueOptions(given.filter(({ name }) => name !== 'set').map(({ name, value }) => `--${name}=${value}`));
const [name = '', what = ''] = positionals;
const make = PEERS[name];
if (!make || !['process', 'enqueue'].includes(what)) {
  throw new Error(`Say which peer (${Object.keys(PEERS).join(', ')}), and "process" or "enqueue".`);
}

const peer = make(overrides);
const server = await QueueServer.start();
try {
  await server.add(peer);
  const rates: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const rate =
      what === 'process'
        ? await processRound(server, peer, options.tasks)
        : await enqueueRound(server, peer, { count: options.enqueues, callers: options.callers });
    rates.push(Math.round(rate));
  }
  console.log(`${peer.name} (${peer.settings}) ${what}: ${rates.join(', ')}; median ${median(rates)}/s`);
} finally {
  await peer.close();
  await server.stop();
}
