import type { Clock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Grant, LockMode } from './lock.ts';

/** What a handle asks of whoever keeps it. */
export interface HandleKeeper {
  renew(handle: LockHandle, ttlMs: number | null): Promise<void>;
  release(handle: LockHandle): Promise<boolean>;
}

/**
 * One acquisition, to be released through this very handle (ORC-186). It is renewed in the background until it is released or lost.
 *
 * States: held → released | lost. Lost when the store says so, and also when nothing was heard from it until the time
 * ran out, counted by the monotonic clock from before the request was sent: never later than the database sees it.
 */
export class LockHandle {
  readonly id: string;
  readonly projectId: string;
  readonly resource: string;
  readonly owner: string;
  readonly mode: LockMode;
  /** Hand it to whatever is written under the lock, and let that refuse what is not held any more. */
  readonly token: number;
  readonly ttlMs: number;
  readonly #clock: Clock;
  readonly #keeper: HandleKeeper;
  readonly #lost = new AbortController();
  #deadline: number;
  #renewalCount = 0;
  #released = false;

  constructor(parts: { clock: Clock; keeper: HandleKeeper }, projectId: string, grant: Grant, ttlMs: number) {
    this.#clock = parts.clock;
    this.#keeper = parts.keeper;
    this.#deadline = parts.clock.monotonic() + grant.remainingMs;
    this.projectId = projectId;
    this.id = grant.id;
    this.resource = grant.resource;
    this.owner = grant.owner;
    this.mode = grant.mode;
    this.token = grant.token;
    this.ttlMs = ttlMs;
  }

  /** Aborts, with LOCK_LOST as its reason, when the lock is lost; stop what it protects then (ORC-179). */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether it is held as far as this process can know. Only the store can say more: see `assertLockHeld`. */
  get held(): boolean {
    return !this.#released && !this.#lost.signal.aborted && this.#clock.monotonic() < this.#deadline;
  }

  get renewalCount(): number {
    return this.#renewalCount;
  }

  /** Milliseconds that are left at the least; 0 when it is not held. */
  get remainingMs(): number {
    return this.held ? this.#deadline - this.#clock.monotonic() : 0;
  }

  /** @throws LOCK_LOST */
  assertHeld(): void {
    if (!this.held) throw this.#lossOf();
  }

  /** Renews now, for another time if asked; later renewals go by the usual one (ORC-178). @throws LOCK_LOST */
  async renew(ttlMs: number | null = null): Promise<void> {
    this.assertHeld();
    await this.#keeper.renew(this, ttlMs);
    this.assertHeld();
  }

  /**
   * Gives it back. True when it is free of this holder: released, or gone already and held by nobody else since; false when it was lost
   * and somebody else has it (ORC-180). Idempotent.
   * @throws DATABASE_UNAVAILABLE, OUTCOME_UNKNOWN: it then ends with its time
   */
  async release(): Promise<boolean> {
    if (this.#released) return true;
    return this.#keeper.release(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** The store renewed it: it holds until `deadline` of the monotonic clock. */
  renewed(deadline: number, renewalCount: number): void {
    this.#deadline = deadline;
    this.#renewalCount = renewalCount;
  }

  /** From now on it counts as given back. */
  ended(): void {
    this.#released = true;
  }

  /** Tells the loss, once. */
  lose(): void {
    if (!this.#released && !this.#lost.signal.aborted) this.#lost.abort(this.#lossOf());
  }

  /** When it ends unless renewed, by the monotonic clock. */
  get deadline(): number {
    return this.#deadline;
  }

  #lossOf(): SignalboxError {
    return new SignalboxError('LOCK_LOST', { id: this.id, resource: this.resource });
  }
}
