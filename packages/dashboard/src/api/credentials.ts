import { createClient } from '@signalbox/client';
import { useSyncExternalStore } from 'react';

/**
 * Who is signed in is the browser's to keep, in a cookie that no page can read: here it is only known how often that has
 * changed. The key itself is sent once and kept nowhere.
 */
let changes = 0;
const listeners = new Set<() => void>();

function changed(): void {
  changes++;
  for (const listener of listeners) listener();
}

/** @throws ApiError where the server does not take the key, ServerUnreachableError */
export async function signIn(key: string): Promise<void> {
  await createClient({ baseUrl: window.location.origin, token: key.trim() }).browserSessions.open();
  changed();
}

/** Signs out in all tabs. @throws ApiError, ServerUnreachableError */
export async function signOut(): Promise<void> {
  await createClient({ baseUrl: window.location.origin, byCookie: true }).browserSessions.signOut();
  changed();
}

/** Changes whenever somebody signs in or out in this tab. */
export function useSignIns(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => changes,
  );
}
