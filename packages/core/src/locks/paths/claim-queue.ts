import { type ClaimMode, type ClaimPath, covers } from './claim-path.ts';
import type { PathClaim } from './path-claim.ts';
import { overlaps } from './path-overlap.ts';

/** What the queue needs to know of a claim. */
export type QueuedClaim = Pick<
  PathClaim,
  'id' | 'sessionId' | 'paths' | 'mode' | 'status' | 'origin' | 'priority' | 'arrival'
>;

/** Those who stand in a claim's way: holders of what overlaps, and waiters for it that come before. */
export function blockersOf<C extends QueuedClaim>(claim: QueuedClaim, all: readonly C[]): C[] {
  if (isCovered(claim, all)) return [];
  const direct = all.filter((other) => standsBefore(other, claim));
  const ahead = direct.filter((other) => other.status === 'waiting');
  if (ahead.length === 0) return direct;
  // A waiter that itself waits for this session cannot be served before it, so to go ahead of it takes nothing from it;
  // to wait for it would be a deadlock that nobody asked for.
  const waitsForUs = sessionsWaitingFor(
    claim.sessionId,
    all.filter((other) => other.id !== claim.id),
  );
  return direct.filter((other) => other.status === 'held' || !waitsForUs.has(other.sessionId));
}

/** A deadlock: sessions in a circle, each waiting for the next, and the claim that is given up to open it. */
export interface Deadlock<C> {
  victim: C;
  cycle: string[];
}

/** What is due in a queue: claims that are granted now, in this order, and those that are given up. */
export interface Advance<C> {
  granted: C[];
  deadlocks: Deadlock<C>[];
}

/**
 * Serves whoever can be served, in the order of the queue, and opens every circle of sessions that wait for each other. A
 * circle may be closed by a newcomer, and also by a grant: to a session that others were let ahead of.
 */
export function advance<C extends QueuedClaim>(all: readonly C[]): Advance<C> {
  const granted: C[] = [];
  const deadlocks: Deadlock<C>[] = [];
  for (let now: C[] = [...all]; ; ) {
    const first = now
      .filter((claim) => claim.status === 'waiting')
      .sort(inOrder)
      .find((claim) => blockersOf(claim, now).length === 0);
    if (first) {
      granted.push(first);
      now = now.map((one) => (one.id === first.id ? { ...one, status: 'held' } : one));
      continue;
    }
    const found = deadlockIn(now);
    if (!found) return { granted, deadlocks };
    deadlocks.push(found);
    now = now.filter(({ id }) => id !== found.victim.id);
  }
}

/**
 * A circle of sessions, if there is one, with its one victim: of the claims by which they wait for each other the least
 * urgent, and of these the youngest (ORC-183). Claims for the duration of one call are not waited for in this sense: they
 * end by themselves.
 */
export function deadlockIn<C extends QueuedClaim>(all: readonly C[]): Deadlock<C> | null {
  const waits = waitingFor(all);
  for (const session of waits.keys()) {
    const cycle = circleThrough(session, waits);
    if (!cycle) continue;
    const edges = cycle.map((from, index) => [from, cycle[(index + 1) % cycle.length] as string] as const);
    const candidates = edges.flatMap(([from, to]) => [...(waits.get(from)?.get(to) ?? [])]);
    const [victim] = candidates.sort((a, b) => inOrder(b, a));
    if (victim) return { victim, cycle };
  }
  return null;
}

/** Whether the session's own claims give it all that is asked for. */
export function isCovered(
  claim: Pick<QueuedClaim, 'id' | 'sessionId' | 'paths' | 'mode'>,
  all: readonly QueuedClaim[],
): boolean {
  const own = all.filter(
    ({ id, sessionId, status, mode }) =>
      id !== claim.id && sessionId === claim.sessionId && status === 'held' && suffices(mode, claim.mode),
  );
  return (
    own.length > 0 && claim.paths.every((path) => own.some(({ paths }) => paths.some((held) => covers(held, path))))
  );
}

/** Priority first (lower is more urgent), then arrival. */
export function inOrder(a: QueuedClaim, b: QueuedClaim): number {
  return a.priority - b.priority || a.arrival - b.arrival;
}

function suffices(held: ClaimMode, wanted: ClaimMode): boolean {
  return held === 'exclusive' || wanted === 'shared';
}

function standsBefore(other: QueuedClaim, claim: QueuedClaim): boolean {
  if (other.id === claim.id || other.sessionId === claim.sessionId) return false;
  if (other.mode === 'shared' && claim.mode === 'shared') return false;
  const before = other.status === 'held' || (other.status === 'waiting' && inOrder(other, claim) < 0);
  return before && anyOverlap(other.paths, claim.paths);
}

export function anyOverlap(some: readonly ClaimPath[], others: readonly ClaimPath[]): boolean {
  return some.some((one) => others.some((other) => overlaps(one, other)));
}

/** session → session it waits for → the claims by which it does. */
type Waits<C> = Map<string, Map<string, Set<C>>>;

function waitingFor<C extends QueuedClaim>(all: readonly C[]): Waits<C> {
  const waits: Waits<C> = new Map();
  for (const claim of all) {
    if (claim.status !== 'waiting') continue;
    for (const blocker of blockersOf(claim, all)) {
      if (blocker.origin === 'call' && blocker.status === 'held') continue;
      const from = waits.get(claim.sessionId) ?? new Map<string, Set<C>>();
      waits.set(claim.sessionId, from);
      from.set(blocker.sessionId, (from.get(blocker.sessionId) ?? new Set()).add(claim));
    }
  }
  return waits;
}

/** Sessions that wait for `sessionId`, or for one that does. */
function sessionsWaitingFor(sessionId: string, all: readonly QueuedClaim[]): Set<string> {
  const waiting = all.filter(({ status }) => status === 'waiting');
  const found = new Set([sessionId]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const claim of waiting) {
      if (found.has(claim.sessionId) || isCovered(claim, all)) continue;
      if (!all.some((other) => found.has(other.sessionId) && standsBefore(other, claim))) continue;
      found.add(claim.sessionId);
      grown = true;
    }
  }
  found.delete(sessionId);
  return found;
}

/** The sessions of a circle through `start`, from it onwards; null where there is none. */
function circleThrough<C>(start: string, waits: Waits<C>): string[] | null {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const next of waits.get(at)?.keys() ?? []) {
      if (next === start) {
        const cycle = [at];
        for (let back = at; back !== start; ) {
          back = cameFrom.get(back) as string;
          cycle.unshift(back);
        }
        return cycle;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, at);
        open.push(next);
      }
    }
  }
  return null;
}
