import {
  acquireLockSchema,
  LOCK_FIELDS,
  lockInfoSchema,
  lockSchema,
  lockStatsSchema,
  resourceNameSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'locks';
const params = z.strictObject({ id: uuidSchema });
const token = z.int().min(1);

export const lockPageSchema = cursorPageOf(lockSchema);

export const lockAnswerSchema = z.object({
  status: z.enum(['granted', 'queued']),
  /** Identifies the request, and then the lock. */
  requestId: z.string(),
  lock: lockSchema.nullable(),
  /** Place in the queue, from 1 on. */
  position: z.int().nullable(),
});
export const renewLockSchema = z.strictObject({ token, ttlMs: z.int().min(50).max(600_000).optional() });
export const releaseLockSchema = z.strictObject({ token });
export const forceReleaseLockSchema = z.strictObject({ reason: z.string().trim().min(1).max(1_000) });
export const lockReleasedSchema = z.object({ released: z.boolean() });

export const listLocks = operation({
  id: 'listLocks',
  method: 'GET',
  path: '/locks',
  tag,
  summary: 'List locks that are held',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(LOCK_FIELDS.fields),
  answer: { status: 200, about: 'A page of locks.', schema: lockPageSchema },
});

export const acquireLock = operation({
  id: 'acquireLock',
  method: 'POST',
  path: '/locks',
  tag,
  summary: 'Acquire a lock, or wait for it',
  description:
    'Waits up to `waitMs`, and here up to 30 s. Answers `queued` where the patience is longer than that: ask again with the same `requestId` and the rest of it; the place in the queue is kept for 15 s meanwhile. Renew the lock before `ttlMs` is over, and send its `token` with whatever is written under it.',
  role: 'agent',
  body: acquireLockSchema,
  bodyCheckedByRoom: true,
  example: { resource: 'repository/packages/parser', owner: 'agent-7', ttlMs: 30_000, waitMs: 10_000 },
  answer: { status: 200, about: 'The lock, or the place in the queue.', schema: lockAnswerSchema },
});

export const getLockStats = operation({
  id: 'getLockStats',
  method: 'GET',
  path: '/locks/stats',
  tag,
  summary: 'How many locks are held and waited for',
  role: 'viewer',
  answer: { status: 200, about: 'Totals, and the resources with most waiters.', schema: lockStatsSchema },
});

export const getLockInfo = operation({
  id: 'getLockInfo',
  method: 'GET',
  path: '/locks/info',
  tag,
  summary: 'Holders and waiters of one resource',
  description: 'With those of what stands above and below it. 404 where it is neither held nor waited for.',
  role: 'viewer',
  query: z.strictObject({ resource: resourceNameSchema }),
  answer: { status: 200, about: 'Who holds it, and who waits in which order.', schema: lockInfoSchema },
});

export const getLock = operation({
  id: 'getLock',
  method: 'GET',
  path: '/locks/{id}',
  tag,
  summary: 'One lock',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The lock.', schema: lockSchema },
});

export const renewLock = operation({
  id: 'renewLock',
  method: 'POST',
  path: '/locks/{id}/renew',
  tag,
  summary: 'Hold a lock for longer',
  description: 'For the time it was acquired for, or once for another. 409 LOCK_LOST: stop what it protects.',
  role: 'agent',
  params,
  body: renewLockSchema,
  answer: { status: 200, about: 'The lock as it is now.', schema: lockSchema },
});

export const releaseLock = operation({
  id: 'releaseLock',
  method: 'POST',
  path: '/locks/{id}/release',
  tag,
  summary: 'Give a lock back',
  role: 'agent',
  params,
  body: releaseLockSchema,
  answer: { status: 200, about: 'Whether it was there to be released.', schema: lockReleasedSchema },
});

export const forceReleaseLock = operation({
  id: 'forceReleaseLock',
  method: 'POST',
  path: '/locks/{id}/force-release',
  tag,
  summary: 'Take a lock from whoever holds it',
  description: 'An operator’s decision, kept in the audit with its reason. Its holder is told that it is lost.',
  role: 'operator',
  params,
  body: forceReleaseLockSchema,
  answer: { status: 200, about: 'The lock as it was.', schema: lockSchema },
});

export const withdrawLockRequest = operation({
  id: 'withdrawLockRequest',
  method: 'DELETE',
  path: '/locks/requests/{id}',
  tag,
  summary: 'Stop waiting for a lock',
  description: 'What was granted to the request meanwhile is given back.',
  role: 'agent',
  params,
  answer: { status: 200, about: 'Whether there was such a request.', schema: lockReleasedSchema },
});
