import { useSyncExternalStore } from 'react';

/**
 * The API key a person signed in with. Kept for the tab only: it is gone with it, and other tabs do not see it.
 */
const STORAGE_KEY = 'signalbox-key';
const listeners = new Set<() => void>();

function read(): string | null {
  return sessionStorage.getItem(STORAGE_KEY);
}

export function signIn(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key.trim());
  for (const listener of listeners) listener();
}

export function signOut(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  for (const listener of listeners) listener();
}

/** The key, or null in open mode and before signing in. */
export function useCredentials(): string | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
}
