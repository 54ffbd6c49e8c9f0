import type { Bus, BusListener, BusOptions } from './bus.ts';
import { Subscriptions } from './subscriptions.ts';

/** {@link Bus} for a single process. Messages are copied as JSON, so that they mean the same as on any other bus. */
export class InProcessBus implements Bus {
  readonly connected = true;
  readonly #subscriptions: Subscriptions;
  #closed = false;

  constructor({ onError = rethrowLater }: BusOptions = {}) {
    this.#subscriptions = new Subscriptions(onError);
  }

  publish(topic: string, message: unknown): void {
    const text = JSON.stringify(message ?? null);
    queueMicrotask(() => {
      if (!this.#closed) this.#subscriptions.deliver(topic, JSON.parse(text));
    });
  }

  subscribe(topic: string, listener: BusListener): () => void {
    return this.#subscriptions.add(topic, listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscriptions.clear();
  }
}

/** Without somebody to tell, an error surfaces as an uncaught one rather than vanish. */
export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
