import type { Io } from '../io.ts';

/** Milliseconds after which a further Ctrl-C is a person's impatience, and not the echo of the first. */
const ECHO_MS = 500;

/**
 * When the program is to stop: INT, TERM or HUP, or its launcher is gone. One wish may be heard several times: a terminal's
 * Ctrl-C reaches the whole process group, and npm and the launcher pass it on once more.
 */
export class StopRequest {
  /** Resolves at the first wish. */
  readonly requested: Promise<void>;
  /** Fires at the first wish. */
  readonly signal: AbortSignal;
  readonly #io: Io;
  readonly #onImpatience: () => void;
  readonly #now: () => number;
  readonly #abort = new AbortController();
  #resolve: () => void = () => undefined;
  #firstAt: number | null = null;
  readonly #onSignal = () => this.#request();
  readonly #onInterrupt = () => this.#interrupt();

  /**
   * @param onImpatience called when somebody presses Ctrl-C again while we are stopping.
   * @param now monotonic milliseconds.
   */
  constructor(io: Io, onImpatience: () => void, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#onImpatience = onImpatience;
    this.#now = now;
    this.signal = this.#abort.signal;
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    io.on('SIGINT', this.#onInterrupt);
    for (const name of ['SIGTERM', 'SIGHUP', 'disconnect']) io.on(name, this.#onSignal);
  }

  dispose(): void {
    this.#io.off('SIGINT', this.#onInterrupt);
    for (const name of ['SIGTERM', 'SIGHUP', 'disconnect']) this.#io.off(name, this.#onSignal);
  }

  #request(): void {
    this.#firstAt ??= this.#now();
    this.#abort.abort();
    this.#resolve();
  }

  #interrupt(): void {
    if (this.#firstAt !== null && this.#now() - this.#firstAt > ECHO_MS) this.#onImpatience();
    else this.#request();
  }
}
