import type { Database } from '../database/index.ts';
import { SignalboxError } from '../errors/index.ts';
import { forgetKey, purgeKeys, readKey, type StoredAnswer, storeAnswer, takeKey } from './idempotency-store.ts';

/**
 * How long a key counts as under way when nothing more is heard of its request. A program that dies amid one leaves the
 * key taken; after this the request may be made again. Longer than any request takes.
 */
const UNDER_WAY_SECONDS = 60;
const DEFAULT_SECONDS = 24 * 3600;
const PURGE_BATCH = 1000;

/** What becomes of a request with a key: do it and settle the key, or give the first answer again. */
export type Begun = { first: true; settle: Settle } | { first: false; answer: StoredAnswer };

export interface Settle {
  /** Keeps the answer for repeats of the request. */
  answer(answer: StoredAnswer): Promise<void>;
  /** The request changed nothing: its key is free again. */
  release(): Promise<void>;
}

/** Idempotency keys of creating calls (CTL-003, CTL-030): a repeated request is answered, not repeated. */
export class IdempotencyKeys {
  readonly #database: Database;
  readonly #seconds: number;

  /** @param parts.seconds how long answers are kept; default 24 hours. */
  constructor(parts: { database: Database; seconds?: number }) {
    this.#database = parts.database;
    this.#seconds = parts.seconds ?? DEFAULT_SECONDS;
  }

  /**
   * @param digest of method, route and body: what makes two requests the same one.
   * @throws IDEMPOTENCY_CONFLICT for another request under this key, IDEMPOTENCY_IN_PROGRESS while the first is under way
   */
  async begin(projectId: string, key: string, digest: Buffer): Promise<Begun> {
    for (;;) {
      const takenAt = await takeKey(this.#database, projectId, key, digest, UNDER_WAY_SECONDS);
      if (takenAt !== null) return { first: true, settle: this.#settle(projectId, key, takenAt) };
      const there = await readKey(this.#database, projectId, key, digest);
      // Released or run out between the two looks.
      if (!there) continue;
      if (!there.sameRequest) throw new SignalboxError('IDEMPOTENCY_CONFLICT', { key });
      if (!there.answer) throw new SignalboxError('IDEMPOTENCY_IN_PROGRESS', { key });
      return { first: false, answer: there.answer };
    }
  }

  /** Deletes the keys whose time is over; answers how many. */
  async purge(): Promise<number> {
    let purged = 0;
    for (;;) {
      const batch = await purgeKeys(this.#database, PURGE_BATCH);
      purged += batch;
      if (batch < PURGE_BATCH) return purged;
    }
  }

  #settle(projectId: string, key: string, takenAt: string): Settle {
    return {
      answer: (answer) => storeAnswer(this.#database, projectId, key, takenAt, answer, this.#seconds),
      release: () => forgetKey(this.#database, projectId, key, takenAt),
    };
  }
}
