import { type Clock, SignalboxError } from '@signalbox/core';

export interface JobLogger {
  debug(details: Record<string, unknown>, message: string): void;
  warn(details: Record<string, unknown>, message: string): void;
}

export interface PeriodicJobSettings {
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
}

/**
 * Does something again and again: first at once, then `everyMs` after each end, so that it never overlaps itself. A
 * failure is logged and remembered, and the next round comes all the same; the database being away is no failure of it.
 */
export class PeriodicJob {
  readonly name: string;
  readonly #settings: PeriodicJobSettings;
  readonly #clock: Clock;
  readonly #logger: JobLogger;
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;
  #failure: string | null = null;

  constructor(settings: PeriodicJobSettings, parts: { clock: Clock; logger: JobLogger }) {
    this.name = settings.name;
    this.#settings = settings;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** What the last round failed with; null after one that went well. */
  get failure(): string | null {
    return this.#failure;
  }

  start(): void {
    this.#loop ??= this.#rounds();
  }

  /** Resolves when a round under way has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #rounds(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#round();
      await this.#clock.sleep(this.#settings.everyMs, this.#abort.signal);
    }
  }

  async #round(): Promise<void> {
    try {
      await this.#settings.run();
      this.#failure = null;
    } catch (error) {
      if (SignalboxError.is(error, 'DATABASE_UNAVAILABLE') || SignalboxError.is(error, 'OUTCOME_UNKNOWN')) {
        this.#logger.debug({ job: this.name, err: error }, 'put off: the database is away');
        return;
      }
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#logger.warn({ job: this.name, err: error }, 'a round of a periodic job failed');
    }
  }
}
