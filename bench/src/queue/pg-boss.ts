import { once } from 'node:events';
import { PgBoss } from 'pg-boss';
import type { HandlerRuns } from './handler-runs.ts';
import { KEPT_IDLE_MS, listed, type Overrides, type QueuePeer, tuned } from './queue-peer.ts';

/** Its default is one job every two seconds and a table for all queues; these are what was fastest here. */
const BEST = { batchSize: 1_000, localConcurrency: 4, partition: 0, connections: 25 };

const QUEUE = 'noop';
const LOAD_CHUNK = 10_000;

/** pg-boss in this process, without its maintenance and its scheduler, which would only take time from it. */
export class PgBossPeer implements QueuePeer {
  readonly name = 'pg-boss';
  readonly settings: string;
  readonly sql = {
    left: `SELECT count(*) AS left FROM pgboss.job WHERE state <> 'completed'`,
    clear: 'TRUNCATE pgboss.job',
  };
  readonly #with: typeof BEST;
  #boss: PgBoss | null = null;
  #error: unknown = null;

  constructor(overrides: Overrides = {}) {
    this.#with = tuned(BEST, overrides);
    this.settings = `burstWhenBatchFull, ${listed(this.#with)}`;
  }

  async open(connectionString: string): Promise<void> {
    // Handed on to its pool, though its types do not know it.
    const pool = { max: this.#with.connections, idleTimeoutMillis: KEPT_IDLE_MS };
    this.#boss = new PgBoss({ connectionString, ...pool, supervise: false, schedule: false });
    this.#boss.on('error', (error) => {
      this.#error ??= error;
    });
    await this.#boss.start();
    await this.#boss.createQueue(QUEUE, { partition: this.#with.partition === 1 });
  }

  async load(count: number): Promise<void> {
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const size = Math.min(LOAD_CHUNK, count - from);
      await this.#opened().insert(
        QUEUE,
        Array.from({ length: size }, (_, i) => ({ data: { n: from + i } })),
      );
    }
  }

  async process(runs: HandlerRuns): Promise<void> {
    const { batchSize, localConcurrency } = this.#with;
    await this.#opened().work<{ n: number }>(
      QUEUE,
      { batchSize, localConcurrency, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
      async (jobs) => {
        for (const { data } of jobs) runs.ran(data);
      },
    );
    const listening = new AbortController();
    await Promise.race([runs.all, once(this.#opened(), 'error', { signal: listening.signal })]);
    listening.abort();
    // A batch is completed after its handler; the workers' end waits for that.
    await this.#opened().offWork(QUEUE, { wait: true });
    this.#throwError();
  }

  async enqueueOne(n: number): Promise<void> {
    await this.#opened().send(QUEUE, { n });
  }

  async close(): Promise<void> {
    await this.#boss?.stop({ graceful: false });
    this.#throwError();
  }

  #opened(): PgBoss {
    if (!this.#boss) throw new Error('pg-boss has not been opened.');
    return this.#boss;
  }

  /** What it reported by event and not to a caller. */
  #throwError(): void {
    if (this.#error !== null) throw this.#error;
  }
}
