import { createCore, Migrator, PgDatabase, TaskWorker } from '@signalbox/core';
import { insertTestProject } from '@signalbox/core/testing';
import { pino } from 'pino';
import { processRound, enqueueRound } from './queue-rounds.ts';
import { QueueServer } from './queue-server.ts';
const arg = (n: string, d: number) => Number(process.argv.find((a) => a.startsWith(`${n}=`))?.split('=')[1] ?? d);
const W = { concurrency: arg('c', 24), prefetch: arg('p', 2000), workers: arg('w', 1) };
const feed = arg('feed', 1);
let core: any, database: any, projectId: string, logger: any;
const peer = {
  name: 'signalbox', settings: JSON.stringify(W),
  sql: { left: `SELECT count(*) AS left FROM tasks WHERE status <> 'completed'`, clear: 'TRUNCATE tasks, task_ready, task_leases, task_attempts, feed_entries' },
  async open(connectionString: string) {
    database = new PgDatabase({ kind: 'server', pool: { connectionString }, maxConnections: 10 });
    await new Migrator(database).up();
    logger = pino({ level: 'warn' }, pino.destination(2));
    core = createCore({ database, dataDir: '/tmp/sb/bd', nodeId: 'bench', logger });
    if (feed) core.start();
    projectId = await insertTestProject(database);
  },
  async load(count: number) {
    for (let from = 0; from < count; from += 5000) {
      const tasks = Array.from({ length: Math.min(5000, count - from) }, (_, i) => ({ type: 'noop', payload: { n: from + i } }));
      await database.transaction((tx: any) => core.tasks.within(tx).enqueueMany(projectId, tasks));
    }
  },
  async process(runs: any) {
    const all = Array.from({ length: W.workers }, (_, n) => new TaskWorker({ tasks: core.tasks, clock: core.clock, logger }, projectId, { noop: ({ payload }: any) => runs.ran(payload) }, { agent: `b${n}`, concurrency: W.concurrency, prefetch: W.prefetch }));
    for (const w of all) w.start();
    await runs.all;
    await Promise.all(all.map((w) => w.stop()));
  },
  async enqueueOne(n: number) { await core.tasks.enqueue(projectId, { type: 'noop', payload: { n } }); },
  async close() { await core.close(); await database.close(); },
};
const server = await QueueServer.start();
try {
  await server.add(peer as never);
  const rates = [];
  for (let i = 0; i < arg('rounds', 4); i++) { const cpu = process.cpuUsage(); const t = performance.now(); rates.push(Math.round(process.argv[2] === 'enqueue' ? await enqueueRound(server, peer as never, { count: 5000, callers: 100 }) : await processRound(server, peer as never, arg('n', 100000)))); }
  console.log(peer.settings, 'feed', feed, process.argv[2], rates.join(' '));
} finally { await peer.close(); await server.stop(); }
