import type pg from 'pg';

/** Keeps what is in some tables, and puts it back as often as wanted: contenders begin with the very same rows. */
export class SavedTables {
  readonly #client: pg.Client;
  readonly #tables: readonly string[];

  /** @param client a superuser's: rows that are put back tell no trigger */
  constructor(client: pg.Client, tables: readonly string[]) {
    this.#client = client;
    this.#tables = tables;
  }

  /** Empties the tables. */
  async clear(): Promise<void> {
    await this.#client.query(`TRUNCATE ${this.#tables.join(', ')}`);
  }

  async save(): Promise<void> {
    for (const table of this.#tables) {
      await this.#client.query(`DROP TABLE IF EXISTS saved_${table}`);
      await this.#client.query(`CREATE UNLOGGED TABLE saved_${table} AS TABLE ${table}`);
    }
  }

  /** Puts back what was saved last; with true statistics and nothing left to write, so that nobody pays for it later. */
  async restore(): Promise<void> {
    await this.clear();
    await this.#client.query(`SET session_replication_role = replica`);
    for (const table of this.#tables) await this.#client.query(`INSERT INTO ${table} TABLE saved_${table}`);
    await this.#client.query(`SET session_replication_role = origin`);
    await this.#client.query(`VACUUM (ANALYZE) ${this.#tables.join(', ')}`);
    await this.#client.query('CHECKPOINT');
  }
}
