import type { Clock } from '../../platform/clock/clock.ts';

/** Counts how long a run has executed, pauses left out, and fires once when that reaches the run's limit (ORC-205). */
export class RunClock {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onLimit: () => void;
  #ranMs: number;
  #since: number | null = null;
  #timer = new AbortController();

  /** @param startedMs what the attempt has run already. */
  constructor(options: { clock: Clock; limitSeconds: number; startedMs?: number; onLimit: () => void }) {
    this.#clock = options.clock;
    this.#limitMs = options.limitSeconds * 1000;
    this.#ranMs = options.startedMs ?? 0;
    this.#onLimit = options.onLimit;
  }

  /** Milliseconds executed so far. */
  elapsedMs(): number {
    return this.#ranMs + (this.#since === null ? 0 : this.#clock.monotonic() - this.#since);
  }

  start(): void {
    if (this.#since !== null) return;
    this.#since = this.#clock.monotonic();
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(Math.max(0, this.#limitMs - this.#ranMs), timer.signal).then(() => {
      if (!timer.signal.aborted) this.#onLimit();
    });
  }

  pause(): void {
    this.#timer.abort();
    this.#ranMs = this.elapsedMs();
    this.#since = null;
  }
}
