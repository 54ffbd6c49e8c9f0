import { z } from 'zod';
import type { Bus } from '../platform/bus/index.ts';

const TOPIC = 'locks';
/** So many ids stay below what one message can carry. */
const IDS_AT_ONCE = 150;

const messageSchema = z.object({ ids: z.array(z.string()) });

/**
 * Wakes whoever waits for a request or holds a lock, on whichever node: something happened to that id, look for yourself.
 * Only hints: one that is lost costs the time until the next look, never the lock (ORC-171).
 */
export class LockHints {
  readonly #bus: Bus;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #unsubscribe: () => void;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#unsubscribe = bus.subscribe(TOPIC, (message) => this.#hear(message));
  }

  /** Tells everybody that something happened to these requests and holdings. Called after the commit. */
  tell(ids: readonly string[]): void {
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      this.#bus.publish(TOPIC, { ids: ids.slice(at, at + IDS_AT_ONCE) });
    }
  }

  /** Calls `look` when something may have happened to `id`. Returns the unsubscribe. */
  on(id: string, look: () => void): () => void {
    const looks = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, looks.add(look));
    return () => {
      looks.delete(look);
      if (looks.size === 0 && this.#listeners.get(id) === looks) this.#listeners.delete(id);
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #hear(message: unknown): void {
    const parsed = messageSchema.safeParse(message);
    // Anything else says that messages may have been missed.
    const ids = parsed.success ? parsed.data.ids : [...this.#listeners.keys()];
    for (const id of ids) for (const look of [...(this.#listeners.get(id) ?? [])]) look();
  }
}
