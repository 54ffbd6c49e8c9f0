import type { Clock } from '../../platform/clock/clock.ts';
import type { Recordings } from './recordings.ts';

/** How far a recording may be behind its journal, in milliseconds. */
const TICK_MS = 1_000;

/** Moves on what this process records, again and again. */
export class Recorder {
  readonly #recordings: Recordings;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #stopped = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(parts: { recordings: Recordings; clock: Clock; onError: (error: unknown) => void }) {
    this.#recordings = parts.recordings;
    this.#clock = parts.clock;
    this.#onError = parts.onError;
  }

  /** Idempotent. */
  start(): void {
    this.#loop ??= this.#rounds();
  }

  /** Ends what is being recorded here. Idempotent. */
  async stop(): Promise<void> {
    const begun = this.#loop !== null && !this.#stopped.signal.aborted;
    this.#stopped.abort();
    await this.#loop;
    if (begun) await this.#recordings.close().catch(this.#onError);
  }

  async #rounds(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#recordings.tick().catch(this.#onError);
      await this.#clock.sleep(TICK_MS, this.#stopped.signal);
    }
  }
}
