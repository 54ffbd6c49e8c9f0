import type { Database } from '../database/index.ts';
import type { FeedCursor, FeedEntry } from './feed-entry.ts';
import type { ProjectFeed } from './project-feed.ts';
import { readFeed } from './read-feed.ts';

/**
 * What a subscriber gets. `hello` first, when it came without a place: here the feed begins for it. `reset` when its place
 * is unknown: take the present state from elsewhere; entries go on after `cursor`.
 */
export type FeedItem =
  | { kind: 'hello' | 'reset'; cursor: FeedCursor }
  | { kind: 'entry'; cursor: FeedCursor; entry: FeedEntry };

const PAGE = 200;

/**
 * One subscriber's way along a project's feed. It is pulled: the next item is looked for when it is asked for, so a slow
 * subscriber costs no memory, goes on from its own place, and is told by `reset` if retention has overtaken it.
 */
export class FeedSubscription implements AsyncIterableIterator<FeedItem, undefined> {
  readonly #database: Database;
  readonly #projectId: string;
  readonly #feed: ProjectFeed;
  readonly #onClose: () => void;
  #cursor: FeedCursor;
  #first: FeedItem | null;
  #page: FeedEntry[] = [];
  #closed = false;

  constructor(
    database: Database,
    projectId: string,
    feed: ProjectFeed,
    start: { cursor: FeedCursor; first: FeedItem | null },
    onClose: () => void,
  ) {
    this.#database = database;
    this.#projectId = projectId;
    this.#feed = feed;
    this.#cursor = start.cursor;
    this.#first = start.first;
    this.#onClose = onClose;
  }

  /** Where the subscriber stands: the place of the last item it took. */
  get cursor(): FeedCursor {
    return this.#cursor;
  }

  /** Waits for the next item; done once the subscription is closed. @throws DATABASE_UNAVAILABLE; asking again goes on. */
  async next(): Promise<IteratorResult<FeedItem, undefined>> {
    if (this.#first) {
      const value = this.#first;
      this.#first = null;
      return { done: false, value };
    }
    while (!this.#closed) {
      const entry = this.#page.shift();
      if (entry) {
        this.#cursor = { epoch: this.#cursor.epoch, position: entry.position };
        return { done: false, value: { kind: 'entry', cursor: this.#cursor, entry } };
      }
      const cursor = await this.#fill();
      if (!cursor) continue;
      this.#cursor = cursor;
      return { done: false, value: { kind: 'reset', cursor } };
    }
    return { done: true, value: undefined };
  }

  /** Ends the subscription, also while somebody waits for the next item. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#feed.wake();
  }

  async return(): Promise<IteratorResult<FeedItem, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Takes up to a page of entries, or waits for a change; answers where to go on when the own place is unknown. */
  async #fill(): Promise<FeedCursor | null> {
    const { head, changed } = this.#feed;
    const recent = head.epoch === this.#cursor.epoch ? this.#feed.after(this.#cursor.position) : null;
    if (recent === null) {
      const page = await readFeed(this.#database, this.#projectId, this.#cursor, PAGE);
      if (page.reset) return page.head;
      this.#page = page.entries;
      // What the page did not reach is in memory by now, or soon will be.
      if (page.entries.length === 0) this.#feed.refresh();
    } else if (recent.length > 0) {
      this.#page = recent.slice(0, PAGE);
      return null;
    }
    if (this.#page.length === 0) await changed;
    return null;
  }
}
