export { type Begun, IdempotencyKeys, type Settle } from './idempotency-keys.ts';
export type { StoredAnswer } from './idempotency-store.ts';
