import { type AppendEvent, type AppendReceipt, type Journal, storableJson } from '../../journal/index.ts';
import { Batcher } from '../../platform/batching/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { Claim } from '../../tasks/index.ts';

/** Wait between tries while the database is away, in milliseconds. */
export const RETRY_MS = 250;
/** Largest group of events in one append. */
const MAX_GROUP = 200;

/**
 * The journal of one run: events go in the order in which they happened, under the run's fencing token. While the
 * database is away they wait, and go again with their ids once it is back; `OUTCOME_UNKNOWN` is thereby settled. The
 * wait ends when the run is given up.
 */
export class RunJournal {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #gaveUp: AbortSignal;
  readonly #released: () => boolean;
  readonly #onRefused: () => Promise<boolean>;
  readonly #append: (events: AppendEvent[]) => Promise<AppendReceipt[]>;
  readonly #batcher: Batcher<AppendEvent, AppendReceipt>;

  constructor(options: {
    journal: Journal;
    clock: Clock;
    ids: Ids;
    claim: Claim;
    sessionId: string;
    attempt: number;
    /** Aborted when the run is not ours any more. */
    gaveUp: AbortSignal;
    /** True once somebody has ended the session: the claim is gone by decision, and what the run still says is a fact. */
    released: () => boolean;
    /** Asked when the claim was refused: whether that was by such a decision. */
    onRefused: () => Promise<boolean>;
  }) {
    const { journal, claim, sessionId, attempt } = options;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#gaveUp = options.gaveUp;
    this.#released = options.released;
    this.#onRefused = options.onRefused;
    this.#append = (events) => {
      const fencingToken = this.#released() ? null : claim.token;
      return journal.append(claim.projectId, sessionId, events, {
        fencingToken,
        attempt,
        resetTTL: fencingToken !== null,
      });
    };
    this.#batcher = new Batcher({
      verb: 'run.journal',
      maxBatch: MAX_GROUP,
      run: async (events) => {
        const receipts = await this.#appendAll([...events]);
        return receipts.map((value) => ({ value }));
      },
    });
  }

  /** Records one event. @throws CLAIM_LOST when the run was taken away; OVERLOADED when 10,000 events wait. */
  async record(event: AppendEvent): Promise<AppendReceipt> {
    return this.#batcher.call(
      storableJson({
        ...event,
        eventId: event.eventId ?? this.#ids.uuid(),
        occurredAt: this.#clock.now().toISOString(),
      }),
    );
  }

  drain(): Promise<void> {
    return this.#batcher.drain();
  }

  async #appendAll(events: AppendEvent[]): Promise<AppendReceipt[]> {
    for (;;) {
      try {
        return await this.#append(events);
      } catch (error) {
        const refused = SignalboxError.is(error, 'CLAIM_LOST') && !this.#released();
        if (refused && (await this.#onRefused())) continue;
        if (!isPassing(error) || this.#gaveUp.aborted) throw error;
        await this.#clock.sleep(RETRY_MS, this.#gaveUp);
      }
    }
  }
}

/** Whether an error is one of a database that is away for a while, or of too much at once. */
export function isPassing(error: unknown): boolean {
  return (
    SignalboxError.is(error, 'DATABASE_UNAVAILABLE') ||
    SignalboxError.is(error, 'OUTCOME_UNKNOWN') ||
    SignalboxError.is(error, 'OVERLOADED')
  );
}
