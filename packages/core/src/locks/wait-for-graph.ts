import { covers, overlaps } from './resource-name.ts';

/** A request in a queue, as the wait-for graph sees it. */
export interface WaitingRequest {
  id: string;
  owner: string;
  resource: string;
  shared: boolean;
  /** Its owner holds something that overlaps: it goes before all others. */
  upgrade: boolean;
  priority: number;
  /** What the priority counts for just now; above it where ageing is on. */
  rank: number;
  arrival: number;
}

export interface StandingHold {
  owner: string;
  resource: string;
  shared: boolean;
}

/** A request that has to be given up so that the others of its cycle can go on. */
export interface Victim {
  id: string;
  /** The owners that wait for each other, the victim's first. */
  cycle: string[];
}

/** One owner waits for another by a request of its own. */
interface Wait {
  request: WaitingRequest;
  on: string;
}

/**
 * The requests to give up so that nobody waits for itself: one per cycle of owners, by the rule "lowest priority, then
 * youngest". An owner waits for the holders in its way, and for those that conflict with it ahead in the queue. The same
 * state gives the same victims whoever looks.
 */
export function findVictims(requests: readonly WaitingRequest[], holds: readonly StandingHold[]): Victim[] {
  const victims: Victim[] = [];
  let left = [...requests].sort(inQueueOrder);
  for (;;) {
    const cycle = findCycle(waitsOf(left, holds));
    if (!cycle) return victims;
    const [victim] = cycle.map(({ request }) => request).sort(expendableFirst);
    if (!victim) return victims;
    const at = cycle.findIndex(({ request }) => request === victim);
    const owners = cycle.map(({ request }) => request.owner);
    victims.push({ id: victim.id, cycle: [...owners.slice(at), ...owners.slice(0, at)] });
    left = left.filter((request) => request !== victim);
  }
}

/** First those that are served first (ORC-172). */
export function inQueueOrder(a: WaitingRequest, b: WaitingRequest): number {
  return Number(b.upgrade) - Number(a.upgrade) || b.rank - a.rank || a.arrival - b.arrival;
}

function expendableFirst(a: WaitingRequest, b: WaitingRequest): number {
  return a.priority - b.priority || b.arrival - a.arrival;
}

interface Claim {
  owner: string;
  resource: string;
  shared: boolean;
}

function conflict(a: Claim, b: Claim): boolean {
  return a.owner !== b.owner && !(a.shared && b.shared) && overlaps(a.resource, b.resource);
}

/** @param requests in the order of the queue */
function waitsOf(requests: readonly WaitingRequest[], holds: readonly StandingHold[]): Map<string, Wait[]> {
  const waits = new Map<string, Wait[]>();
  const holdsByDomain = Map.groupBy(holds, domainOf);
  for (const queue of Map.groupBy(requests, domainOf).values()) {
    for (const [place, request] of queue.entries()) {
      const found: Wait[] = [];
      for (const hold of holdsByDomain.get(domainOf(request)) ?? []) {
        if (conflict(hold, request)) found.push({ request, on: hold.owner });
      }
      for (let ahead = place - 1; ahead >= 0; ahead -= 1) {
        const other = queue[ahead];
        if (!other || !conflict(other, request)) continue;
        found.push({ request, on: other.owner });
        // Whatever conflicts with us further ahead conflicts with this one too: it is reached through it.
        if (!other.shared && covers(other.resource, request.resource)) break;
      }
      waits.set(request.owner, [...(waits.get(request.owner) ?? []), ...found]);
    }
  }
  for (const found of waits.values()) found.sort(inOneOrder);
  return waits;
}

/** Rows come in any order; the walk must not depend on it. */
function inOneOrder(a: Wait, b: Wait): number {
  return a.on < b.on ? -1 : a.on > b.on ? 1 : a.request.arrival - b.request.arrival;
}

function domainOf({ resource }: { resource: string }): string {
  return resource.split('/', 1)[0] ?? '';
}

/** A cycle of waits, the same one for the same graph; null when there is none. Iterative: chains may be long. */
function findCycle(waits: ReadonlyMap<string, Wait[]>): Wait[] | null {
  const done = new Set<string>();
  for (const start of [...waits.keys()].sort()) {
    const path: { owner: string; waits: Wait[]; at: number }[] = [];
    const onPath = new Map<string, number>();
    const enter = (owner: string) => {
      onPath.set(owner, path.length);
      path.push({ owner, waits: waits.get(owner) ?? [], at: 0 });
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const wait = top.waits[top.at];
      if (!wait) {
        path.pop();
        onPath.delete(top.owner);
        done.add(top.owner);
        continue;
      }
      const since = onPath.get(wait.on);
      if (since !== undefined) return path.slice(since).flatMap((step) => step.waits[step.at] ?? []);
      // The step stays at the wait by which it went on, and passes it when it comes back to find its owner done.
      if (done.has(wait.on)) top.at += 1;
      else enter(wait.on);
    }
  }
  return null;
}
