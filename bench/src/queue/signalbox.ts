import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, createCore, Migrator, PgDatabase, type TaskHandler, TaskWorker } from '@signalbox/core';
import { insertTestProject } from '@signalbox/core/testing';
import { pino } from 'pino';
import type { HandlerRuns } from './handler-runs.ts';
import { listed, type Overrides, type QueuePeer, tuned } from './queue-peer.ts';

const BEST = { concurrency: 100, prefetch: 2000, workers: 1, connections: 10 };

const TYPE = 'noop';
const LOAD_CHUNK = 5_000;

/** All of the core in this process, change feed included, with a worker over it; a new worker for each measurement. */
export class SignalboxPeer implements QueuePeer {
  readonly name = 'signalbox';
  readonly settings: string;
  readonly sql = {
    left: `SELECT count(*) AS left FROM tasks WHERE status <> 'completed'`,
    clear: 'TRUNCATE tasks, task_ready, task_leases, task_past_attempts, feed_entries',
  };
  readonly #with: typeof BEST;
  #opened: { database: PgDatabase; core: Core; projectId: string; dataDir: string } | null = null;

  constructor(overrides: Overrides = {}) {
    this.#with = tuned(BEST, overrides);
    this.settings = listed(this.#with);
  }

  async open(connectionString: string): Promise<void> {
    const maxConnections = this.#with.connections;
    const database = new PgDatabase({ kind: 'server', pool: { connectionString }, maxConnections });
    await new Migrator(database).up();
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    const logger = pino({ level: 'warn' }, pino.destination(2));
    const core = createCore({ database, dataDir, nodeId: 'bench', logger });
    core.start();
    this.#opened = { database, core, projectId: await insertTestProject(database), dataDir };
  }

  async load(count: number): Promise<void> {
    const { database, core, projectId } = this.#parts();
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const size = Math.min(LOAD_CHUNK, count - from);
      const tasks = Array.from({ length: size }, (_, i) => ({ type: TYPE, payload: { n: from + i } }));
      await database.transaction((tx) => core.tasks.within(tx).enqueueMany(projectId, tasks));
    }
  }

  async process(runs: HandlerRuns): Promise<void> {
    const { core, projectId } = this.#parts();
    const { concurrency, prefetch, workers } = this.#with;
    const handlers: Record<string, TaskHandler> = { [TYPE]: ({ payload }) => runs.ran(payload as { n: number }) };
    const all = Array.from(
      { length: workers },
      (_, n) => new TaskWorker(core, projectId, handlers, { agent: `bench-${n}`, concurrency, prefetch }),
    );
    for (const worker of all) worker.start();
    await runs.all;
    // Endings are written behind the handlers' backs; a stop waits for them.
    await Promise.all(all.map((worker) => worker.stop()));
  }

  async enqueueOne(n: number): Promise<void> {
    const { core, projectId } = this.#parts();
    await core.tasks.enqueue(projectId, { type: TYPE, payload: { n } });
  }

  async close(): Promise<void> {
    if (!this.#opened) return;
    await this.#opened.core.close();
    await this.#opened.database.close();
    await rm(this.#opened.dataDir, { recursive: true, force: true });
  }

  #parts() {
    if (!this.#opened) throw new Error('Signalbox has not been opened.');
    return this.#opened;
  }
}
