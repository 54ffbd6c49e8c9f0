import { PgDatabase, TaskWorker } from '@signalbox/core';
import pg from 'pg';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { HandlerRuns } from '../queue/handler-runs.ts';
import { insertFinishedTasks } from './finished-tasks.ts';

const LOAD_CHUNK = 1_000;
/** As the benchmark of the queue runs its worker. */
const WORKER = { agent: 'bench', concurrency: 24, prefetch: 2000 };

/** A queue in a database of its own, with a history of finished tasks. */
export class GrownQueue {
  /** Finished tasks it begins each round with. */
  readonly history: number;
  readonly #opened: OpenedCore;
  readonly #client: pg.Client;
  readonly #url: string;

  private constructor(history: number, opened: OpenedCore, client: pg.Client, url: string) {
    this.history = history;
    this.#opened = opened;
    this.#client = client;
    this.#url = url;
  }

  /** @param connectionString of a superuser's database on the server; this one is made beside it as `name` */
  static async open(connectionString: string, name: string, history: number): Promise<GrownQueue> {
    const first = new pg.Client({ connectionString });
    await first.connect();
    await first.query(`CREATE DATABASE ${name}`);
    await first.end();
    const url = new URL(connectionString);
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: url.href } }));
    if (history > 0) await insertFinishedTasks(client, opened.projectId, history);
    return new GrownQueue(history, opened, client, url.href);
  }

  /**
   * Loads `count` tasks and works them off; afterwards they are gone and the history is as before.
   * @param whileOpen a transaction of another connection is held open meanwhile, which could still see all that was there before
   * @returns tasks per second of the working off alone @throws unless each ran once and none is left
   */
  async round(count: number, { whileOpen = false }: { whileOpen?: boolean } = {}): Promise<number> {
    await this.#load(count);
    await this.#client.query('VACUUM (ANALYZE) tasks, task_ready, task_leases, task_past_attempts');
    await this.#client.query('CHECKPOINT');
    const other = whileOpen ? await this.#openTransaction() : null;
    try {
      const runs = new HandlerRuns(count);
      const { core, projectId } = this.#opened;
      const handlers = { noop: ({ payload }: { payload: unknown }) => runs.ran(payload as { n: number }) };
      const worker = new TaskWorker(core, projectId, handlers, WORKER);
      const begun = performance.now();
      worker.start();
      await runs.all;
      await worker.stop();
      const seconds = (performance.now() - begun) / 1000;
      runs.assertOnceEach();
      return count / seconds;
    } finally {
      await other?.query('COMMIT');
      await other?.end();
      await this.#tidy();
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
    await this.#opened.close();
  }

  async #load(count: number): Promise<void> {
    const { core, projectId } = this.#opened;
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const size = Math.min(LOAD_CHUNK, count - from);
      const tasks = Array.from({ length: size }, (_, i) => ({
        type: 'noop',
        payload: { n: from + i },
        createdBy: 'bench',
      }));
      await core.database.transaction((tx) => core.tasks.within(tx).enqueueMany(projectId, tasks));
    }
  }

  /** With a snapshot: what is updated or deleted from now on cannot be removed while it lasts. */
  async #openTransaction(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query('SELECT count(*) FROM task_ready');
    return client;
  }

  async #tidy(): Promise<void> {
    const { rows } = await this.#client.query<{ left: string }>(
      `WITH gone AS (DELETE FROM tasks WHERE project_id = $1 AND created_at > now() - interval '15 minutes' RETURNING status)
       SELECT count(*) FILTER (WHERE status <> 'completed') AS left FROM gone`,
      [this.#opened.projectId],
    );
    await this.#client.query('VACUUM tasks, task_ready, task_leases, task_past_attempts');
    if (Number(rows[0]?.left) !== 0) throw new Error(`${rows[0]?.left} tasks were left undone.`);
  }
}
