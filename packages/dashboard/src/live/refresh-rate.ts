/**
 * Calls `act` at once for the first change of a name, and then at most once in `everyMs` while changes go on; the last one
 * is never left out. Agents and locks may change thousands of times a second, and each look costs the server a reading.
 */
export class RefreshRate {
  readonly #everyMs: number;
  readonly #act: (name: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #waiting = new Set<string>();

  constructor(everyMs: number, act: (name: string) => void) {
    this.#everyMs = everyMs;
    this.#act = act;
  }

  changed(name: string): void {
    if (this.#timers.has(name)) {
      this.#waiting.add(name);
      return;
    }
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        if (this.#waiting.delete(name)) this.changed(name);
      }, this.#everyMs),
    );
    this.#act(name);
  }

  /** Forgets what waits. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}
