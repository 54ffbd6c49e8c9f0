import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClaimMode, ClaimPath } from './claim-path.ts';
import { advance, anyOverlap, blockersOf, deadlockIn, inOrder, isCovered, type QueuedClaim } from './claim-queue.ts';

const SESSIONS = ['a', 'b', 'c', 'd', 'e'];
const PATHS: ClaimPath[] = [
  ...['x', 'y', 'z', 'x/1'].map((path) => ({ path, kind: 'literal' as const })),
  ...['*', 'x/*', '[yz]'].map((path) => ({ path, kind: 'glob' as const })),
];

/** The queue as the store keeps it, driven by the same decisions and nothing else. */
class Queue {
  claims: QueuedClaim[] = [];
  #arrivals = 0;
  overtaken = 0;
  deadlocks = 0;
  waited = 0;

  request(sessionId: string, paths: ClaimPath[], mode: ClaimMode, priority: number): void {
    const arrival = ++this.#arrivals;
    const claim: QueuedClaim = {
      id: String(arrival),
      sessionId,
      paths,
      mode,
      priority,
      arrival,
      status: 'waiting',
      origin: 'verb',
    };
    this.claims.push(claim);
    this.#settle();
    if (this.#find(claim.id)?.status === 'waiting') this.waited++;
  }

  release(index: number): void {
    const held = this.claims.filter(({ status }) => status === 'held');
    const gone = held[index % Math.max(1, held.length)];
    this.claims = this.claims.filter((claim) => claim !== gone);
    this.#settle();
  }

  end(sessionId: string): void {
    this.claims = this.claims.filter((claim) => claim.sessionId !== sessionId);
    this.#settle();
  }

  #find(id: string): QueuedClaim | undefined {
    return this.claims.find((claim) => claim.id === id);
  }

  #settle(): void {
    const { granted, deadlocks } = advance(this.claims);
    const given = new Set(granted.map(({ id }) => id));
    for (const { id } of granted) {
      const claim = this.#find(id) as QueuedClaim;
      for (const other of this.claims) {
        if (other.status !== 'waiting' || inOrder(other, claim) >= 0 || !excludes(other, claim)) continue;
        if (isCovered(claim, this.claims) || deadlocks.some(({ victim }) => victim.id === other.id)) continue;
        this.overtaken++;
        expect(this.#waitsFor(other.sessionId, claim.sessionId), `${claim.id} went ahead of ${other.id}`).toBe(true);
      }
      this.claims = this.claims.map((one) => (one.id === id ? { ...one, status: 'held' } : one));
    }
    for (const { victim, cycle } of deadlocks) {
      this.deadlocks++;
      expect(given.has(victim.id)).toBe(false);
      expect(cycle).toContain(victim.sessionId);
      this.claims = this.claims.filter(({ id }) => id !== victim.id);
    }
    expect(advance(this.claims)).toEqual({ granted: [], deadlocks: [] });
    this.#check();
  }

  #check(): void {
    for (const one of this.claims) {
      if (one.status === 'waiting') expect(blockersOf(one, this.claims), `${one.id} waits for nobody`).not.toEqual([]);
      else for (const other of this.claims) if (other.status === 'held') expect(excludes(one, other)).toBe(false);
    }
  }

  /** Whether a session cannot go on before another one: by what is held, or by the order of the queue. */
  #waitsFor(from: string, to: string, seen = new Set<string>()): boolean {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return this.claims.some(
      (claim) =>
        claim.sessionId === from &&
        claim.status === 'waiting' &&
        this.claims.some(
          (other) =>
            excludes(other, claim) &&
            (other.status === 'held' || inOrder(other, claim) < 0) &&
            this.#waitsFor(other.sessionId, to, seen),
        ),
    );
  }
}

function excludes(a: QueuedClaim, b: QueuedClaim): boolean {
  return (
    a.sessionId !== b.sessionId && (a.mode === 'exclusive' || b.mode === 'exclusive') && anyOverlap(a.paths, b.paths)
  );
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      session: fc.constantFrom(...SESSIONS),
      paths: fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1, maxLength: 2 }),
      mode: fc.constantFrom<ClaimMode>('exclusive', 'exclusive', 'shared'),
      priority: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ release: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ end: fc.constantFrom(...SESSIONS) }) },
);

test('no two hold what excludes them, nobody waits for nothing or is overtaken without need, and all are served in the end', () => {
  let [overtaken, deadlocks, waited] = [0, 0, 0];
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const queue = new Queue();
      for (const one of steps) {
        if ('release' in one) queue.release(one.release);
        else if ('end' in one) queue.end(one.end);
        else queue.request(one.session, one.paths, one.mode, one.priority);
      }
      // Whoever waits for nothing comes to its end; if that does not serve everybody, there was a deadlock left.
      for (let round = 0; queue.claims.length > 0; round++) {
        expect(round, 'sessions are left that wait for each other').toBeLessThan(SESSIONS.length);
        const waiting = new Set(
          queue.claims.filter(({ status }) => status === 'waiting').map(({ sessionId }) => sessionId),
        );
        for (const session of SESSIONS) if (!waiting.has(session)) queue.end(session);
      }
      overtaken += queue.overtaken;
      deadlocks += queue.deadlocks;
      waited += queue.waited;
    }),
    { numRuns: 1_500 },
  );
  // Else the runs have shown nothing of what they are about.
  expect(waited).toBeGreaterThan(1_000);
  expect(deadlocks).toBeGreaterThan(50);
  expect(overtaken).toBeGreaterThan(20);
});

test('a claim for one call is waited for without fear of a deadlock: it ends by itself', () => {
  const literal = (path: string): ClaimPath[] => [{ path, kind: 'literal' }];
  const make = (id: number, sessionId: string, path: string, more: Partial<QueuedClaim>): QueuedClaim => ({
    id: String(id),
    sessionId,
    paths: literal(path),
    mode: 'exclusive',
    status: 'held',
    origin: 'verb',
    priority: 2,
    arrival: id,
    ...more,
  });
  const claims = [
    make(1, 'a', 'x', { origin: 'call' }),
    make(2, 'b', 'y', {}),
    make(3, 'a', 'y', { status: 'waiting' }),
    make(4, 'b', 'x', { status: 'waiting' }),
  ];
  expect(deadlockIn(claims)).toBeNull();
  const lasting = claims.map((claim) => ({ ...claim, origin: 'verb' as const }));
  expect(deadlockIn(lasting)).toMatchObject({ victim: { id: '4' }, cycle: ['a', 'b'] });
  // Of unequals the less urgent gives way, though it came first.
  const [first, second, third, fourth] = lasting as [QueuedClaim, QueuedClaim, QueuedClaim, QueuedClaim];
  expect(deadlockIn([first, second, { ...third, priority: 3 }, fourth])).toMatchObject({ victim: { id: '3' } });
});
