import type pg from 'pg';
import type { DedicatedConnection } from './database.ts';
import { translate } from './database-error.ts';
import { toQuery } from './query-config.ts';
import type { Statement } from './statement.ts';

/** A connection outside the pool, for LISTEN and session-level advisory locks. */
export class PgDedicatedConnection implements DedicatedConnection {
  readonly closed: Promise<void>;
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
    this.closed = new Promise((resolve) => {
      client.once('end', () => resolve());
      client.once('error', () => resolve());
    });
  }

  async query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      const result = await this.#client.query<Row & pg.QueryResultRow>(toQuery(statement, values, 0));
      return result.rows;
    } catch (error) {
      throw translate(error, false);
    }
  }

  onNotification(listener: (channel: string, payload: string) => void): void {
    this.#client.on('notification', (message) => listener(message.channel, message.payload ?? ''));
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
