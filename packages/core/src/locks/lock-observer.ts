/** Told what locks do on this node; for metrics (ORC-192). */
export interface LockObserver {
  /** A lock was got, after waiting so long. */
  acquired(waitedMs: number): void;
  /** Another one had it, and the caller did not want to wait; or its order was refused. */
  refused(): void;
  timedOut(): void;
  /** A holder did not renew in time; each loss is told on one node only. */
  lost(): void;
  /** A request was given up because it waited for itself; each is told on one node only. */
  deadlock(): void;
  renewed(): void;
  /** The store could not be asked, or the lock was not held any more. */
  renewalFailed(): void;
  /** A holding ended so long after it began: released or lost. */
  held(ms: number): void;
}

export const SILENT_OBSERVER: LockObserver = {
  acquired: () => undefined,
  refused: () => undefined,
  timedOut: () => undefined,
  lost: () => undefined,
  deadlock: () => undefined,
  renewed: () => undefined,
  renewalFailed: () => undefined,
  held: () => undefined,
};
