/**
 * Calls `act` at once for the first change of a name, and then at most once in `everyMs` and never before it is done, while
 * changes go on; the last one is never left out. Agents and locks may change thousands of times a second, and each look
 * costs the server a reading: one that takes longer than `everyMs` must not be given up for the next.
 */
export class RefreshRate {
  readonly #everyMs: number;
  readonly #act: (name: string) => Promise<void>;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #reading = new Set<string>();
  readonly #waiting = new Set<string>();

  /** @param act must not reject. */
  constructor(everyMs: number, act: (name: string) => Promise<void>) {
    this.#everyMs = everyMs;
    this.#act = act;
  }

  changed(name: string): void {
    if (this.#timers.has(name) || this.#reading.has(name)) {
      this.#waiting.add(name);
      return;
    }
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        this.#goOn(name);
      }, this.#everyMs),
    );
    this.#reading.add(name);
    void this.#act(name).then(() => {
      this.#reading.delete(name);
      this.#goOn(name);
    });
  }

  #goOn(name: string): void {
    if (this.#timers.has(name) || this.#reading.has(name)) return;
    if (this.#waiting.delete(name)) this.changed(name);
  }

  /** Forgets what waits. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}
