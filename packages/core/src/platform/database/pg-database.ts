import pg from 'pg';
import { type Clock, systemClock } from '../clock/clock.ts';
import { SignalboxError } from '../errors/index.ts';
import { Availability } from './availability.ts';
import type {
  Database,
  DatabaseHealth,
  DatabaseKind,
  DedicatedConnection,
  Transaction,
  TransactionOptions,
} from './database.ts';
import { isAway, translate } from './database-error.ts';
import { PgDedicatedConnection } from './pg-dedicated-connection.ts';
import { PgTransaction } from './pg-transaction.ts';
import { toCommand, toQuery } from './query-config.ts';
import type { Statement } from './statement.ts';
import { SuspectConnections } from './suspect-connections.ts';
import { assertOutsideTransaction, insideTransaction, outsideTransaction } from './transaction-context.ts';
import { parseTypes } from './wire-types.ts';

export interface PgDatabaseOptions {
  kind: DatabaseKind;
  /** Where and how to connect, as the tier gives it. */
  pool: pg.PoolConfig;
  /** Most connections; ignored on PGlite, which has one. Default 10. */
  maxConnections?: number;
  /**
   * How long a transaction may stand idle between two statements, in milliseconds; then the server ends it, and with it the locks of
   * a process that was stopped. 0: for ever. Default 10,000. PGlite's process is the database itself and has no use for it.
   */
  idleInTransactionMs?: number;
  /**
   * How long a statement's answer is waited for, in milliseconds: a connection that has gone half-open never tells, and would be waited
   * for as long as the machine's TCP keeps it. 0: for ever. Default 60,000 on a server, else 0: nothing comes between.
   */
  answerMs?: number;
  clock?: Clock;
  /** Told of errors on idle connections, which belong to no call. */
  onIdleError?: (error: Error) => void;
  /** Told when an after-commit effect throws; the transaction has committed and its caller sees success (ORC-199). */
  onEffectError?: (error: unknown) => void;
  /** Told of each attempt at a transaction once it is over, with the milliseconds from its begin on (ORC-126). */
  onTransaction?: (outcome: TransactionOutcome, ms: number) => void;
}

/** `unknown`: the connection broke at the commit. */
export type TransactionOutcome = 'committed' | 'rolled_back' | 'unknown';

/** How long a call waits for a connection, in milliseconds; longer means that the server is away or hopelessly busy. */
const CONNECT_PATIENCE_MS = 5_000;
/** On PGlite everybody queues for one connection: to wait for a long transaction is not to find the database away. */
const QUEUE_PATIENCE_MS = 60_000;
/**
 * How long an idle connection stays open, in milliseconds. A new one has everything to learn: it reads the catalogue, compiles and plans our
 * functions anew. With the driver's ten seconds, each burst of work after a quiet time went at half its rate (measured: 11,600 enqueues a second,
 * then 23,000).
 */
const KEPT_IDLE_MS = 300_000;
/** On PGlite, whose one connection keeps everybody else out while it is open, and knows the catalogue already when it is opened anew. */
const PGLITE_KEPT_IDLE_MS = 10_000;
/** After how many silent milliseconds the system asks whether the other side is still there; ten unanswered seconds later it is not. */
const KEEP_ALIVE_AFTER_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 10_000;
const ANSWER_MS = 60_000;

/** {@link Database} over a `pg` pool; the same for all three tiers. */
export class PgDatabase implements Database {
  readonly kind: DatabaseKind;
  readonly #pool: pg.Pool;
  readonly #poolConfig: pg.PoolConfig;
  readonly #idleInTransactionMs: number;
  readonly #answerMs: number;
  readonly #clock: Clock;
  readonly #onEffectError: (error: unknown) => void;
  readonly #onTransaction: (outcome: TransactionOutcome, ms: number) => void;
  readonly #availability = new Availability();
  readonly #suspects = new SuspectConnections();

  constructor(options: PgDatabaseOptions) {
    this.kind = options.kind;
    this.#idleInTransactionMs = options.kind === 'pglite' ? 0 : (options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS);
    this.#answerMs = options.answerMs ?? (options.kind === 'server' ? ANSWER_MS : 0);
    this.#clock = options.clock ?? systemClock;
    this.#onEffectError = options.onEffectError ?? rethrowLater;
    this.#onTransaction = options.onTransaction ?? (() => undefined);
    this.#poolConfig = {
      connectionTimeoutMillis: options.kind === 'pglite' ? QUEUE_PATIENCE_MS : CONNECT_PATIENCE_MS,
      idleTimeoutMillis: options.kind === 'pglite' ? PGLITE_KEPT_IDLE_MS : KEPT_IDLE_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      types: parseTypes,
      ...options.pool,
      max: options.kind === 'pglite' ? 1 : (options.maxConnections ?? 10),
      allowExitOnIdle: true,
    };
    this.#pool = new pg.Pool(this.#poolConfig);
    this.#pool.on('error', (error) => options.onIdleError?.(error));
    // While a client is lent out the pool does not listen to it, and a connection that breaks between two statements of
    // a transaction would end the process. The next statement on it reports the error to its caller.
    this.#pool.on('connect', (client) => {
      client.on('error', () => undefined);
      this.#suspects.heard(client);
    });
  }

  /** Connections that are open and idle, and calls that wait for one; for metrics. */
  get connections(): { open: number; idle: number; waiting: number } {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  async query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    assertOutsideTransaction(statement.name || 'query');
    return this.#availability.run(async () => {
      const client = await this.#connect();
      let broken: Error | undefined;
      try {
        const result = await client.query<Row & pg.QueryResultRow>(toQuery(statement, values, this.#answerMs));
        return result.rows;
      } catch (error) {
        broken = brokenBy(error);
        throw translate(error, writes(statement));
      } finally {
        this.#giveBack(client, broken);
      }
    });
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    assertOutsideTransaction('transaction');
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(work, options);
      } catch (error) {
        if (attempt >= (options.retries ?? 0) || !SignalboxError.is(error, 'SERIALIZATION_FAILED')) throw error;
      }
    }
  }

  async #attempt<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await this.#availability.run(() => this.#connect());
    const tx = new PgTransaction(client, this.#answerMs);
    let broken: Error | undefined;
    const begun = this.#clock.monotonic();
    let outcome: TransactionOutcome = 'rolled_back';
    try {
      await client.query(toCommand(begin(options, this.#idleInTransactionMs), this.#answerMs));
      const result = await insideTransaction(() => work(tx));
      try {
        await client.query(toCommand('COMMIT', this.#answerMs));
      } catch (error) {
        broken = brokenBy(error);
        if (broken) outcome = 'unknown';
        throw translate(error, true);
      }
      outcome = 'committed';
      outsideTransaction(() => tx.committed(this.#onEffectError));
      return result;
    } catch (error) {
      if (!broken) broken = await this.#rollback(client);
      throw translate(error, false);
    } finally {
      tx.end();
      this.#giveBack(client, broken);
      this.#onTransaction(outcome, this.#clock.monotonic() - begun);
    }
  }

  /** Rolls back; where even that fails the connection is of no more use, and the server rolls back by itself. */
  async #rollback(client: pg.PoolClient): Promise<Error | undefined> {
    try {
      await client.query(toCommand('ROLLBACK', this.#answerMs));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async dedicated(): Promise<DedicatedConnection | null> {
    if (this.kind === 'pglite') return null;
    const client = new pg.Client(this.#poolConfig);
    const connection = new PgDedicatedConnection(client);
    try {
      await client.connect();
    } catch (error) {
      throw translate(error, false);
    }
    return connection;
  }

  async health(limitMs = 2_000): Promise<DatabaseHealth> {
    const start = this.#clock.monotonic();
    const timer = new AbortController();
    try {
      await Promise.race([
        outsideTransaction(() => this.query({ name: '', text: 'SELECT 1' })),
        this.#clock.sleep(limitMs, timer.signal).then(() => {
          if (!timer.signal.aborted) throw new Error(`no answer within ${limitMs} ms`);
        }),
      ]);
      return { available: true, latencyMs: this.#clock.monotonic() - start, reason: null };
    } catch (error) {
      return { available: false, latencyMs: null, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      timer.abort();
    }
  }

  /**
   * Lends a pooled connection as the driver's own client, for what brings its own SQL: migrations and data transfer.
   * Errors come translated; the connection is given back or, when broken, thrown away.
   */
  async withClient<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    assertOutsideTransaction('withClient');
    const client = await this.#availability.run(() => this.#connect());
    let broken: Error | undefined;
    try {
      return await insideTransaction(() => work(client));
    } catch (error) {
      broken = brokenBy(error);
      throw translate(error, true);
    } finally {
      this.#giveBack(client, broken);
    }
  }

  onAvailability(listener: (available: boolean) => void): () => void {
    return this.#availability.listen(listener);
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      for (;;) {
        const client = await this.#pool.connect();
        if (!this.#suspects.isSuspect(client)) return client;
        client.release(true);
      }
    } catch (error) {
      throw translate(error, false);
    }
  }

  #giveBack(client: pg.PoolClient, broken: Error | undefined): void {
    if (!broken) this.#suspects.heard(client);
    else if (isAway(broken)) this.#suspects.died();
    client.release(broken);
  }
}

/** Set for the transaction alone, in the same message: so it costs no round trip, and goes through a pooler that shares connections. */
function begin(options: TransactionOptions, idleMs: number): string {
  const isolation = options.isolation ? ` ISOLATION LEVEL ${options.isolation.toUpperCase()}` : '';
  const bound = idleMs > 0 ? `; SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(idleMs)}` : '';
  return `BEGIN${isolation}${options.readOnly ? ' READ ONLY' : ''}${bound}`;
}

/** A connection on which the protocol broke must not go back to the pool; one that reported an SQL error may. */
function brokenBy(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return new Error(String(error));
  return error instanceof pg.DatabaseError && !(error.code ?? '').startsWith('57P') ? undefined : error;
}

/** Our own functions (`sb_…`) count as writing too. */
const WRITES = /\b(insert|update|delete|merge|truncate)\b|\bsb_\w+\(|nextval|pg_notify/i;

function writes(statement: Statement): boolean {
  return WRITES.test(statement.text);
}

/** Without somebody to tell, an effect's error surfaces as an uncaught one rather than vanish. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
