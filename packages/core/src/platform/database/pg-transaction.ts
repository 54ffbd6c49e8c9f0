import type pg from 'pg';
import type { Transaction } from './database.ts';
import { translate } from './database-error.ts';
import { toCommand, toQuery } from './query-config.ts';
import type { Statement } from './statement.ts';

/** {@link Transaction} on one pooled connection. */
export class PgTransaction implements Transaction {
  readonly #client: pg.ClientBase;
  readonly #answerMs: number;
  readonly #effects: (() => void)[] = [];
  #depth = 0;
  #ended = false;

  constructor(client: pg.ClientBase, answerMs: number) {
    this.#client = client;
    this.#answerMs = answerMs;
  }

  async query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#ended) throw new Error('the transaction is over; a promise was not awaited inside it');
    try {
      const result = await this.#client.query<Row & pg.QueryResultRow>(toQuery(statement, values, this.#answerMs));
      return result.rows;
    } catch (error) {
      throw translate(error, false);
    }
  }

  async savepoint<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#depth += 1;
    const name = `sp_${this.#depth}`;
    const effectsBefore = this.#effects.length;
    await this.#command(`SAVEPOINT ${name}`);
    try {
      const result = await work(this);
      await this.#command(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      this.#effects.length = effectsBefore;
      await this.#command(`ROLLBACK TO SAVEPOINT ${name}`);
      await this.#command(`RELEASE SAVEPOINT ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  async #command(text: string): Promise<void> {
    await this.#client.query(toCommand(text, this.#answerMs));
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
