import { parseInput } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type AcquireLock, acquireLockSchema, type LockMode } from './lock.ts';

/** A request with nothing left open. */
export interface LockRequest {
  id: string;
  resource: string;
  owner: string;
  mode: LockMode;
  ttlMs: number;
  waitMs: number;
  priority: number;
  lockDelayMs: number;
  strictOrder: boolean;
  agentId: string | null;
  sessionId: string | null;
  taskId: string | null;
  metadata: Record<string, unknown>;
}

/** How locks behave where a caller says nothing; the same on all nodes. */
export interface LockPolicy {
  /** Default 0: free at once when its holder is lost. */
  lockDelayMs: number;
  /** Seconds of waiting that count for one step of priority; null: strict priority (ORC-175). */
  ageingSeconds: number | null;
  /** Whether names out of order are refused rather than warned of (ORC-184). */
  strictOrder: boolean;
}

export const DEFAULT_LOCK_POLICY: LockPolicy = { lockDelayMs: 0, ageingSeconds: null, strictOrder: false };

/** @throws VALIDATION_FAILED, UNKNOWN_FIELD */
export function lockRequest(input: AcquireLock, policy: LockPolicy, ids: Ids): LockRequest {
  const { requestId, owner, agentId, sessionId, taskId, metadata, ...rest } = parseInput(acquireLockSchema, input);
  return {
    ...rest,
    id: requestId ?? ids.uuid(),
    owner: owner ?? ids.uuid(),
    lockDelayMs: rest.lockDelayMs ?? policy.lockDelayMs,
    strictOrder: rest.strictOrder ?? policy.strictOrder,
    agentId: agentId ?? null,
    sessionId: sessionId ?? null,
    taskId: taskId ?? null,
    metadata: metadata ?? {},
  };
}
