import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgDatabase } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import pg from 'pg';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type ChildServer, startChildServer } from '../http/child-server.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { sideBySide } from '../side-by-side.ts';
import { httpSource, librarySource, type WorkSource } from './work-source.ts';

const DEFAULTS = { tasks: 10_000, callers: 100, rounds: 5 };
const MANY = 50;

/** Claims and completions over HTTP, with the server in a process of its own, as share of the library's within this one. */
export const claimsHttpBenchmark: Benchmark = {
  about: `claim and complete over HTTP, ${DEFAULTS.callers} callers, one task or ${MANY} at a time, against the library`,
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const server = await startServerPostgres({
      durable: true,
      settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    const clients: pg.Client[] = [];
    let opened: OpenedCore | null = null;
    let child: ChildServer | null = null;
    try {
      const ours = await freshDatabase(server.connectionString, 'library', clients);
      const served = await freshDatabase(server.connectionString, 'served', clients);
      opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: ours.url } }));
      child = await startChildServer('signalbox-process.ts', { databaseUrl: served.url, dataDir });
      const sources = [
        { source: librarySource(opened.core, opened.projectId), client: ours.client },
        { source: httpSource(child.address), client: served.client },
      ];
      const ratios: Ratios = {};
      for (const limit of [1, MANY]) {
        const compared = await sideBySide(
          sources.map(({ source, client }) => ({
            name: source.name,
            round: () => round(source, client, { ...options, limit }),
          })),
          { rounds: options.rounds },
        );
        console.log(compared.table(`claimed and completed, ${limit} at a time`));
        ratios[limit === 1 ? 'httpVsLibrary' : `http${limit}AtATimeVsLibrary`] = compared.ratio('HTTP', 'library');
      }
      return ratios;
    } finally {
      await child?.stop();
      await opened?.close();
      for (const client of clients) await client.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function freshDatabase(
  connectionString: string,
  name: string,
  clients: pg.Client[],
): Promise<{ url: string; client: pg.Client }> {
  const first = new pg.Client({ connectionString });
  await first.connect();
  await first.query(`CREATE DATABASE ${name}`);
  await first.end();
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  clients.push(client);
  return { url: url.href, client };
}

/** @returns tasks claimed and completed per second @throws unless all were */
async function round(
  source: WorkSource,
  client: pg.Client,
  { tasks, callers, limit }: { tasks: number; callers: number; limit: number },
): Promise<number> {
  await client.query('TRUNCATE tasks, task_ready, task_leases, task_past_attempts');
  await source.load(tasks);
  await client.query('VACUUM (ANALYZE) tasks, task_ready, task_leases, task_past_attempts');
  await client.query('CHECKPOINT');
  const all = await Promise.all(Array.from({ length: callers }, () => source.open(limit)));
  try {
    let done = 0;
    const begun = performance.now();
    await Promise.all(
      all.map(async (caller) => {
        for (let got = limit; got === limit && done < tasks; ) {
          got = await caller.work();
          done += got;
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    const { rows } = await client.query<{ done: string }>(
      `SELECT count(*) AS done FROM task_attempts WHERE outcome = 'completed'`,
    );
    if (Number(rows[0]?.done) !== tasks)
      throw new Error(`${source.name} completed ${rows[0]?.done} of ${tasks} tasks.`);
    return tasks / seconds;
  } finally {
    for (const caller of all) caller.close();
  }
}
