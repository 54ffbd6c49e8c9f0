import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlaps } from './resource-name.ts';
import { findVictims, inQueueOrder, type StandingHold, type WaitingRequest } from './wait-for-graph.ts';

let arrivals = 0;
function request(owner: string, resource: string, over: Partial<WaitingRequest> = {}): WaitingRequest {
  arrivals += 1;
  const priority = over.priority ?? 0;
  return {
    id: `${owner}>${resource}`,
    owner,
    resource,
    shared: false,
    upgrade: false,
    priority,
    rank: priority,
    arrival: arrivals,
    ...over,
  };
}
const hold = (owner: string, resource: string, shared = false): StandingHold => ({ owner, resource, shared });

/** Whether some owner waits for itself: every wait spelt out, and their closure taken step by step. */
function hasCycle(requests: readonly WaitingRequest[], holds: readonly StandingHold[]): boolean {
  const conflict = (a: StandingHold, b: StandingHold) =>
    a.owner !== b.owner && !(a.shared && b.shared) && overlaps(a.resource, b.resource);
  const reach = new Map<string, Set<string>>();
  for (const waiting of requests) {
    const on = reach.get(waiting.owner) ?? new Set<string>();
    for (const other of holds) if (conflict(other, waiting)) on.add(other.owner);
    for (const other of requests) if (inQueueOrder(other, waiting) < 0 && conflict(other, waiting)) on.add(other.owner);
    reach.set(waiting.owner, on);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const on of reach.values())
      for (const owner of [...on])
        for (const further of reach.get(owner) ?? [])
          if (!on.has(further)) {
            on.add(further);
            grew = true;
          }
  }
  return [...reach].some(([owner, on]) => on.has(owner));
}

describe('wait-for graph', () => {
  test('a chain has no victim', () => {
    expect(findVictims([request('a', 'q'), request('b', 'r')], [hold('b', 'q'), hold('c', 'r')])).toEqual([]);
  });

  test('of a cycle the youngest gives way, unless another has a lower priority', () => {
    const holds = [hold('a', 'p'), hold('b', 'q')];
    expect(findVictims([request('a', 'q'), request('b', 'p')], holds)).toEqual([{ id: 'b>p', cycle: ['b', 'a'] }]);
    expect(findVictims([request('a', 'q', { priority: -1 }), request('b', 'p')], holds)).toEqual([
      { id: 'a>q', cycle: ['a', 'b'] },
    ]);
  });

  test('a cycle goes through parents and children, and not through shared holds', () => {
    const requests = [request('a', 'q/x'), request('b', 'p')];
    expect(findVictims(requests, [hold('a', 'p/y'), hold('b', 'q')])).toHaveLength(1);
    expect(
      findVictims([request('a', 'q', { shared: true }), request('b', 'p')], [hold('a', 'p'), hold('b', 'q', true)]),
    ).toEqual([]);
  });

  test('a chain of ten thousand is walked', () => {
    const owners = Array.from({ length: 10_000 }, (_, n) => `o${n}`);
    const requests = owners.map((owner, n) => request(owner, `r${(n + 1) % owners.length}`));
    const holds = owners.map((owner, n) => hold(owner, `r${n}`));
    expect(findVictims(requests, holds)).toMatchObject([{ id: 'o9999>r0' }]);
  });

  test('giving up the victims leaves no cycle, giving up none where there is no cycle, whatever the order of the rows', () => {
    const owner = fc.constantFrom('a', 'b', 'c', 'd');
    const resource = fc.constantFrom('p', 'p/1', 'p/1/x', 'p/2', 'q', 'q/1');
    const state = fc.record({
      holds: fc.array(fc.record({ owner, resource, shared: fc.boolean() }), { maxLength: 6 }),
      requests: fc.array(
        fc.record({
          owner,
          resource,
          shared: fc.boolean(),
          upgrade: fc.boolean(),
          priority: fc.integer({ min: 0, max: 2 }),
        }),
        { maxLength: 7 },
      ),
      turn: fc.integer(),
    });
    fc.assert(
      fc.property(state, ({ holds, requests: given, turn }) => {
        const requests = given.map((one, n) => ({ ...one, id: String(n), rank: one.priority, arrival: n }));
        const victims = findVictims(requests, holds);
        const left = requests.filter(({ id }) => !victims.some((victim) => victim.id === id));
        expect(hasCycle(left, holds)).toBe(false);
        expect(victims.length > 0).toBe(hasCycle(requests, holds));
        const shuffled = [...requests].sort((a, b) => ((a.arrival * 7 + turn) % 5) - ((b.arrival * 7 + turn) % 5));
        expect(findVictims(shuffled, [...holds].reverse())).toEqual(victims);
      }),
      { numRuns: 2_000 },
    );
  });
});
