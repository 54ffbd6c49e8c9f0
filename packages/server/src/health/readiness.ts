import { SignalboxError } from '@signalbox/core';
import { HttpError } from '../http/error-table.ts';

export type Phase = 'starting' | 'ready' | 'stopping';

/** Whether the API may answer: not before the schema is there, and not any more once the server is stopping. */
export class Readiness {
  #phase: Phase = 'starting';
  #reason: unknown = new SignalboxError('DATABASE_UNAVAILABLE');

  get phase(): Phase {
    return this.#phase;
  }

  /** Why it is not ready yet, for people; null when it is. */
  get reason(): string | null {
    if (this.#phase === 'ready') return null;
    if (this.#phase === 'stopping') return 'The server is stopping.';
    return this.#reason instanceof Error ? this.#reason.message : String(this.#reason);
  }

  /** What keeps it from being ready, answered to callers meanwhile. */
  wait(reason: unknown): void {
    if (this.#phase === 'starting') this.#reason = reason;
  }

  ready(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  /** @throws STOPPING, or what keeps the server from being ready. */
  assert(): void {
    if (this.#phase === 'ready') return;
    throw this.#phase === 'stopping' ? new HttpError('STOPPING') : this.#reason;
  }
}
