import { Batcher, type BatchObserver, type Outcome } from '../platform/batching/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { DeadlockWatch } from './deadlock-watch.ts';
import type { LockHints } from './lock-hints.ts';
import type { LockObserver } from './lock-observer.ts';
import type { LockRequest } from './lock-request.ts';
import {
  acquireBatch,
  type LockBatch,
  type LockVerdict,
  type LookCall,
  lookBatch,
  pollBatch,
  type ReleaseCall,
  type RenewCall,
  releaseBatch,
  renewBatch,
} from './lock-store.ts';

export interface LockVerbsOptions {
  database: Database;
  clock: Clock;
  hints: LockHints;
  observer: LockObserver;
  /** Seconds of waiting that count for one step of priority; null for strict priority. */
  ageing: number | null;
  batches?: BatchObserver | undefined;
  onError(error: unknown): void;
}

interface AcquireCall {
  projectId: string;
  request: LockRequest;
  leaseMs: number;
}

/** How long a renewal holds from when it was asked for. */
export interface Renewal {
  ms: number;
  renewalCount: number;
}

/**
 * The hot verbs on locks, each a set-based statement for all callers of a moment (design.md §4), and what follows from any of them: whoever was
 * served or lost its lock is told, and deadlocks are looked for.
 */
export class LockVerbs {
  readonly #database: Database;
  readonly #hints: LockHints;
  readonly #observer: LockObserver;
  readonly #ageing: number | null;
  readonly #watch: DeadlockWatch;
  readonly #acquires: Batcher<AcquireCall, LockVerdict>;
  readonly #polls: Batcher<{ projectId: string; id: string }, LockVerdict>;
  readonly #releases: Batcher<ReleaseCall, LockVerdict>;
  readonly #renewals: Batcher<RenewCall, Renewal | null>;
  readonly #looks: Batcher<LookCall, boolean>;

  constructor({ database, clock, hints, observer, ageing, batches, onError }: LockVerbsOptions) {
    this.#database = database;
    this.#hints = hints;
    this.#observer = observer;
    this.#ageing = ageing;
    this.#watch = new DeadlockWatch({
      database,
      clock,
      ageing,
      onError,
      onChanges: (changes) => this.changed(changes),
    });
    const common = batches ? { observer: batches } : {};
    const exclusive = ({ id }: { id: string }) => [id];
    this.#acquires = new Batcher<AcquireCall, LockVerdict>({
      verb: 'locks.acquire',
      exclusive: ({ request }) => [request.id],
      run: (calls) => this.#run(calls, acquireBatch(this.#database, calls, this.#ageing)),
      ...common,
    });
    this.#polls = new Batcher<{ projectId: string; id: string }, LockVerdict>({
      verb: 'locks.poll',
      exclusive,
      run: (calls) => this.#run(calls, pollBatch(this.#database, calls, this.#ageing)),
      ...common,
    });
    this.#releases = new Batcher<ReleaseCall, LockVerdict>({
      verb: 'locks.release',
      // Which of two locks is given back first is nobody's business; acquisitions keep their order.
      lanes: 2,
      exclusive,
      run: (calls) => this.#run(calls, releaseBatch(this.#database, calls, this.#ageing)),
      ...common,
    });
    this.#renewals = new Batcher<RenewCall, Renewal | null>({
      verb: 'locks.renew',
      exclusive,
      run: async (calls) => (await renewBatch(this.#database, calls)).map((value) => ({ value })),
      ...common,
    });
    this.#looks = new Batcher<LookCall, boolean>({
      verb: 'locks.look',
      run: async (calls) => (await lookBatch(this.#database, calls)).map((value) => ({ value })),
      ...common,
    });
  }

  /**
   * One attempt: granted, queued (where the request may wait), contended, ordered, or what became of the same request before.
   * @param leaseMs how long the caller stays in the queue without asking again
   * @throws OVERLOADED, DATABASE_UNAVAILABLE, OUTCOME_UNKNOWN (ask again with the same request)
   */
  async acquire(projectId: string, request: LockRequest, leaseMs: number): Promise<LockVerdict> {
    const verdict = await this.#acquires.call({ projectId, request, leaseMs });
    if (verdict.outcome === 'queued') this.#watch.suspect(projectId);
    return verdict;
  }

  /** Looks again for a queued request and says that its caller lives. */
  async poll(projectId: string, id: string): Promise<LockVerdict> {
    const verdict = await this.#polls.call({ projectId, id });
    if (verdict.outcome === 'queued') this.#watch.remind(projectId);
    return verdict;
  }

  release(call: ReleaseCall): Promise<LockVerdict> {
    return this.#releases.call(call);
  }

  /** Null when it is not held any more. */
  renew(call: RenewCall): Promise<Renewal | null> {
    return this.#renewals.call(call);
  }

  /** Whether it is still held; unlike a renewal this gives it no more time. */
  stillHeld(call: LookCall): Promise<boolean> {
    return this.#looks.call(call);
  }

  /** What follows from what a statement did beside answering its calls. Called after its commit. */
  changed(changes: readonly LockVerdict[]): void {
    if (changes.length === 0) return;
    for (const { outcome, ms, detail } of changes) {
      if (outcome === 'lost') {
        this.#observer.lost();
        this.#observer.held(ms ?? 0);
      }
      if (outcome === 'refused' && detail?.includes('LOCK_DEADLOCK')) this.#observer.deadlock();
    }
    signalFeed();
    this.#hints.tell(changes.filter(({ outcome }) => outcome !== 'abandoned').map(({ id }) => id));
  }

  /** Resolves once every call made so far has its answer. */
  async drain(): Promise<void> {
    const batchers = [this.#acquires, this.#polls, this.#releases, this.#renewals, this.#looks];
    await Promise.all(batchers.map((batcher) => batcher.drain()));
    await this.#watch.drain();
  }

  async #run(calls: readonly unknown[], batch: Promise<LockBatch>): Promise<Outcome<LockVerdict>[]> {
    const { verdicts, changes } = await batch;
    signalFeed();
    this.changed(changes);
    return calls.map((_, index) => {
      const verdict = verdicts[index];
      return verdict
        ? { value: verdict }
        : { error: new SignalboxError('REPOSITORY_ERROR', { reason: 'a lock batch answered too few calls' }) };
    });
  }
}
