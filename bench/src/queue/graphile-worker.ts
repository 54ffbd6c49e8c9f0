import { Logger, makeWorkerUtils, run, type WorkerUtils } from 'graphile-worker';
import pg from 'pg';
import type { HandlerRuns } from './handler-runs.ts';
import { KEPT_IDLE_MS, listed, type Overrides, type QueuePeer, tuned } from './queue-peer.ts';

/**
 * What its own performance page measures with, but for what was faster here: a local queue of 2,000 instead of 500 and two
 * runners in the process, of which one works while the other fetches.
 */
const BEST = { concurrentJobs: 24, localQueue: 2_000, completeJobBatchDelay: 0, runners: 2, connections: 25 };

const TASK = 'noop';
const LOAD_CHUNK = 10_000;

/** graphile-worker in this process; a new runner for each measurement, over connections that stay. */
export class GraphileWorkerPeer implements QueuePeer {
  readonly name = 'graphile-worker';
  readonly settings: string;
  readonly sql = {
    left: 'SELECT count(*) AS left FROM graphile_worker._private_jobs',
    clear: 'TRUNCATE graphile_worker._private_jobs, graphile_worker._private_job_queues',
  };
  readonly #with: typeof BEST;
  readonly #logger = new Logger(() => () => undefined);
  readonly #errors: Error[] = [];
  #pool: pg.Pool | null = null;
  #utils: WorkerUtils | null = null;

  constructor(overrides: Overrides = {}) {
    this.#with = tuned(BEST, overrides);
    this.settings = listed(this.#with);
  }

  async open(connectionString: string): Promise<void> {
    this.#pool = new pg.Pool({ connectionString, max: this.#with.connections, idleTimeoutMillis: KEPT_IDLE_MS });
    // It insists on listeners; what they hear of idle connections is told at the end.
    const hear = (error: Error) => this.#errors.push(error);
    this.#pool.on('error', hear);
    this.#pool.on('connect', (client) => client.on('error', hear));
    this.#utils = await makeWorkerUtils({ pgPool: this.#pool, logger: this.#logger });
    await this.#utils.migrate();
  }

  async load(count: number): Promise<void> {
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const size = Math.min(LOAD_CHUNK, count - from);
      await this.#opened().utils.addJobs(
        Array.from({ length: size }, (_, i) => ({ identifier: TASK, payload: { n: from + i } })),
      );
    }
  }

  async process(runs: HandlerRuns): Promise<void> {
    const { concurrentJobs, localQueue, completeJobBatchDelay } = this.#with;
    const start = () =>
      run({
        preset: {
          worker: {
            concurrentJobs,
            localQueue: { size: localQueue },
            completeJobBatchDelay,
            failJobBatchDelay: completeJobBatchDelay,
          },
        },
        pgPool: this.#opened().pool,
        logger: this.#logger,
        noHandleSignals: true,
        parsedCronItems: [],
        taskList: { [TASK]: async (payload) => runs.ran(payload as { n: number }) },
      });
    const runners = await Promise.all(Array.from({ length: this.#with.runners }, start));
    await Promise.race([runs.all, ...runners.map(({ promise }) => promise)]);
    // Completions are written behind the handlers' backs; a stop waits for them.
    await Promise.all(runners.map((runner) => runner.stop()));
  }

  async enqueueOne(n: number): Promise<void> {
    await this.#opened().utils.addJob(TASK, { n });
  }

  async close(): Promise<void> {
    await this.#utils?.release();
    await this.#pool?.end();
    if (this.#errors.length > 0) throw new AggregateError(this.#errors, 'Connections of graphile-worker broke.');
  }

  #opened(): { pool: pg.Pool; utils: WorkerUtils } {
    if (!this.#pool || !this.#utils) throw new Error('graphile-worker has not been opened.');
    return { pool: this.#pool, utils: this.#utils };
  }
}
