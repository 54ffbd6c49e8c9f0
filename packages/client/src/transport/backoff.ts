/** Waits between attempts: doubled each time, up to a ceiling. Milliseconds. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/** How long to wait before attempt `failures + 1`; `failures` counts from 1. */
export function backoffDelay(backoff: Backoff, failures: number): number {
  return Math.min(backoff.maxMs, backoff.firstMs * 2 ** (failures - 1));
}

/** Resolves after `ms`, or at once when the signal fires: whoever waits looks at the signal next. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
