import { Batcher, type BatchObserver } from '../platform/batching/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { type ClaimScope, claimReady, type ResumePlaces } from './claim-store.ts';
import type { Claim } from './task.ts';

interface Caller {
  agent: string;
  limit: number;
}

/** Most tasks of one statement; a call that wants more travels alone. */
const MAX_WEIGHT = 2_000;
/** How long claims may go on from where the last one got to, in milliseconds, before they look at everything again. */
const LOOK_AT_ALL_MS = 1_000;
/** Groups that are kept; those that nobody uses any more go first. */
const MAX_GROUPS = 1_000;

export interface ClaimGroupsOptions {
  /** Changes whenever older tasks may have come back to one of the queues. */
  timesBack(queues: readonly string[]): number;
  /** Told of the claims of each batch that made any. */
  onClaimed(projectId: string, claims: readonly Claim[]): void;
  observer?: BatchObserver;
}

/**
 * Batches claims: callers who ask for the same queues, types and abilities share one statement, and get what there is in
 * the order in which they asked.
 *
 * A group remembers how far it got in its queue and goes on from there. Rows that were claimed stay behind as dead weight
 * while some transaction might still see them; without the memory each claim would walk over all of them. What comes in
 * behind that place is found when it is announced (tasks that were given back or lost), as soon as the rest does not
 * suffice, and after a second at the latest (a commit that took long).
 */
export class ClaimGroups {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #options: ClaimGroupsOptions;
  readonly #groups = new Map<string, Batcher<Caller, Claim[]>>();

  constructor(database: Database, clock: Clock, options: ClaimGroupsOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#options = options;
  }

  /** @throws OVERLOADED, DATABASE_UNAVAILABLE, BATCHED_CALL_IN_TRANSACTION */
  claim(scope: ClaimScope, caller: Caller): Promise<Claim[]> {
    return this.#groupOf(scope).call(caller);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.drain()));
  }

  #groupOf(scope: ClaimScope): Batcher<Caller, Claim[]> {
    const { projectId, queues, types, able, leaseSeconds, prefetch = false } = scope;
    const key = JSON.stringify([projectId, queues, types, able, leaseSeconds, prefetch]);
    const known = this.#groups.get(key);
    const group = known ?? this.#newGroup({ projectId, queues, types, able, leaseSeconds, prefetch });
    // Set again: the map's order is that of use.
    this.#groups.delete(key);
    this.#groups.set(key, group);
    if (this.#groups.size > MAX_GROUPS) this.#forgetIdle();
    return group;
  }

  #newGroup(scope: ClaimScope): Batcher<Caller, Claim[]> {
    const { onClaimed, observer, timesBack } = this.#options;
    let places: ResumePlaces = new Map();
    let lookedAt = Number.NEGATIVE_INFINITY;
    let seenBack = 0;
    return new Batcher({
      verb: 'tasks.claim',
      maxBatch: 1_000,
      weigh: ({ limit }) => limit,
      maxBatchWeight: MAX_WEIGHT,
      ...(observer ? { observer } : {}),
      run: async (callers) => {
        const now = this.#clock.monotonic();
        const back = timesBack(scope.queues);
        const fresh = places.size > 0 && back === seenBack && now - lookedAt < LOOK_AT_ALL_MS;
        const all = scope.queues.length > 1 || !fresh;
        seenBack = back;
        if (all) lookedAt = now;
        const got = await claimReady(this.#database, scope, callers, all ? null : places);
        const wanted = callers.reduce((sum, { limit }) => sum + limit, 0);
        const found = got.claims.flat();
        places = found.length < wanted ? new Map() : got.places;
        if (found.length > 0) onClaimed(scope.projectId, found);
        return got.claims.map((value) => ({ value }));
      },
    });
  }

  #forgetIdle(): void {
    for (const [key, group] of this.#groups) {
      if (this.#groups.size <= MAX_GROUPS) return;
      if (group.idle) this.#groups.delete(key);
    }
  }
}
