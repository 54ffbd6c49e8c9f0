/**
 * What processes saw of locks, written down as it happened. Times are of the machine's monotonic clock, in milliseconds, and so comparable
 * between its processes.
 */
export type LockEvent =
  /** A request for an exclusive lock was made. */
  | { kind: 'asked'; at: number; worker: string; id: string; resource: string; priority: number; waitMs: number }
  | { kind: 'granted'; at: number; worker: string; id: string; resource: string; token: number }
  /** The handle said at this moment that it is held. */
  | { kind: 'held'; at: number; worker: string; id: string }
  /** The request came to nothing, or the release was answered. */
  | { kind: 'failed'; at: number; worker: string; id: string; code: string }
  | { kind: 'released'; at: number; worker: string; id: string; free: boolean }
  /** The worker was killed; nothing that it had open ends any more. */
  | { kind: 'died'; at: number; worker: string }
  /** The queue of a resource as it stood at one moment, and who held it. */
  | {
      kind: 'queue';
      at: number;
      resource: string;
      waiting: { id: string; priority: number; arrival: number }[];
      holding: { id: string; token: number }[];
    };

/** A protected write that was let through, in the order in which the store took them. */
export interface LockEffect {
  resource: string;
  token: number;
}

interface Attempt {
  id: string;
  worker: string;
  resource: string;
  askedAt: number;
  waitMs: number;
  granted: { at: number; token: number } | null;
  /** The tokens with which it was seen to hold, also where its process stood still, never heard of it, and lined up again. */
  seenTokens: number[];
  lastHeldAt: number | null;
  lastWaitingAt: number;
  /** When its caller knew that it was over, one way or another. */
  endedAt: number | null;
  diedAt: number | null;
}

/** How much longer than its patience a request may take before it counts as lost. */
const GRACE_MS = 20_000;

/**
 * What is wrong with a history of exclusive locks; nothing if it could have come from a mutex whose every grant took one moment between
 * its call and its answer, that serves by priority and then arrival, and whose tokens only grow:
 *
 * - no two were held at once, as far as their handles said so;
 * - tokens are unique per resource, and greater for whoever asked after another was granted;
 * - of two that stood in one queue, the one behind was not served before the one ahead of it, unless that had left;
 * - writes under a lock were taken in the order of their tokens;
 * - each request of a process that lives has ended.
 */
export function checkHistory(events: readonly LockEvent[], effects: readonly LockEffect[]): string[] {
  const attempts = collect(events);
  const byResource = Map.groupBy(attempts.values(), ({ resource }) => resource);
  const problems: string[] = [];
  for (const [resource, all] of byResource) {
    const grants = all.flatMap((attempt) => (attempt.granted ? [{ ...attempt, granted: attempt.granted }] : []));
    grants.sort((a, b) => a.granted.token - b.granted.token);
    for (const [index, later] of grants.entries()) {
      const earlier = grants[index - 1];
      if (!earlier) continue;
      if (earlier.granted.token === later.granted.token)
        problems.push(`${resource}: token ${later.granted.token} was granted twice`);
    }
    problems.push(...exclusion(resource, grants), ...realTime(resource, grants));
  }
  problems.push(...fairness(events, attempts), ...writes(effects, byResource), ...endings(events, attempts));
  return problems;
}

type Granted = Attempt & { granted: { at: number; token: number } };

function collect(events: readonly LockEvent[]): Map<string, Attempt> {
  const attempts = new Map<string, Attempt>();
  for (const event of events) {
    if (event.kind === 'asked') {
      const { id, worker, resource, at, waitMs } = event;
      const open = { granted: null, seenTokens: [], lastHeldAt: null, lastWaitingAt: at, endedAt: null, diedAt: null };
      attempts.set(id, { id, worker, resource, askedAt: at, waitMs, ...open });
    } else if (event.kind === 'died') {
      for (const attempt of attempts.values())
        if (attempt.worker === event.worker && attempt.endedAt === null) attempt.diedAt = event.at;
    } else if (event.kind === 'queue') {
      for (const { id } of event.waiting) {
        const attempt = attempts.get(id);
        if (attempt) attempt.lastWaitingAt = event.at;
      }
      for (const { id, token } of event.holding) {
        attempts.get(id)?.seenTokens.push(token);
      }
    } else {
      const attempt = attempts.get(event.id);
      if (!attempt) continue;
      if (event.kind === 'granted') attempt.granted = { at: event.at, token: event.token };
      else if (event.kind === 'held') attempt.lastHeldAt = event.at;
      else attempt.endedAt = event.at;
    }
  }
  return attempts;
}

function exclusion(resource: string, grants: readonly Granted[]): string[] {
  const spans = grants
    .flatMap(({ id, granted, lastHeldAt }) => (lastHeldAt === null ? [] : [{ id, from: granted.at, to: lastHeldAt }]))
    .sort((a, b) => a.from - b.from);
  const problems: string[] = [];
  let last = spans[0];
  for (const span of spans.slice(1)) {
    if (last && span.from < last.to) problems.push(`${resource}: ${last.id} and ${span.id} were held at once`);
    if (!last || span.to > last.to) last = span;
  }
  return problems;
}

/** @param grants by token */
function realTime(resource: string, grants: readonly Granted[]): string[] {
  const problems: string[] = [];
  // The earliest answer among all greater tokens: whoever asked after it must not have a smaller one.
  let earliest: Granted | null = null;
  for (const grant of [...grants].reverse()) {
    if (earliest && grant.askedAt > earliest.granted.at) {
      problems.push(
        `${resource}: ${grant.id} asked after ${earliest.id} was granted ${earliest.granted.token}, and got ${grant.granted.token}`,
      );
    }
    if (!earliest || grant.granted.at < earliest.granted.at) earliest = grant;
  }
  return problems;
}

function fairness(events: readonly LockEvent[], attempts: ReadonlyMap<string, Attempt>): string[] {
  const problems = new Set<string>();
  const arrivals = new Map<string, number>();
  const twice = new Set<string>();
  const queues = events.filter((event) => event.kind === 'queue');
  for (const { waiting } of queues) {
    for (const { id, arrival } of waiting) {
      // A process that was stopped for longer than its lease lines up again, behind.
      if ((arrivals.get(id) ?? arrival) !== arrival) twice.add(id);
      arrivals.set(id, arrival);
    }
  }
  for (const { resource, waiting } of queues) {
    const order = waiting
      .filter(({ id }) => !twice.has(id))
      .sort((a, b) => b.priority - a.priority || a.arrival - b.arrival)
      .flatMap(({ id }) => attempts.get(id) ?? []);
    for (const [place, behind] of order.entries()) {
      for (const ahead of order.slice(0, place)) {
        const [before, after] = [tokenOf(ahead, 'first'), tokenOf(behind, 'last')];
        if (after === null) continue;
        const overtaken =
          before === null ? ahead.lastWaitingAt > (behind.granted?.at ?? Number.POSITIVE_INFINITY) : before > after;
        if (overtaken) problems.add(`${resource}: ${behind.id} was served before ${ahead.id}, which stood ahead of it`);
      }
    }
  }
  return [...problems];
}

/** Of its first or its last grant, where it lost one unheard. */
function tokenOf({ granted, seenTokens }: Attempt, which: 'first' | 'last'): number | null {
  const tokens = granted ? [...seenTokens, granted.token] : seenTokens;
  if (tokens.length === 0) return null;
  return tokens.reduce((one, other) => (which === 'first' ? Math.min(one, other) : Math.max(one, other)));
}

function writes(effects: readonly LockEffect[], byResource: ReadonlyMap<string, readonly Attempt[]>): string[] {
  const problems: string[] = [];
  const greatest = new Map<string, number>();
  for (const { resource, token } of effects) {
    const before = greatest.get(resource) ?? 0;
    if (token < before) problems.push(`${resource}: a write with token ${token} was taken after one with ${before}`);
    if (!byResource.get(resource)?.some((attempt) => attempt.granted?.token === token || attempt.diedAt !== null))
      problems.push(`${resource}: a write was taken with token ${token}, which nobody was granted`);
    greatest.set(resource, Math.max(before, token));
  }
  return problems;
}

function endings(events: readonly LockEvent[], attempts: ReadonlyMap<string, Attempt>): string[] {
  const end = events.reduce((latest, { at }) => Math.max(latest, at), 0);
  return [...attempts.values()]
    .filter(({ granted, endedAt, diedAt }) => granted === null && endedAt === null && diedAt === null)
    .filter(({ askedAt, waitMs }) => askedAt + waitMs + GRACE_MS < end)
    .map(({ id, resource }) => `${resource}: ${id} waits for ever`);
}
