import type pg from 'pg';
import type { DedicatedConnection } from './database.ts';
import { translate } from './database-error.ts';
import { toQuery } from './query-config.ts';
import type { Statement } from './statement.ts';

/** A connection outside the pool, for LISTEN and session-level advisory locks. */
export class PgDedicatedConnection implements DedicatedConnection {
  readonly closed: Promise<void>;
  readonly #client: pg.Client;

  /** @param client not connected yet: its errors belong to this from the first moment on, or they end the process */
  constructor(client: pg.Client) {
    this.#client = client;
    this.closed = new Promise((resolve) => {
      client.once('end', () => resolve());
      // One end may be told by several errors: the server's reason, then that of the socket.
      client.on('error', () => resolve());
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
