import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, createCore, DEFAULT_QUEUE, Migrator, PgDatabase } from '@signalbox/core';
import { insertTestProject } from '@signalbox/core/testing';
import { pino } from 'pino';
import type { HandlerRuns } from './handler-runs.ts';
import { listed, type Overrides, type QueuePeer, tuned } from './queue-peer.ts';

const BEST = { claim: 500, loops: 4, connections: 10, leaseSeconds: 60 };

const TYPE = 'noop';
const LOAD_CHUNK = 1_000;

/** The task queue as the server has it, in this process: each loop claims many tasks at once and completes each by itself. */
export class SignalboxPeer implements QueuePeer {
  readonly name = 'signalbox';
  readonly settings: string;
  readonly sql = {
    left: `SELECT count(*) AS left FROM tasks WHERE status <> 'completed'`,
    clear: 'TRUNCATE tasks, task_ready, task_leases, task_attempts, feed_entries',
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
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const size = Math.min(LOAD_CHUNK, count - from);
      await Promise.all(Array.from({ length: size }, (_, i) => this.enqueueOne(from + i)));
    }
  }

  async process(runs: HandlerRuns): Promise<void> {
    await Promise.all(Array.from({ length: this.#with.loops }, (_, loop) => this.#work(`bench-${loop}`, runs)));
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

  /** Ends at the first claim that gets nothing: whatever is left belongs to other loops. */
  async #work(agent: string, runs: HandlerRuns): Promise<void> {
    const { core, projectId } = this.#parts();
    const request = {
      agent,
      queues: [DEFAULT_QUEUE],
      types: null,
      able: [],
      limit: this.#with.claim,
      leaseSeconds: this.#with.leaseSeconds,
    };
    for (;;) {
      const claims = await core.tasks.claim(projectId, request);
      if (claims.length === 0) return;
      await Promise.all(
        claims.map((claim) => {
          runs.ran(claim.payload as { n: number });
          return core.tasks.complete(claim);
        }),
      );
    }
  }

  #parts() {
    if (!this.#opened) throw new Error('Signalbox has not been opened.');
    return this.#opened;
  }
}
