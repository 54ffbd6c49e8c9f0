import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type AcquireLock, type Lock, MAX_TTL_MS } from './lock.ts';
import type { LockEntrance } from './lock-entrance.ts';
import { getLock, waitersOf } from './lock-list-store.ts';
import type { LockObserver } from './lock-observer.ts';
import { type LockPolicy, lockRequest } from './lock-request.ts';
import type { LockVerbs } from './lock-verbs.ts';

export interface RemoteLocksParts {
  database: Database;
  ids: Ids;
  policy: LockPolicy;
  observer: LockObserver;
  verbs: LockVerbs;
  entrance: LockEntrance;
}

/** What a caller without a handle gets: the lock, or its place in the queue. */
export type LockAnswer = { status: 'granted'; lock: Lock } | { status: 'queued'; requestId: string; position: number };

/** A caller over HTTP stays in the queue this long between two requests. */
const REMOTE_LEASE_MS = 15_000;

/** Locks of callers without a handle (HTTP), who name what they ask for, hold and give back by its id and token. */
export class RemoteLocks {
  readonly #parts: RemoteLocksParts;

  constructor(parts: RemoteLocksParts) {
    this.#parts = parts;
  }

  async request(
    projectId: string,
    input: AcquireLock,
    { forMs, signal }: { forMs: number; signal?: AbortSignal },
  ): Promise<LockAnswer> {
    const { database, entrance, policy, ids } = this.#parts;
    const request = lockRequest(input, policy, ids);
    const patience = { forMs: Math.min(forMs, request.waitMs), leaseMs: REMOTE_LEASE_MS, signal };
    const waited = await entrance.wait(projectId, request, patience);
    if (waited.grant) {
      const lock = await getLock(database, projectId, request.id);
      if (!lock) throw new SignalboxError('LOCK_LOST', { id: request.id, resource: request.resource });
      return { status: 'granted', lock };
    }
    if (forMs >= request.waitMs && !signal?.aborted && !entrance.closed) {
      await entrance.leave(projectId, request);
      throw entrance.timeout(request, waited.cause);
    }
    const queue = await waitersOf(database, projectId, request.resource, policy.ageingSeconds);
    const position = queue.find(({ requestId }) => requestId === request.id)?.position ?? queue.length + 1;
    return { status: 'queued', requestId: request.id, position };
  }

  async withdraw(projectId: string, requestId: string): Promise<boolean> {
    const verdict = await this.#parts.verbs.release({ projectId, id: requestId, token: null, resource: null });
    if (verdict.outcome === 'busy') throw new SignalboxError('LOCK_BUSY', { id: requestId });
    return verdict.outcome !== 'gone';
  }

  async renew(projectId: string, id: string, token: number, ttlMs: number | null): Promise<Lock> {
    const { database, observer, verbs } = this.#parts;
    if (ttlMs !== null && (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > MAX_TTL_MS)) {
      throw new SignalboxError('VALIDATION_FAILED', { reason: `ttlMs must be an integer between 1 and ${MAX_TTL_MS}` });
    }
    const renewal = await verbs.renew({ projectId, id, token, ttlMs });
    const lock = renewal && (await getLock(database, projectId, id));
    if (!lock) {
      observer.renewalFailed();
      throw new SignalboxError('LOCK_LOST', { id, resource: 'its resource' });
    }
    observer.renewed();
    return lock;
  }

  async release(projectId: string, id: string, token: number): Promise<boolean> {
    const verdict = await this.#parts.verbs.release({ projectId, id, token, resource: null });
    if (verdict.outcome === 'stale') throw new SignalboxError('LOCK_LOST', { id, resource: verdict.resource });
    if (verdict.outcome === 'busy') throw new SignalboxError('LOCK_BUSY', { id });
    if (verdict.outcome === 'gone') return false;
    this.#parts.observer.held(verdict.ms ?? 0);
    return true;
  }
}
