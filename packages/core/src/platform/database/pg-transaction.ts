import type pg from 'pg';
import type { Transaction } from './database.ts';
import { translate } from './database-error.ts';
import { toQuery } from './query-config.ts';
import type { Statement } from './statement.ts';

/** {@link Transaction} on one pooled connection. */
export class PgTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #effects: (() => void)[] = [];
  #depth = 0;
  #ended = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#ended) throw new Error('the transaction is over; a promise was not awaited inside it');
    try {
      const result = await this.#client.query<Row & pg.QueryResultRow>(toQuery(statement, values));
      return result.rows;
    } catch (error) {
      throw translate(error, false);
    }
  }

  async savepoint<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#depth += 1;
    const name = `sp_${this.#depth}`;
    const effectsBefore = this.#effects.length;
    await this.#client.query(`SAVEPOINT ${name}`);
    try {
      const result = await work(this);
      await this.#client.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      this.#effects.length = effectsBefore;
      await this.#client.query(`ROLLBACK TO SAVEPOINT ${name}`);
      await this.#client.query(`RELEASE SAVEPOINT ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  afterCommit(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Runs what was registered, in order. Called once, after COMMIT. */
  committed(onError: (error: unknown) => void): void {
    for (const effect of this.#effects) {
      try {
        effect();
      } catch (error) {
        onError(error);
      }
    }
  }

  end(): void {
    this.#ended = true;
  }
}
