import { PgDatabase, type Statement } from '@signalbox/core';

/** A statement as it was sent, with its parameters. */
export interface Sent {
  statement: Statement;
  values: readonly unknown[];
}

/** The database as the product uses it, with somebody who notes what it is sent. */
export class TappedDatabase extends PgDatabase {
  #sent: Sent[] | null = null;

  /** Notes every statement from now on. */
  tap(): void {
    this.#sent = [];
  }

  /** Ends {@link tap} and answers what was sent under these labels, in order. */
  untap(labels: readonly string[]): Sent[] {
    const sent = this.#sent ?? [];
    this.#sent = null;
    return sent.filter(({ statement }) => labels.some((label) => statement.name.startsWith(`${label}:`)));
  }

  override query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    this.#sent?.push({ statement, values });
    return super.query<Row>(statement, values);
  }
}
