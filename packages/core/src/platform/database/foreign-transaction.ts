import type pg from 'pg';
import type { Transaction } from './database.ts';
import { PgTransaction } from './pg-transaction.ts';

/** A `pg` client of the application's own. */
export type ForeignClient = pg.ClientBase;

/**
 * A transaction that somebody else began and will end on a client of their own. When it commits is not known here, so what
 * is registered for after the commit never runs: say it with a notification, which the database holds back until then.
 */
export function foreignTransaction(client: ForeignClient): Transaction {
  return new PgTransaction(client, 0);
}
