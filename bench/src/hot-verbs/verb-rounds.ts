import type pg from 'pg';
import { type CpuTime, cpuTime } from '../cpu-time.ts';
import type { HotVerb } from './hot-verb.ts';
import { SavedTables } from './saved-tables.ts';
import type { Sent, TappedDatabase } from './tapped-database.ts';

/** How the batches of one verb go; what the benchmark gives the core as its observer. */
export class BatchSizes {
  readonly #sizes = new Map<string, number[]>();

  batch(verb: string, size: number, failed: boolean): void {
    if (failed) throw new Error(`A batch of ${verb} failed.`);
    const sizes = this.#sizes.get(verb);
    if (sizes) sizes.push(size);
    else this.#sizes.set(verb, [size]);
  }

  refused(verb: string): void {
    throw new Error(`${verb} was overloaded.`);
  }

  /** The sizes since the last call. */
  take(verb: string): number[] {
    const sizes = this.#sizes.get(verb) ?? [];
    this.#sizes.delete(verb);
    return sizes;
  }
}

/** What was measured of one way to do it, over all rounds. */
interface Spent extends CpuTime {
  rows: number;
}

/**
 * One verb by the product's own path and by a bare loop: one connection that sends what the product sent, the same statements with the same
 * parameters for the same rows in the same batches, one after the other. Both begin with the same tables.
 */
export class VerbRounds {
  readonly #verb: HotVerb;
  readonly #database: TappedDatabase;
  readonly #batches: BatchSizes;
  readonly #client: pg.Client;
  readonly #bare: pg.Client;
  readonly #saved: SavedTables;
  readonly #count: number;
  readonly #callers: number;
  readonly #sizes: number[] = [];
  readonly #spent: Record<'product' | 'bare', Spent> = {
    product: { rows: 0, program: 0, database: 0 },
    bare: { rows: 0, program: 0, database: 0 },
  };
  #sent: Sent[] = [];

  constructor(
    verb: HotVerb,
    parts: { database: TappedDatabase; batches: BatchSizes; client: pg.Client; bare: pg.Client },
    { count, callers }: { count: number; callers: number },
  ) {
    this.#verb = verb;
    this.#database = parts.database;
    this.#batches = parts.batches;
    this.#client = parts.client;
    this.#bare = parts.bare;
    this.#saved = new SavedTables(parts.client, verb.tables);
    this.#count = count;
    this.#callers = callers;
  }

  /** `callers` loops call the verb for `count` rows. @returns rows per second */
  async product(): Promise<number> {
    await this.#saved.clear();
    const call = await this.#verb.prepare(this.#count);
    await this.#saved.save();
    await this.#saved.restore();
    this.#batches.take(this.#verb.batched);
    this.#database.tap();
    let next = 0;
    const loop = async () => {
      while (next < this.#count) await call(next++);
    };
    const rate = await this.#timed('product', () => Promise.all(Array.from({ length: this.#callers }, loop)));
    this.#sent = this.#database.untap(this.#verb.statements);
    const sizes = this.#batches.take(this.#verb.batched);
    await this.#verb.tidy?.();
    this.#sizes.push(...sizes);
    if (this.#sent.length !== sizes.length * this.#verb.statements.length)
      throw new Error(`${sizes.length} batches of ${this.#verb.batched} were ${this.#sent.length} statements.`);
    return rate;
  }

  /** Sends again what the product has sent last. @returns rows per second */
  async bare(): Promise<number> {
    await this.#saved.restore();
    const queries = this.#sent.map(({ statement, values }) => ({
      name: statement.name,
      text: statement.text,
      values: [...values],
    }));
    return this.#timed('bare', async () => {
      for (const query of queries) await this.#bare.query(query);
    });
  }

  /** Calls of a batch, on average. */
  get batchSize(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0) / this.#sizes.length;
  }

  /** CPU time per row in microseconds. */
  cpuPerRow(way: 'product' | 'bare'): CpuTime {
    const { rows, program, database } = this.#spent[way];
    return { program: (program * 1000) / rows, database: (database * 1000) / rows };
  }

  async #timed(way: 'product' | 'bare', work: () => Promise<unknown>): Promise<number> {
    const { rows: backends } = await this.#client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`,
    );
    const pids = backends.map(({ pid }) => pid);
    const before = cpuTime(pids);
    const begun = performance.now();
    await work();
    const seconds = (performance.now() - begun) / 1000;
    const after = cpuTime(pids);
    const { rows } = await this.#client.query<{ done: string }>(this.#verb.done);
    // What was not done must not count as speed.
    if (Number(rows[0]?.done) !== this.#count)
      throw new Error(`${this.#verb.name} (${way}) did ${rows[0]?.done} of ${this.#count} rows.`);
    const spent = this.#spent[way];
    spent.rows += this.#count;
    spent.program += after.program - before.program;
    spent.database += after.database - before.database;
    return this.#count / seconds;
  }
}
