import { z } from 'zod';
import { uuidSchema } from '../platform/ids/ids.ts';
import { resourceNameSchema } from './resource-name.ts';

export const LOCK_MODES = ['exclusive', 'shared'] as const;
export const lockModeSchema = z.enum(LOCK_MODES);
export type LockMode = z.infer<typeof lockModeSchema>;

/** `held`, or `lost`: it expired under its holder and stands only for its lock-delay. */
export const LOCK_STATES = ['held', 'lost'] as const;

/** ORC-164. */
export const DEFAULT_TTL_MS = 30_000;
export const DEFAULT_WAIT_MS = 10_000;
/** Whoever needs longer renews; what the dead hold must come free by itself (anchors: locks held for hours by the dead). */
export const MAX_TTL_MS = 600_000;
const MAX_WAIT_MS = 86_400_000;
/** As with Consul's sessions. */
const MAX_DELAY_MS = 60_000;

const belongsTo = {
  /** Whom the lock serves; released with it. */
  agentId: z.string().min(1).max(255).nullish(),
  sessionId: uuidSchema.nullish(),
  taskId: uuidSchema.nullish(),
};

/** What a caller asks for. */
export const acquireLockSchema = z.strictObject({
  resource: resourceNameSchema,
  /** One thread of control: acquiring again as the same owner nests (ORC-176). Default a new UUID (ORC-161). */
  owner: z.string().min(1).max(255).optional(),
  mode: lockModeSchema.default('exclusive'),
  /** How long it holds without being renewed, in milliseconds of the database's clock (ORC-165). */
  ttlMs: z.int().min(50).max(MAX_TTL_MS).default(DEFAULT_TTL_MS),
  /** How long to wait for it; 0 makes one attempt and leaves no queue entry (ORC-167). */
  waitMs: z.int().min(0).max(MAX_WAIT_MS).default(DEFAULT_WAIT_MS),
  /** Higher first (ORC-172). */
  priority: z.int().min(-1_000).max(1_000).default(0),
  /** How long the resource stays ungranted to others after this holding was lost rather than released. */
  lockDelayMs: z.int().min(0).max(MAX_DELAY_MS).optional(),
  /** Refuse a name smaller than one that the owner holds, rather than warn of it (ORC-184). */
  strictOrder: z.boolean().optional(),
  /** Identifies the request and then the holding; repeating a request with its id never doubles it. Default a new one. */
  requestId: uuidSchema.optional(),
  ...belongsTo,
  metadata: z.record(z.string(), z.json()).optional(),
});
export type AcquireLock = z.input<typeof acquireLockSchema>;

/** A holding, as callers see it. */
export const lockSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  resource: z.string(),
  owner: z.string(),
  mode: lockModeSchema,
  state: z.enum(LOCK_STATES),
  /** Goes with every protected write; a newer holder's is greater (ORC-181). */
  token: z.int(),
  priority: z.int(),
  ttlMs: z.int(),
  lockDelayMs: z.int(),
  renewalCount: z.int(),
  agentId: z.string().nullable(),
  sessionId: z.string().nullable(),
  taskId: z.string().nullable(),
  metadata: z.record(z.string(), z.json()),
  requestedAt: z.iso.datetime(),
  acquiredAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Lock = z.infer<typeof lockSchema>;

/** A request in a queue (ORC-163). */
export const lockWaiterSchema = z.object({
  requestId: z.string(),
  resource: z.string(),
  owner: z.string(),
  mode: lockModeSchema,
  priority: z.int(),
  /** 1 for the one to be served first. */
  position: z.int(),
  agentId: z.string().nullable(),
  sessionId: z.string().nullable(),
  taskId: z.string().nullable(),
  requestedAt: z.iso.datetime(),
  /** When its patience ends. */
  timeoutAt: z.iso.datetime(),
});
export type LockWaiter = z.infer<typeof lockWaiterSchema>;

/** Everything about one resource (ORC-188). */
export const lockInfoSchema = z.object({
  resource: z.string(),
  /** Whether somebody holds just this resource. */
  locked: z.boolean(),
  /** Holdings of it, of what stands above and of what stands below. */
  holders: z.array(lockSchema),
  /** In the order in which they will be served. */
  waiters: z.array(lockWaiterSchema),
  timestamp: z.iso.datetime(),
});
export type LockInfo = z.infer<typeof lockInfoSchema>;

/** ORC-189. */
export const lockStatsSchema = z.object({
  /** Holdings, the lost ones in their delay included. */
  totalLocks: z.int(),
  activeLocks: z.int(),
  waiting: z.int(),
  /** Resources, those with most waiters first; at most 100. */
  resources: z.array(
    z.object({ resource: z.string(), held: z.int(), waiting: z.int(), longestWaitSeconds: z.number().nullable() }),
  ),
  timestamp: z.iso.datetime(),
});
export type LockStats = z.infer<typeof lockStatsSchema>;

/** What a grant comes to. */
export interface Grant {
  id: string;
  resource: string;
  owner: string;
  mode: LockMode;
  token: number;
  /** Milliseconds that it holds from when it was asked for at the latest: count from before the call (conservative). */
  remainingMs: number;
}
