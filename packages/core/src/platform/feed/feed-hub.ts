import type { Bus } from '../bus/index.ts';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/index.ts';
import type { FeedCursor } from './feed-entry.ts';
import { FEED_BUS_TOPIC, FeedSequencer } from './feed-sequencer.ts';
import { onFeedSignal } from './feed-signal.ts';
import { readLag } from './feed-store.ts';
import { type FeedItem, FeedSubscription } from './feed-subscription.ts';
import { ProjectFeed } from './project-feed.ts';
import { readFeed } from './read-feed.ts';

export interface FeedHubOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  /** Told of what went wrong in the background; the hub goes on by itself. */
  onError: (error: unknown) => void;
  /** How often to look although nobody said anything. Default 1,000 ms. */
  pollMs?: number;
}

/**
 * A node's side of the change feed (design.md §4): places what this node commits, and lets any number of subscribers read
 * on from any place, over one reader per project. Wake-ups come from own commits and over the bus; both are hints only,
 * and each second it looks anyway.
 */
export class FeedHub {
  readonly #options: FeedHubOptions;
  readonly #sequencer: FeedSequencer;
  readonly #feeds = new Map<string, ProjectFeed>();
  readonly #subscriptions = new Set<FeedSubscription>();
  #stops: (() => void)[] = [];

  constructor(options: FeedHubOptions) {
    this.#options = options;
    this.#sequencer = new FeedSequencer(options.database, options.bus, options.clock, options.onError);
  }

  /** Idempotent. */
  start(): void {
    if (this.#stops.length > 0) return;
    const { bus, clock, pollMs = 1_000 } = this.#options;
    this.#stops = [
      onFeedSignal(() => this.#sequencer.request()),
      bus.subscribe(FEED_BUS_TOPIC, (message) => this.#refresh(projectsOf(message))),
      clock.every(pollMs, () => {
        this.#sequencer.request();
        this.#refresh(null);
      }),
    ];
    this.#sequencer.request();
  }

  /** Ends all subscriptions and resolves when nothing is under way any more. Idempotent. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    const feeds = [...this.#feeds.values()];
    for (const subscription of [...this.#subscriptions]) subscription.close();
    await Promise.all([this.#sequencer.settled(), ...feeds.map((feed) => feed.settled())]);
  }

  /**
   * Subscribes to a project's feed after `after`; null: from now on, with a `hello` that says where that is. Read it with
   * `for await`; close it when its reader is gone.
   *
   * A `journal` entry tells ranges, `{sessions: [{sessionId, fromSeq, toSeq}, …]}`: one entry per batch of appends. An SSE
   * route splits it into one event per session that its reader asked for, all with this entry's id, and reads the events
   * themselves from the journal.
   *
   * @throws PROJECT_NOT_FOUND, DATABASE_UNAVAILABLE
   */
  async subscribe(projectId: string, after: FeedCursor | null): Promise<FeedSubscription> {
    const { database } = this.#options;
    const { reset, head } = await readFeed(database, projectId, after, 1);
    const fresh = reset || after === null;
    const cursor = fresh ? head : after;
    const first: FeedItem | null = fresh ? { kind: reset ? 'reset' : 'hello', cursor: head } : null;
    const feed = this.#feeds.get(projectId) ?? new ProjectFeed(database, projectId, head, this.#options.onError);
    this.#feeds.set(projectId, feed);
    feed.readers += 1;
    // What was placed since the first look was announced before anybody here listened for it.
    feed.refresh();
    const subscription = new FeedSubscription(database, projectId, feed, { cursor, first }, () => {
      this.#subscriptions.delete(subscription);
      feed.readers -= 1;
      // Kept until its last read is over, so that stop() can wait for it.
      void feed.settled().then(() => {
        if (feed.readers === 0 && this.#feeds.get(projectId) === feed) this.#feeds.delete(projectId);
      });
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** How many subscriptions are open. */
  get subscribers(): number {
    return this.#subscriptions.size;
  }

  /** How far the feed is behind the commits: rows without a position, and the age of the oldest (null when there is none). */
  lag(): Promise<{ unplaced: number; oldestSeconds: number | null }> {
    return readLag(this.#options.database);
  }

  #refresh(projects: readonly string[] | null): void {
    for (const projectId of projects ?? this.#feeds.keys()) this.#feeds.get(projectId)?.refresh();
  }
}

function projectsOf(message: unknown): readonly string[] | null {
  const projects = typeof message === 'object' && message !== null && 'projects' in message ? message.projects : null;
  return Array.isArray(projects) ? projects.map(String) : null;
}
