import type { Benchmark } from '../benchmark.ts';
import { sideBySide } from '../side-by-side.ts';
import { GraphileWorkerPeer } from './graphile-worker.ts';
import { PgBossPeer } from './pg-boss.ts';
import { queueOptions } from './queue-options.ts';
import { enqueueRound, processRound } from './queue-rounds.ts';
import { QueueServer } from './queue-server.ts';
import { SignalboxPeer } from './signalbox.ts';

/** The task queue against graphile-worker and pg-boss, each in its best shape, on one durable PostgreSQL. */
export const queueBenchmark: Benchmark = {
  about: 'tasks worked off and enqueued one by one, against graphile-worker and pg-boss on the same durable PostgreSQL',
  run: async (args) => {
    const { tasks, enqueues, callers, rounds } = queueOptions(args);
    const ours = new SignalboxPeer();
    const graphile = new GraphileWorkerPeer();
    const boss = new PgBossPeer();
    const peers = [ours, graphile, boss];
    for (const { name, settings } of peers) console.log(`  ${name}: ${settings}`);
    const server = await QueueServer.start();
    try {
      for (const peer of peers) await server.add(peer);
      const worked = await sideBySide(
        peers.map((peer) => ({ name: peer.name, round: () => processRound(server, peer, tasks) })),
        { rounds },
      );
      console.log(worked.table(`${tasks} tasks worked off`));
      const enqueued = await sideBySide(
        peers.map((peer) => ({
          name: peer.name,
          round: () => enqueueRound(server, peer, { count: enqueues, callers }),
        })),
        { rounds },
      );
      console.log(enqueued.table(`${enqueues} enqueued by ${callers} callers`));
      return {
        vsGraphileWorker: worked.ratio(ours.name, graphile.name),
        vsPgBoss: worked.ratio(ours.name, boss.name),
        enqueueVsGraphileWorker: enqueued.ratio(ours.name, graphile.name),
        enqueueVsPgBoss: enqueued.ratio(ours.name, boss.name),
      };
    } finally {
      for (const peer of peers) await peer.close();
      await server.stop();
    }
  },
};
