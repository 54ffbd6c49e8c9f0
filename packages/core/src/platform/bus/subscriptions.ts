import type { BusListener } from './bus.ts';

/** Who listens to what; delivers without letting one listener's error reach another. */
export class Subscriptions {
  readonly #topics = new Map<string, Set<{ listener: BusListener }>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(topic: string, listener: BusListener): () => void {
    const entry = { listener };
    const entries = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, entries.add(entry));
    return () => {
      entries.delete(entry);
      if (entries.size === 0 && this.#topics.get(topic) === entries) this.#topics.delete(topic);
    };
  }

  deliver(topic: string, message: unknown): void {
    for (const { listener } of [...(this.#topics.get(topic) ?? [])]) this.#call(listener, message);
  }

  /** Tells every subscription to look for itself. */
  deliverGap(): void {
    for (const topic of [...this.#topics.keys()]) this.deliver(topic, null);
  }

  clear(): void {
    this.#topics.clear();
  }

  #call(listener: BusListener, message: unknown): void {
    try {
      listener(message);
    } catch (error) {
      this.#onError(error);
    }
  }
}
