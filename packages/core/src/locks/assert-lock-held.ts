import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { holdRow } from './lock-store.ts';

/** Names a holding: by its id, or by what it holds; and always by its token. */
export type HeldLock = { lockId: string; token: number } | { resource: string; token: number };

/**
 * The fence of a store (ORC-181): call it in the transaction of a protected write. It locks the holding until that transaction ends, so
 * that the write and the loss of the lock are one after the other: a stale holder is refused, and while a write that was
 * let through commits, nobody else is granted the lock, however long the writer was stopped in between. Renewals go on.
 *
 * @throws LOCK_LOST
 */
export async function assertLockHeld(tx: Transaction, projectId: string, lock: HeldLock): Promise<void> {
  const id = 'lockId' in lock ? lock.lockId : null;
  const resource = 'resource' in lock ? lock.resource : null;
  if (await holdRow(tx, projectId, lock.token, { id, resource })) return;
  throw new SignalboxError('LOCK_LOST', { id: id ?? `with token ${lock.token}`, resource: resource ?? 'its resource' });
}
