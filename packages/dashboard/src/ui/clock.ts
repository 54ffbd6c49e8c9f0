import { useSyncExternalStore } from 'react';

/**
 * The page's clock: one timer for all that shows how long something has been going on. Nothing else in the dashboard
 * asks for the time.
 */
const TICK_MS = 1000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Milliseconds since 1970, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The time at this moment, for queries about "today" and "the last hours". */
export function currentTime(): Date {
  return new Date();
}
