import { SignalboxError } from '../platform/errors/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { LockObserver } from './lock-observer.ts';
import type { LockRequest } from './lock-request.ts';
import { type Waited, type WaitParts, waitForGrant } from './lock-waiting.ts';

export interface LockEntranceParts extends WaitParts {
  observer: LockObserver;
  logger: Logger;
}

/** The way into the queue of a lock and out of it again, with what is counted of both. */
export class LockEntrance {
  readonly #parts: LockEntranceParts;
  readonly #closing = new AbortController();

  constructor(parts: LockEntranceParts) {
    this.#parts = parts;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Lets everybody who waits here stop waiting. Idempotent. */
  close(): void {
    this.#closing.abort();
  }

  /** Waits in the queue up to `forMs`, in which a waiter that is not heard of for `leaseMs` loses its place. @throws as {@link waitForGrant} */
  async wait(
    projectId: string,
    request: LockRequest,
    { forMs, leaseMs, signal }: { forMs: number; leaseMs: number; signal: AbortSignal | undefined },
  ): Promise<Waited> {
    const { observer } = this.#parts;
    const either = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
    try {
      const waited = await waitForGrant(this.#parts, projectId, request, { forMs, leaseMs, signal: either });
      if (waited.grant) observer.acquired(waited.waitedMs);
      return waited;
    } catch (error) {
      if (SignalboxError.is(error, 'LOCK_CONTENDED') || SignalboxError.is(error, 'LOCK_ORDER')) observer.refused();
      throw error;
    }
  }

  /** Takes a request out of its queue, or gives back what it was granted meanwhile. */
  async leave(projectId: string, { id, resource }: LockRequest): Promise<void> {
    try {
      await this.#parts.verbs.release({ projectId, id, token: null, resource });
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, resource, requestId: id },
        'a request could not be taken out of its queue; it ends with its lease',
      );
    }
  }

  /** What a caller is told that has waited in vain. */
  timeout({ id, resource, waitMs }: LockRequest, cause: unknown): unknown {
    if (cause) return cause;
    this.#parts.observer.timedOut();
    return new SignalboxError('LOCK_TIMEOUT', { id, resource, waitMs });
  }
}
