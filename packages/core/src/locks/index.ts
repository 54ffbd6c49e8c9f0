export { assertLockHeld, type HeldLock } from './assert-lock-held.ts';
export {
  type AcquireLock,
  acquireLockSchema,
  type Grant,
  LOCK_MODES,
  LOCK_STATES,
  type Lock,
  type LockInfo,
  type LockMode,
  type LockStats,
  type LockWaiter,
  lockInfoSchema,
  lockModeSchema,
  lockSchema,
  lockStatsSchema,
  lockWaiterSchema,
} from './lock.ts';
export type { LockParty } from './lock-belongings-store.ts';
export { LockHandle } from './lock-handle.ts';
export { LOCK_FIELDS } from './lock-list-store.ts';
export type { LockObserver } from './lock-observer.ts';
export type { LockPolicy } from './lock-request.ts';
export { type AcquireOptions, Locks, type LocksOptions } from './locks.ts';
export * from './paths/index.ts';
export type { LockAnswer } from './remote-locks.ts';
export { resourceNameSchema } from './resource-name.ts';
