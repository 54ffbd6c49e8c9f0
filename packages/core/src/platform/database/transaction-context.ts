import { AsyncLocalStorage } from 'node:async_hooks';
import { SignalboxError } from '../errors/index.ts';

const inside = new AsyncLocalStorage<boolean>();

/** Runs `work` marked as being inside a transaction. */
export function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  return inside.run(true, work);
}

/** Runs `work` marked as outside of any transaction; for what merely happens to be started from inside one. */
export function outsideTransaction<T>(work: () => T): T {
  return inside.run(false, work);
}

/**
 * Refuses a call that would take a second connection inside a transaction: it would not take part in it, and on a pool
 * of one (PGlite) it would wait for itself.
 */
export function assertOutsideTransaction(verb: string): void {
  if (inside.getStore()) throw new SignalboxError('BATCHED_CALL_IN_TRANSACTION', { verb });
}
