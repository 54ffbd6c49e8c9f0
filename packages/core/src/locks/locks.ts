import { recordAudit } from '../audit/index.ts';
import type { BatchObserver } from '../platform/batching/index.ts';
import type { Bus } from '../platform/bus/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { AcquireLock, Grant, Lock, LockInfo, LockStats } from './lock.ts';
import { belongingsOf, type LockParty } from './lock-belongings-store.ts';
import { LockEntrance } from './lock-entrance.ts';
import type { LockHandle } from './lock-handle.ts';
import { LockHints } from './lock-hints.ts';
import { LockKeeper } from './lock-keeper.ts';
import {
  busiestResources,
  countByProject,
  countLocks,
  getLock,
  holdersOf,
  pageLocks,
  waitersOf,
} from './lock-list-store.ts';
import { type LockObserver, SILENT_OBSERVER } from './lock-observer.ts';
import { DEFAULT_LOCK_POLICY, type LockPolicy, type LockRequest, lockRequest } from './lock-request.ts';
import {
  type LockBatch,
  type LockVerdict,
  moveHoldings,
  refuseRequests,
  releaseBatch,
  sweepLocks,
} from './lock-store.ts';
import { LockVerbs } from './lock-verbs.ts';
import { WAITER_LEASE_MS, type Waited } from './lock-waiting.ts';
import { type LockAnswer, RemoteLocks } from './remote-locks.ts';
import { compareNames } from './resource-name.ts';

export interface LocksOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  logger: Logger;
  policy?: Partial<LockPolicy> | undefined;
  observer?: LockObserver | undefined;
  batches?: BatchObserver | undefined;
}

export type AcquireOptions = Omit<AcquireLock, 'resource'> & {
  /** Gives up waiting; the queue entry goes with it (ORC-168). */
  signal?: AbortSignal;
  /** How often the handle renews, in milliseconds; default a third of `ttlMs`, which it must stay below. Null: not at all (ORC-178). */
  renewEveryMs?: number | null;
};

/** Resources told one by one in the statistics. */
const RESOURCES_SHOWN = 100;
const SWEPT_AT_ONCE = 200;
const PROJECTS = 100;

/**
 * Named locks: fair, reentrant, hierarchical, with fencing tokens (ORC-158…192).
 *
 * - `repo` excludes `repo/a` and the other way round; shared locks exclude only exclusive ones.
 * - Granted by priority, then arrival. Nobody overtakes an equal or higher waiter; priority is strict unless ageing is set, so that
 *   low ones may starve under a steady stream of high ones (ORC-175).
 * - Time is the database's, so that hosts whose clocks differ change nothing.
 * - A lock is lost when it is not renewed in time. Its handle says so; a store that must be sure asks `assertLockHeld`.
 */
export class Locks {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #logger: Logger;
  readonly #policy: LockPolicy;
  readonly #hints: LockHints;
  readonly #verbs: LockVerbs;
  readonly #keeper: LockKeeper;
  readonly #entrance: LockEntrance;
  readonly #remote: RemoteLocks;
  readonly #waiting = new Set<Promise<Grant>>();

  constructor({ database, bus, clock, ids, logger, policy, observer = SILENT_OBSERVER, batches }: LocksOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#ids = ids;
    this.#logger = logger;
    this.#policy = { ...DEFAULT_LOCK_POLICY, ...policy };
    this.#hints = new LockHints(bus);
    this.#verbs = new LockVerbs({
      database,
      clock,
      hints: this.#hints,
      observer,
      ageing: this.#policy.ageingSeconds,
      batches,
      onError: (error) => logger.warn({ err: error }, 'the search for deadlocks failed'),
    });
    this.#keeper = new LockKeeper({
      clock,
      verbs: this.#verbs,
      hints: this.#hints,
      observer,
      onError: (error, handle) =>
        logger.warn(
          { err: error, lockId: handle.id, resource: handle.resource },
          'the store could not be asked about a lock; trying again',
        ),
    });
    this.#entrance = new LockEntrance({
      clock,
      verbs: this.#verbs,
      hints: this.#hints,
      observer,
      logger,
      onDisorder: ({ resource, owner }, greater) =>
        logger.warn(
          { resource, owner, greater },
          'a lock is acquired out of the order of names, which risks deadlocks',
        ),
    });
    this.#remote = new RemoteLocks({
      database,
      ids,
      policy: this.#policy,
      observer,
      verbs: this.#verbs,
      entrance: this.#entrance,
    });
  }

  /**
   * Acquires a lock and keeps it renewed until it is released through the handle; waits for it up to `waitMs`.
   *
   * @throws LOCK_TIMEOUT (waited in vain), LOCK_CONTENDED (`waitMs` 0), LOCK_DEADLOCK, LOCK_ORDER, LOCK_WITHDRAWN, VALIDATION_FAILED,
   *   DATABASE_UNAVAILABLE, OUTCOME_UNKNOWN, OVERLOADED, STOPPING; the reason of the signal when it aborts
   */
  async acquire(projectId: string, resource: string, options: AcquireOptions = {}): Promise<LockHandle> {
    const { signal, renewEveryMs, ...rest } = options;
    const request = lockRequest({ ...rest, resource }, this.#policy, this.#ids);
    const everyMs = renewEveryMs === undefined ? request.ttlMs / 3 : renewEveryMs;
    if (everyMs !== null && !(everyMs > 0 && everyMs < request.ttlMs)) {
      const reason = `renewEveryMs must lie between 0 and the ttl of ${request.ttlMs} ms, not ${everyMs}`;
      throw new SignalboxError('VALIDATION_FAILED', { reason });
    }
    const grant = await this.#acquire(projectId, request, signal);
    return this.#keeper.keep(projectId, grant, request.ttlMs, everyMs);
  }

  /** One attempt that leaves no queue entry; null when somebody else has it (ORC-167). @throws as {@link Locks.acquire} */
  async tryAcquire(
    projectId: string,
    resource: string,
    options: Omit<AcquireOptions, 'waitMs'> = {},
  ): Promise<LockHandle | null> {
    try {
      return await this.acquire(projectId, resource, { ...options, waitMs: 0 });
    } catch (error) {
      if (SignalboxError.is(error, 'LOCK_CONTENDED')) return null;
      throw error;
    }
  }

  /**
   * Acquires several locks in the order of their names, so that callers cannot wait for each other in a circle (ORC-184). All or none.
   * `waitMs` is for all of them together. @throws as {@link Locks.acquire}
   */
  async acquireAll(
    projectId: string,
    resources: readonly string[],
    options: AcquireOptions = {},
  ): Promise<LockHandle[]> {
    const { requestId: _, ...rest } = options;
    const owner = options.owner ?? this.#ids.uuid();
    const until = options.waitMs === undefined ? null : this.#clock.monotonic() + options.waitMs;
    // Whoever would wait has waited in vain at the end, also where the first locks took all the time there was.
    const least = options.waitMs === 0 ? 0 : 1;
    const handles: LockHandle[] = [];
    try {
      for (const resource of [...new Set(resources)].sort(compareNames)) {
        const left = until === null ? {} : { waitMs: Math.max(least, Math.round(until - this.#clock.monotonic())) };
        handles.push(await this.acquire(projectId, resource, { ...rest, owner, ...left }));
      }
      return handles;
    } catch (error) {
      for (const handle of handles.reverse()) await this.#giveBack(handle);
      throw error;
    }
  }

  /**
   * Runs `work` under a lock and releases it whatever comes of it (ORC-182). The work gets the token and a signal that aborts when the
   * lock is lost. @throws as {@link Locks.acquire}, without running the work; and LOCK_LOST when the lock was lost under it
   */
  async withLock<T>(
    projectId: string,
    resource: string,
    work: (lock: { token: number; signal: AbortSignal; handle: LockHandle }) => Promise<T>,
    options: AcquireOptions = {},
  ): Promise<T> {
    const handle = await this.acquire(projectId, resource, options);
    let result: T;
    try {
      result = await work({ token: handle.token, signal: handle.signal, handle });
      handle.assertHeld();
    } catch (error) {
      await this.#giveBack(handle);
      throw error;
    }
    await this.#giveBack(handle);
    return result;
  }

  /**
   * For callers without a handle (HTTP): acquires or queues, and waits here up to `forMs`. Ask again with the same `requestId` to go on
   * waiting: the place in the queue is kept for 15 s. The caller renews and releases by id and token.
   * @throws as {@link Locks.acquire}
   */
  request(
    projectId: string,
    input: AcquireLock,
    options: { forMs: number; signal?: AbortSignal },
  ): Promise<LockAnswer> {
    return this.#remote.request(projectId, input, options);
  }

  /** Takes a request out of its queue, or gives back what it was granted meanwhile. False when there is nothing of it. @throws LOCK_BUSY */
  withdraw(projectId: string, requestId: string): Promise<boolean> {
    return this.#remote.withdraw(projectId, requestId);
  }

  /** Renews by id and token, for the time it was acquired for or another one (ms). @throws LOCK_LOST, VALIDATION_FAILED */
  renew(projectId: string, id: string, token: number, ttlMs: number | null = null): Promise<Lock> {
    return this.#remote.renew(projectId, id, token, ttlMs);
  }

  /** Releases by id and token; false when it was gone already. @throws LOCK_LOST (the token is another's), LOCK_BUSY */
  release(projectId: string, id: string, token: number): Promise<boolean> {
    return this.#remote.release(projectId, id, token);
  }

  /**
   * Takes a lock from whoever holds it: an operator's decision, audited with its reason. Its handle becomes lost. A protected write that is
   * just being committed may end; nobody else gets the lock before that. @throws LOCK_NOT_FOUND, VALIDATION_FAILED (no reason)
   */
  async forceRelease(
    projectId: string,
    id: string,
    { actor, reason }: { actor: string; reason: string },
  ): Promise<Lock> {
    if (reason.trim() === '')
      throw new SignalboxError('VALIDATION_FAILED', { reason: 'a forced release needs a reason' });
    return this.#database.transaction(
      async (tx) => {
        const lock = await getLock(tx, projectId, id);
        if (!lock) throw new SignalboxError('LOCK_NOT_FOUND', { id });
        const { resource, owner, token } = lock;
        const batch = await releaseBatch(tx, [{ projectId, id, token, resource }], this.#policy.ageingSeconds, true);
        if (batch.verdicts[0]?.outcome === 'gone') throw new SignalboxError('LOCK_NOT_FOUND', { id });
        await recordAudit(
          tx,
          projectId,
          {
            actor,
            action: 'lock.force_release',
            subjectType: 'lock',
            subjectId: id,
            details: {
              resource,
              owner,
              token,
              reason: reason.trim(),
              agentId: lock.agentId,
              sessionId: lock.sessionId,
            },
          },
          this.#ids,
        );
        this.#afterCommit(tx, batch, [id]);
        return lock;
      },
      { retries: 3 },
    );
  }

  /**
   * Releases all that an agent, a session or a task holds, and withdraws what it waits for, in the caller's transaction: both or neither.
   * Keeps the domains concerned to itself until that ends, so it belongs near the end. Answers the resources.
   */
  async releaseFor(tx: Transaction, projectId: string, party: LockParty): Promise<string[]> {
    const { holdings, requests } = await belongingsOf(tx, projectId, party);
    const ageing = this.#policy.ageingSeconds;
    const refused = await this.#withdrawAll(tx, projectId, requests, 'what it was for has ended');
    const calls = holdings.map((id) => ({ projectId, id, token: null, resource: null }));
    const batch = calls.length > 0 ? await releaseBatch(tx, calls, ageing, true) : { verdicts: [], changes: [] };
    this.#afterCommit(tx, { ...batch, changes: [...refused, ...batch.changes] }, holdings);
    return batch.verdicts.flatMap((verdict) => (verdict && verdict.outcome !== 'gone' ? (verdict.resource ?? []) : []));
  }

  /**
   * Gives all that a session holds to another owner in the caller's transaction, with new tokens: the old holder is refused from then on,
   * also where it is stopped in the middle of a write. What it waits for is withdrawn. Answers the locks as they are now.
   * @throws LOCK_BUSY: a write under one of them did not end within two seconds; try the transaction again
   */
  async handOver(
    tx: Transaction,
    projectId: string,
    sessionId: string,
    to: { owner: string; agentId?: string | null },
  ): Promise<Grant[]> {
    const { holdings, requests } = await belongingsOf(tx, projectId, { sessionId });
    const refused = await this.#withdrawAll(tx, projectId, requests, 'the session was handed over');
    const moved =
      holdings.length > 0
        ? await moveHoldings(tx, projectId, holdings, { owner: to.owner, agentId: to.agentId ?? null })
        : [];
    this.#afterCommit(tx, { verdicts: [], changes: refused }, holdings);
    if (moved.some(({ outcome }) => outcome === 'busy')) throw new SignalboxError('LOCK_BUSY', { id: holdings[0] });
    const grants: Grant[] = [];
    for (const { id, token, ms } of moved) {
      const lock = await getLock(tx, projectId, id);
      if (!lock || token === null) continue;
      grants.push({ id, resource: lock.resource, owner: lock.owner, mode: lock.mode, token, remainingMs: ms ?? 0 });
    }
    return grants;
  }

  /** Keeps a lock alive that was handed over to this process. */
  adopt(projectId: string, grant: Grant, ttlMs: number): LockHandle {
    return this.#keeper.keep(projectId, grant, ttlMs, ttlMs / 3);
  }

  /** @throws LOCK_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Lock> {
    const lock = await getLock(this.#database, projectId, id);
    if (!lock) throw new SignalboxError('LOCK_NOT_FOUND', { id });
    return lock;
  }

  /** @throws what `pageLocks` throws */
  list(projectId: string, query: ListQuery = {}): Promise<Page<Lock>> {
    return pageLocks(this.#database, projectId, query);
  }

  /** Everything about one resource; null when it is neither held nor waited for (ORC-188). */
  async info(projectId: string, resource: string): Promise<LockInfo | null> {
    const holders = await holdersOf(this.#database, projectId, resource);
    const waiters = await waitersOf(this.#database, projectId, resource, this.#policy.ageingSeconds);
    if (holders.length === 0 && waiters.length === 0) return null;
    const locked = holders.some((holder) => holder.resource === resource && holder.state === 'held');
    return { resource, locked, holders, waiters, timestamp: this.#clock.now().toISOString() };
  }

  /** ORC-189. */
  async stats(projectId: string): Promise<LockStats> {
    const { total, active, waiting } = await countLocks(this.#database, projectId);
    const resources = await busiestResources(this.#database, projectId, RESOURCES_SHOWN);
    return { totalLocks: total, activeLocks: active, waiting, resources, timestamp: this.#clock.now().toISOString() };
  }

  /** Held and queued by project, for metrics (ORC-192). */
  counts(): Promise<{ project: string; held: number; queued: number }[]> {
    return countByProject(this.#database, PROJECTS);
  }

  /**
   * Takes away what died in any project, whoever left it: holdings that were not renewed, waiters that stopped asking (ORC-190).
   * What one round meets that fails does not keep the next from being tried. @throws DATABASE_UNAVAILABLE
   */
  async sweep(): Promise<{ cleaned: number; timestamp: string }> {
    let cleaned = 0;
    for (;;) {
      const changes = await sweepLocks(this.#database, SWEPT_AT_ONCE, this.#policy.ageingSeconds);
      this.#verbs.changed(changes);
      const gone = changes.filter(({ outcome }) => outcome === 'lost' || outcome === 'abandoned').length;
      cleaned += gone;
      if (gone < SWEPT_AT_ONCE) return { cleaned, timestamp: this.#clock.now().toISOString() };
    }
  }

  /** Lets everybody who waits here stop waiting: callers without a handle are told their place in the queue. Idempotent. */
  endWaiting(): void {
    this.#entrance.close();
  }

  /** Ends waiting, gives back all that this process holds, at once, and logs what could not be (ORC-191). Idempotent. */
  async close(): Promise<void> {
    this.endWaiting();
    await Promise.allSettled(this.#waiting);
    for (const { handle, error } of await this.#keeper.releaseAll()) {
      this.#logger.warn(
        { err: error, resource: handle.resource, lockId: handle.id },
        'a lock could not be released; it ends with its time',
      );
    }
    await this.#verbs.drain();
    this.#hints.close();
  }

  async #acquire(projectId: string, request: LockRequest, signal: AbortSignal | undefined): Promise<Grant> {
    signal?.throwIfAborted();
    const waiting = this.#grantOf(projectId, request, signal);
    this.#waiting.add(waiting);
    try {
      return await waiting;
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Whatever goes wrong, nothing of the request stays behind (ORC-168, ORC-170). */
  async #grantOf(projectId: string, request: LockRequest, signal: AbortSignal | undefined): Promise<Grant> {
    let waited: Waited;
    try {
      waited = await this.#entrance.wait(projectId, request, {
        forMs: request.waitMs,
        leaseMs: WAITER_LEASE_MS,
        signal,
      });
    } catch (error) {
      if (!isRefusal(error)) await this.#entrance.leave(projectId, request);
      throw error;
    }
    if (waited.grant) return waited.grant;
    await this.#entrance.leave(projectId, request);
    signal?.throwIfAborted();
    if (!this.#entrance.closed) throw this.#entrance.timeout(request, waited.cause);
    throw new SignalboxError('LOCK_WITHDRAWN', { resource: request.resource, reason: 'this process is stopping' });
  }

  async #giveBack(handle: LockHandle): Promise<void> {
    try {
      await handle.release();
    } catch (error) {
      this.#logger.warn(
        { err: error, resource: handle.resource, lockId: handle.id },
        'a lock could not be released; it ends with its time',
      );
    }
  }

  async #withdrawAll(
    tx: Transaction,
    projectId: string,
    requests: readonly string[],
    reason: string,
  ): Promise<LockVerdict[]> {
    if (requests.length === 0) return [];
    return refuseRequests(tx, projectId, requests, { code: 'LOCK_WITHDRAWN', reason }, this.#policy.ageingSeconds);
  }

  #afterCommit(tx: Transaction, { changes }: LockBatch, touched: readonly string[]): void {
    tx.afterCommit(() => {
      signalFeed();
      this.#verbs.changed(changes);
      this.#hints.tell(touched);
    });
  }
}

/** What the store answered itself: it has kept nothing. */
function isRefusal(error: unknown): boolean {
  const codes = [
    'LOCK_CONTENDED',
    'LOCK_ORDER',
    'LOCK_DEADLOCK',
    'LOCK_WITHDRAWN',
    'LOCK_ID_TAKEN',
    'LOCK_LOST',
  ] as const;
  return codes.some((code) => SignalboxError.is(error, code));
}
