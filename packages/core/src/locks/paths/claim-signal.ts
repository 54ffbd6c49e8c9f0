const listeners = new Set<() => void>();

/** Says that claims of this process's database may have been granted. Only a hint: waiters look by themselves too. */
export function signalClaims(): void {
  for (const listener of listeners) listener();
}

/** Calls `listener` on every {@link signalClaims}. Returns the unsubscribe. */
export function onClaims(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
