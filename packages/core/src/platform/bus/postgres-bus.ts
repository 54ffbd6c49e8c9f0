import { z } from 'zod';
import { Batcher } from '../batching/index.ts';
import type { Clock } from '../clock/clock.ts';
import { type Database, type DedicatedConnection, outsideTransaction } from '../database/index.ts';
import { type Bus, type BusListener, type BusOptions, MAX_MESSAGE_BYTES } from './bus.ts';
import { listen, notifyAll, pingConnection } from './bus-store.ts';
import { Subscriptions } from './subscriptions.ts';

/** SES-051. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 3_000;
/** A connection that answers nothing for this long is given up; a half-open one is otherwise never noticed. */
const PING_EVERY_MS = 10_000;
const MAX_WAITING = 10_000;
const MAX_BATCH = 200;

const envelopeSchema = z.object({
  /** Who sent it, so that a node does not hear itself twice. */
  from: z.string(),
  topic: z.string(),
  /** Counts a publisher's messages: PostgreSQL drops equal notifications of one commit, and tokens may well be equal. */
  n: z.int(),
  /** Absent where the message was too large. */
  message: z.unknown().optional(),
});

export interface PostgresBusOptions extends BusOptions {
  database: Database;
  /** Names this node among the others; unique. */
  nodeId: string;
  clock: Clock;
  onError: (error: unknown) => void;
}

/**
 * {@link Bus} over LISTEN and NOTIFY, for several nodes on one database. Own messages are delivered at once; those for
 * other nodes are sent in batches, each a commit of its own outside any hot transaction (NOTIFY serialises commits).
 *
 * It starts without its database, connects when it comes, and reconnects for ever.
 */
export class PostgresBus implements Bus {
  readonly #database: Database;
  readonly #nodeId: string;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #subscriptions: Subscriptions;
  readonly #outbox: Batcher<string, void>;
  readonly #ended = new AbortController();
  readonly #connecting: Promise<void>;
  #connection: DedicatedConnection | null = null;
  #sent = 0;

  constructor(options: PostgresBusOptions) {
    this.#database = options.database;
    this.#nodeId = options.nodeId;
    this.#clock = options.clock;
    this.#onError = options.onError;
    this.#subscriptions = new Subscriptions(options.onError);
    this.#outbox = new Batcher({
      verb: 'bus.publish',
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      run: async (texts) => {
        await notifyAll(this.#database, texts);
        return texts.map(() => ({ value: undefined }));
      },
    });
    this.#connecting = outsideTransaction(() => this.#stayConnected());
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  publish(topic: string, message: unknown): void {
    if (this.#ended.signal.aborted) return;
    const local = JSON.stringify(message ?? null);
    queueMicrotask(() => {
      if (!this.#ended.signal.aborted) this.#subscriptions.deliver(topic, JSON.parse(local));
    });
    this.#sent += 1;
    const envelope = { from: this.#nodeId, topic, n: this.#sent };
    const text =
      Buffer.byteLength(local) > MAX_MESSAGE_BYTES
        ? JSON.stringify(envelope)
        : `${JSON.stringify(envelope).slice(0, -1)},"message":${local}}`;
    // A hint that was not sent is reported, never thrown: what it hints at has been stored already (SES-072, SES-096).
    outsideTransaction(() => this.#outbox.call(text)).catch(this.#onError);
  }

  subscribe(topic: string, listener: BusListener): () => void {
    return this.#subscriptions.add(topic, listener);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#subscriptions.clear();
    await this.#outbox.drain();
    await this.#connection?.close();
    await this.#connecting;
  }

  async #stayConnected(): Promise<void> {
    let pause = FIRST_RETRY_MS;
    while (!this.#ended.signal.aborted) {
      const connection = await this.#connect();
      if (connection) {
        pause = FIRST_RETRY_MS;
        await this.#watch(connection);
      } else {
        await this.#clock.sleep(pause, this.#ended.signal);
        pause = Math.min(pause * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #connect(): Promise<DedicatedConnection | null> {
    try {
      const connection = await this.#database.dedicated();
      if (!connection) throw new Error('this database has no connection to listen on; use the in-process bus');
      await listen(connection, (text) => this.#receive(text));
      if (this.#ended.signal.aborted) {
        await connection.close();
        return null;
      }
      return connection;
    } catch (error) {
      this.#onError(error);
      return null;
    }
  }

  /** Resolves when the connection is gone. */
  async #watch(connection: DedicatedConnection): Promise<void> {
    this.#connection = connection;
    // Also the first time: subscribers may have published and stored before we listened.
    this.#subscriptions.deliverGap();
    const silent = Promise.withResolvers<void>();
    let answered = true;
    const stop = this.#clock.every(PING_EVERY_MS, () => {
      if (!answered) return silent.resolve();
      answered = false;
      pingConnection(connection).then(
        () => {
          answered = true;
        },
        (error: unknown) => {
          // One that was under way when the bus was closed ends with its connection: that is no news.
          if (!this.#ended.signal.aborted) this.#onError(error);
          silent.resolve();
        },
      );
    });
    await Promise.race([connection.closed, silent.promise]);
    stop();
    this.#connection = null;
    connection.close().catch(this.#onError);
  }

  #receive(text: string): void {
    try {
      const { from, topic, message = null } = envelopeSchema.parse(JSON.parse(text));
      if (from !== this.#nodeId) this.#subscriptions.deliver(topic, message);
    } catch (error) {
      this.#onError(error);
    }
  }
}
