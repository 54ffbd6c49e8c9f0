import { type Database, outsideTransaction } from '../database/index.ts';
import type { FeedCursor, FeedEntry } from './feed-entry.ts';
import { readFeed } from './read-feed.ts';

/** How many of a project's newest entries are kept in memory while somebody reads it. */
const KEEP = 1_000;
const READ_AT_ONCE = 500;

/**
 * The one reader of a project's feed on this node, shared by all its subscribers. It holds the newest entries and nothing
 * per subscriber: who falls behind them reads from the database again, at its own pace.
 */
export class ProjectFeed {
  readonly #database: Database;
  readonly #projectId: string;
  readonly #onError: (error: unknown) => void;
  #head: FeedCursor;
  /** Consecutive entries, the last one at `#head.position`. */
  #recent: FeedEntry[] = [];
  #change = Promise.withResolvers<void>();
  #wanted = false;
  #running: Promise<void> | null = null;
  /** How many subscriptions read it. */
  readers = 0;

  constructor(database: Database, projectId: string, head: FeedCursor, onError: (error: unknown) => void) {
    this.#database = database;
    this.#projectId = projectId;
    this.#head = head;
    this.#onError = onError;
  }

  get head(): FeedCursor {
    return this.#head;
  }

  /** Settles at the next change, or when {@link wake} is called. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }

  /** Entries after `position`, or null when memory does not reach back that far. */
  after(position: number): FeedEntry[] | null {
    const missing = this.#head.position - position;
    if (missing > this.#recent.length) return null;
    return missing <= 0 ? [] : this.#recent.slice(-missing);
  }

  /** Reads on from the head, soon. One read at a time; asked again meanwhile, it goes once more. */
  refresh(): void {
    this.#wanted = true;
    this.#running ??= outsideTransaction(() => this.#run());
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted) {
        this.#wanted = false;
        const page = await readFeed(this.#database, this.#projectId, this.#head, READ_AT_ONCE);
        if (page.reset) {
          this.#recent = [];
          this.#head = page.head;
        } else if (page.entries.length > 0) {
          this.#recent = [...this.#recent, ...page.entries].slice(-KEEP);
          this.#head = { epoch: this.#head.epoch, position: page.entries.at(-1)?.position ?? this.#head.position };
          if (page.entries.length === READ_AT_ONCE) this.#wanted = true;
        } else continue;
        this.wake();
      }
    } catch (error) {
      this.#onError(error);
    } finally {
      // In the same turn as the last look at `#wanted`, so that no request falls between the two.
      this.#running = null;
    }
  }
}
