import {
  type Bus,
  type Clock,
  deltaTopic,
  type FeedCursor,
  type FeedItem,
  type FeedSubscription,
  formatCursor,
  type Journal,
  SignalboxError,
} from '@signalbox/core';
import { payloadsOf, type StreamFilter } from './entry-events.ts';
import { eventText, type StreamWriter } from './stream-writer.ts';

export interface EventStreamParts {
  projectId: string;
  filter: StreamFilter;
  subscription: FeedSubscription;
  writer: StreamWriter;
  journal: Pick<Journal, 'read'>;
  bus: Pick<Bus, 'subscribe'>;
  clock: Clock;
  /** Told of each event that was sent. */
  onSent: (topic: string) => void;
}

const PING_MS = 15_000;
/** Pings in a row that found the reader taking nothing; then it is given up. */
const PATIENCE = 4;
/** Wait before the feed is read again when the database is away. */
const RETRY_MS = 500;

/**
 * One reader's stream of changes. Events of the feed wait for the reader; streamed pieces of messages do not: those that
 * it cannot take are left out, since the journal has them a moment later.
 */
export class EventStream {
  readonly #parts: EventStreamParts;
  /** How far the reader has been told, and how far it has been looked for it: entries may be left out by the filter. */
  #told = '';
  #seen: FeedCursor | null = null;
  #stalled = 0;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
  }

  /** Streams until the reader is gone or the subscription is closed. */
  async run(): Promise<void> {
    const { subscription, writer, clock } = this.#parts;
    const close = () => subscription.close();
    writer.gone.addEventListener('abort', close, { once: true });
    const stopDeltas = this.#followDeltas();
    const stopPings = clock.every(PING_MS, () => this.#ping());
    try {
      while (!writer.gone.aborted) {
        const item = await this.#next();
        if (item === 'later') continue;
        if (item === null) return;
        await this.#tell(item);
      }
    } finally {
      stopPings();
      stopDeltas();
      subscription.close();
      writer.end();
    }
  }

  async #next(): Promise<FeedItem | 'later' | null> {
    const { subscription, clock, writer } = this.#parts;
    try {
      return (await subscription.next()).value ?? null;
    } catch (error) {
      await this.#wait(error, clock, writer.gone);
      return 'later';
    }
  }

  async #tell(item: FeedItem): Promise<void> {
    const id = formatCursor(item.cursor);
    if (item.kind !== 'entry') {
      await this.#send({ id, event: item.kind, data: item.cursor });
      this.#told = id;
      this.#seen = item.cursor;
      return;
    }
    const { position, topic, at } = item.entry;
    // The id goes with the last event of an entry only: whoever is cut off before it gets the whole entry again.
    let held: Record<string, unknown> | null = null;
    for await (const payload of this.#payloads(item)) {
      if (held) await this.#send({ event: topic, data: { position, topic, at, payload: held } });
      held = payload;
    }
    if (held) {
      await this.#send({ id, event: topic, data: { position, topic, at, payload: held } });
      this.#told = id;
    }
    this.#seen = item.cursor;
  }

  /** Read again from where it broke off when the database goes away amid it. */
  async *#payloads(item: Extract<FeedItem, { kind: 'entry' }>) {
    const { filter, journal, projectId, clock, writer } = this.#parts;
    let done = 0;
    while (!writer.gone.aborted) {
      try {
        let count = 0;
        for await (const payload of payloadsOf(item.entry, filter, journal, projectId)) {
          if (count++ < done) continue;
          done = count;
          yield payload;
        }
        return;
      } catch (error) {
        await this.#wait(error, clock, writer.gone);
      }
    }
  }

  /** The stream outlives the database being away; anything else ends it. */
  async #wait(error: unknown, clock: Clock, gone: AbortSignal): Promise<void> {
    if (!SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) throw error;
    await clock.sleep(RETRY_MS, gone);
  }

  #followDeltas(): () => void {
    const { filter, bus, writer } = this.#parts;
    if (filter.sessionId === null) return () => undefined;
    return bus.subscribe(deltaTopic(filter.sessionId), (message) => {
      if (message !== null && !writer.blocked) void this.#send({ event: 'delta', data: message });
    });
  }

  #ping(): void {
    const { writer } = this.#parts;
    this.#stalled = writer.blocked ? this.#stalled + 1 : 0;
    if (this.#stalled >= PATIENCE) writer.destroy();
    if (writer.blocked) return;
    const seen = this.#seen === null ? this.#told : formatCursor(this.#seen);
    // An id without data moves the reader's place past what its filter left out, so that it does not fall out of retention.
    const place = seen === this.#told ? '' : eventText({ id: seen });
    this.#told = seen;
    void writer.write(`: ping\n\n${place}`);
  }

  async #send(event: { id?: string; event: string; data: unknown }): Promise<void> {
    await this.#parts.writer.write(eventText(event));
    this.#parts.onSent(event.event);
  }
}
