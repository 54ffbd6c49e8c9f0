const listeners = new Set<() => void>();

/**
 * Says that this process has just committed to the change feed of some database. Only a hint, and one for the whole
 * process: whoever listens looks for itself, and looks each second anyway.
 */
export function signalFeed(): void {
  for (const listener of listeners) listener();
}

/** Calls `listener` on every {@link signalFeed}. Returns the unsubscribe. */
export function onFeedSignal(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
