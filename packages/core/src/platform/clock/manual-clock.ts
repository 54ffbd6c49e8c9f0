import type { Clock } from './clock.ts';

interface Waiter {
  at: number;
  every?: number;
  run: () => void;
}

/** A clock that stands still until `advance` moves it; timers due on the way run in order of their time. */
export class ManualClock implements Clock {
  #now: number;
  #waiters = new Set<Waiter>();

  constructor(start = new Date('2026-01-01T00:00:00.000Z')) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const waiter: Waiter = { at: this.#now + ms, run: resolve };
      this.#waiters.add(waiter);
      signal?.addEventListener(
        'abort',
        () => {
          this.#waiters.delete(waiter);
          resolve();
        },
        { once: true },
      );
    });
  }

  every(ms: number, tick: () => void): () => void {
    const waiter: Waiter = { at: this.#now + ms, every: ms, run: tick };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  /** Moves time on by `ms` milliseconds and lets every continuation that became ready run. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#waiters].filter((w) => w.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      if (due.every) due.at += due.every;
      else this.#waiters.delete(due);
      due.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
