import { Batcher, type BatchObserver, type Outcome } from '../platform/batching/index.ts';
import { type Clock, systemClock } from '../platform/clock/clock.ts';
import type { Database, Executor } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { type Ids, systemIds } from '../platform/ids/ids.ts';
import { type AppendOptions, type AppendReceipt, toCall, toReceipts } from './append-events.ts';
import type { AppendEvent, JournalEvent, JournalEventType } from './journal-event.ts';
import { countEvents, type JournalHead, readEvents, readHead, readPayload } from './journal-read-store.ts';
import { appendBatch } from './journal-store.ts';
import { type PreparedEvents, prepareEvents } from './prepare-events.ts';

export interface JournalOptions {
  database: Database;
  clock?: Clock;
  ids?: Ids;
  observer?: BatchObserver;
}

/** Which events to read. Bounds are exclusive. */
export interface JournalQuery {
  /** Default 0: from the first event on. */
  afterSeq?: number | undefined;
  beforeSeq?: number | undefined;
  types?: readonly JournalEventType[] | undefined;
  actor?: string | undefined;
  /** `desc` with a limit gives the latest. Default `asc`. */
  order?: 'asc' | 'desc' | undefined;
  /** 1 to 1,000; default 100. */
  limit?: number | undefined;
}

export interface JournalPage {
  items: JournalEvent[];
  /** How many events the query matches in all, whatever the limit. */
  total: number;
  /** With `asc`: give it as `afterSeq` for the next page; null on the last one. */
  nextAfterSeq: number | null;
}

interface BatchedAppend {
  projectId: string;
  sessionId: string;
  prepared: PreparedEvents;
  options: AppendOptions;
}

/** Most bytes of events in one statement, and waiting in memory. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
const MAX_LIMIT = 1_000;

/** The append-only journals of sessions (SES-001…011, 065, 090-096). */
export class Journal {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #appends: Batcher<BatchedAppend, AppendReceipt[]>;

  constructor({ database, clock = systemClock, ids = systemIds, observer }: JournalOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#ids = ids;
    this.#appends = new Batcher({
      verb: 'journal.append',
      run: (calls) => this.#append(calls),
      weigh: ({ prepared }) => prepared.weight,
      maxBatchWeight: MAX_BATCH_BYTES,
      maxWaitingWeight: MAX_WAITING_BYTES,
      exclusive: ({ sessionId, prepared }) => prepared.events.map(({ eventId }) => `${sessionId}/${eventId}`),
      ...(observer ? { observer } : {}),
    });
  }

  /**
   * Appends events in their order, all or none, together with what other callers append meanwhile. Sequence numbers are
   * gap-free per session across processes and restarts (SES-092). Safe to repeat with the same event ids: what is there
   * already is answered, not doubled. Inside a transaction use `appendInTransaction`.
   *
   * @throws SESSION_NOT_FOUND, SESSION_EXPIRED, CLAIM_LOST, JOURNAL_CODE_STATE_COMPLETED, VALIDATION_FAILED,
   *   JOURNAL_EVENT_TOO_LARGE, OVERLOADED, OUTCOME_UNKNOWN (repeat with the same ids), DATABASE_UNAVAILABLE
   */
  async append(
    projectId: string,
    sessionId: string,
    events: readonly AppendEvent[],
    options: AppendOptions = {},
  ): Promise<AppendReceipt[]> {
    const prepared = prepareEvents(events, this.#ids, this.#clock.now());
    return this.#appends.call({ projectId, sessionId, prepared, options });
  }

  /** Resolves once every append made so far has its answer. */
  drain(): Promise<void> {
    return this.#appends.drain();
  }

  /** @throws SESSION_NOT_FOUND, PAGE_OUT_OF_RANGE */
  async read(projectId: string, sessionId: string, query: JournalQuery = {}): Promise<JournalPage> {
    const { afterSeq = 0, beforeSeq = null, types = null, actor = null, order = 'asc', limit = 100 } = query;
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new SignalboxError('PAGE_OUT_OF_RANGE', { name: 'limit', min: 1, max: MAX_LIMIT, value: limit });
    }
    const range = { afterSeq, beforeSeq, types, actor };
    const found = await readEvents(this.#database, projectId, sessionId, range, order, limit + 1);
    // Read after the events, so that the total never counts fewer than are shown.
    const head = await this.head(projectId, sessionId);
    const items = found.slice(0, limit);
    const more = found.length > limit;
    return {
      items,
      total:
        types || actor
          ? await countEvents(this.#database, projectId, sessionId, range)
          : Math.max(
              0,
              Math.min(head.lastSeq, (beforeSeq ?? Number.POSITIVE_INFINITY) - 1) -
                Math.max(afterSeq, head.firstSeq - 1),
            ),
      nextAfterSeq: order === 'asc' && more ? (items.at(-1)?.seq ?? null) : null,
    };
  }

  /** The last `limit` events, oldest first (SES-067). @throws SESSION_NOT_FOUND */
  async latest(projectId: string, sessionId: string, limit = 20): Promise<JournalEvent[]> {
    const { items } = await this.read(projectId, sessionId, { order: 'desc', limit });
    return items.reverse();
  }

  /** Where the journal stands. @throws SESSION_NOT_FOUND */
  async head(projectId: string, sessionId: string, executor: Executor = this.#database): Promise<JournalHead> {
    const head = await readHead(executor, projectId, sessionId);
    if (!head) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    return head;
  }

  /** A payload that stands apart, parsed; null when this session has none under that digest (hex SHA-256). */
  async payload(projectId: string, sessionId: string, digest: string): Promise<unknown> {
    const text = /^[0-9a-f]{64}$/.test(digest) ? await readPayload(this.#database, projectId, sessionId, digest) : null;
    return text === null ? null : JSON.parse(text);
  }

  async #append(calls: readonly BatchedAppend[]): Promise<Outcome<AppendReceipt[]>[]> {
    const verdicts = await appendBatch(
      this.#database,
      calls.map(({ projectId, sessionId, prepared, options }) =>
        toCall(projectId, sessionId, prepared.events, options),
      ),
      this.#clock.now(),
    );
    signalFeed();
    return calls.map(({ sessionId, prepared }, index) => {
      try {
        return { value: toReceipts(verdicts[index] ?? { places: [] }, sessionId, prepared) };
      } catch (error) {
        return { error };
      }
    });
  }
}
