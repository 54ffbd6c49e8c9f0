import type { Statement } from './statement.ts';

/** Whatever can run a statement: the database itself (each statement commits by itself) or a transaction. */
export interface Executor {
  /** Rows as the driver gives them: snake_case columns, `bigint` as string, `timestamptz` as Date, JSON parsed. */
  query<Row = Record<string, unknown>>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface TransactionOptions {
  /** Default `read committed` (ORC-125). */
  isolation?: Isolation;
  readOnly?: boolean;
  /** How often a serialisation failure or deadlock is tried again from the start; default 0 (ORC-125). */
  retries?: number;
}

/** One unit of work. Everything done through it commits together or not at all (ORC-122…128). */
export interface Transaction extends Executor {
  /** Runs `work` under a savepoint: if it throws, only its own writes and effects are undone (ORC-124). */
  savepoint<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Registers what must happen only once the whole transaction has committed: wake-ups, events (ORC-128). */
  afterCommit(effect: () => void): void;
}

export type DatabaseKind = 'server' | 'embedded' | 'pglite';

export interface DatabaseHealth {
  available: boolean;
  /** Round trip of `SELECT 1` in milliseconds; null when it failed. */
  latencyMs: number | null;
  /** Why it is not available. */
  reason: string | null;
}

/**
 * The one door to PostgreSQL, whatever its tier. It may be opened while the database is away: calls then fail with
 * `DATABASE_UNAVAILABLE` until it comes (CTL-013, CTL-014).
 *
 * Errors: `DATABASE_UNAVAILABLE`, `OUTCOME_UNKNOWN` (the connection broke during a write or a commit),
 * `SERIALIZATION_FAILED`, and {@link import('./database-error.ts').DatabaseError} for broken rules, which stores translate.
 */
export interface Database extends Executor {
  readonly kind: DatabaseKind;
  /** Runs `work` in a transaction: commits when it resolves, rolls back when it throws (ORC-123). Refuses to nest. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** A connection of its own for LISTEN, advisory session locks and dumps; null on PGlite, which has but one. */
  dedicated(): Promise<DedicatedConnection | null>;
  /** Asks the database within `limitMs` (default 2000); never throws. */
  health(limitMs?: number): Promise<DatabaseHealth>;
  /** Calls back on every change between reachable and not, as calls notice it. Returns the unsubscribe. */
  onAvailability(listener: (available: boolean) => void): () => void;
  close(): Promise<void>;
}

export interface DedicatedConnection extends Executor {
  onNotification(listener: (channel: string, payload: string) => void): void;
  /** Settles when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}
