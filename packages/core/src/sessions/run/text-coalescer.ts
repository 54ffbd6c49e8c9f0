import type { Clock } from '../../platform/clock/clock.ts';

/** A piece of text that belongs to one stream: standard output, or one message. */
export interface TextPiece<Key> {
  key: Key;
  text: string;
}

/** Streamed text is journaled once it reaches this many characters or this age (design.md §2). */
const MAX_CHARACTERS = 4096;
const MAX_AGE_MS = 250;

/**
 * Gathers streamed text, so that the journal gets one event for many pieces: after 250 ms, at 4 KB, when another stream
 * speaks, or when something else happens (`flush`), whichever is first. Order is kept.
 */
export class TextCoalescer<Key> {
  readonly #clock: Clock;
  readonly #same: (a: Key, b: Key) => boolean;
  /** Called in the order of the text; it must put its piece in line before its own first wait. */
  readonly #write: (piece: TextPiece<Key>) => Promise<void>;
  #pending: TextPiece<Key> | null = null;
  #timer = new AbortController();
  #lateError: unknown = null;

  constructor(options: {
    clock: Clock;
    same: (a: Key, b: Key) => boolean;
    write: (piece: TextPiece<Key>) => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#same = options.same;
    this.#write = options.write;
  }

  /**
   * Takes a piece; waits only where it made something full. Rejects with what a write behind the caller's back met.
   * What is decided before the first wait keeps the order of the calls, however many are under way.
   */
  async push(key: Key, text: string): Promise<void> {
    this.#throwLate();
    const writes: Promise<void>[] = [];
    if (this.#pending && !this.#same(this.#pending.key, key)) writes.push(this.#writeOut());
    if (this.#pending) this.#pending.text += text;
    else {
      this.#pending = { key, text };
      this.#armTimer();
    }
    if (this.#pending.text.length >= MAX_CHARACTERS) writes.push(this.#writeOut());
    await Promise.all(writes);
  }

  /** Writes what is gathered, before anything that comes after it. */
  async flush(): Promise<void> {
    await this.#writeOut();
    this.#throwLate();
  }

  #writeOut(): Promise<void> {
    this.#timer.abort();
    const piece = this.#pending;
    this.#pending = null;
    return piece ? this.#write(piece) : Promise.resolve();
  }

  #armTimer(): void {
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(MAX_AGE_MS, timer.signal).then(async () => {
      if (timer.signal.aborted) return;
      try {
        await this.flush();
      } catch (error) {
        this.#lateError = error;
      }
    });
  }

  #throwLate(): void {
    const error = this.#lateError;
    this.#lateError = null;
    if (error) throw error;
  }
}
