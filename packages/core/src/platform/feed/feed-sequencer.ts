import type { Bus } from '../bus/index.ts';
import type { Clock } from '../clock/clock.ts';
import { type Database, outsideTransaction } from '../database/index.ts';
import { placeEntries } from './feed-store.ts';

/** Bus topic on which feeds are announced: `{projects: [id, …]}`, or null for any. */
export const FEED_BUS_TOPIC = 'feed';
const PLACE_AT_ONCE = 1_000;
/**
 * Least time between two looks, in milliseconds: one look places what many commits left, and costs as much as one. Without it, whoever
 * commits one thing after the other finds the log being flushed for the look that its last commit has asked for, each time.
 */
const PAUSE_MS = 20;

/**
 * Gives committed feed rows their positions and announces them. Any number of nodes may run one: the database lets them
 * take turns. One at a time per node; asked again meanwhile, it goes once more.
 */
export class FeedSequencer {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #wanted = false;
  #nextLook = 0;
  #running: Promise<void> | null = null;

  constructor(database: Database, bus: Bus, clock: Clock, onError: (error: unknown) => void) {
    this.#database = database;
    this.#bus = bus;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Places what has committed by now, soon. */
  request(): void {
    this.#wanted = true;
    this.#running ??= outsideTransaction(() => this.#run());
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted) {
        const early = this.#nextLook - this.#clock.monotonic();
        if (early > 0) await this.#clock.sleep(early);
        this.#wanted = false;
        const spans = await placeEntries(this.#database, PLACE_AT_ONCE);
        this.#nextLook = this.#clock.monotonic() + PAUSE_MS;
        if (spans.length === 0) continue;
        const placed = spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
        const more = placed >= PLACE_AT_ONCE;
        this.#bus.publish(FEED_BUS_TOPIC, { projects: spans.map(({ projectId }) => projectId) });
        if (more) {
          this.#wanted = true;
          this.#nextLook = 0;
        }
      }
    } catch (error) {
      // Tried again by the next change or the next tick, whichever comes first.
      this.#onError(error);
    } finally {
      // In the same turn as the last look at `#wanted`, so that no request falls between the two.
      this.#running = null;
    }
  }
}
