import { describe, expect, it } from 'vitest';
import { checkHistory, type LockEffect, type LockEvent } from './lock-history.ts';

/** A right history: requests of three workers line up for one resource and are served one after the other, 10 ms each. */
function rightHistory(count = 12): { events: LockEvent[]; effects: LockEffect[] } {
  const events: LockEvent[] = [];
  const effects: LockEffect[] = [];
  const names = Array.from({ length: count }, (_, n) => ({ id: `q${n}`, worker: `w${n % 3}`, token: 100 + n * 7 }));
  for (const [n, { id, worker }] of names.entries())
    events.push({ kind: 'asked', at: n, worker, id, resource: 'r', priority: 0, waitMs: 1_000 });
  for (const [n, { id, worker, token }] of names.entries()) {
    const at = 100 + n * 10;
    const waiting = names.slice(n + 1).map((one, place) => ({ id: one.id, priority: 0, arrival: n + 1 + place }));
    events.push({ kind: 'granted', at, worker, id, resource: 'r', token });
    events.push({ kind: 'queue', at: at + 1, resource: 'r', waiting, holding: [{ id, token }] });
    events.push({ kind: 'held', at: at + 8, worker, id });
    events.push({ kind: 'released', at: at + 9, worker, id, free: true });
    effects.push({ resource: 'r', token });
  }
  return { events, effects };
}

/** The one event of that kind about `id`. */
function eventOf<K extends LockEvent['kind']>(events: readonly LockEvent[], kind: K, id: string) {
  const found = events.find((event) => event.kind === kind && 'id' in event && event.id === id);
  if (!found) throw new Error(`there is no ${kind} of ${id}`);
  return found as Extract<LockEvent, { kind: K }>;
}

describe('the checker of lock histories', () => {
  it('finds nothing wrong with what is right', () => {
    const { events, effects } = rightHistory();
    expect(checkHistory(events, effects)).toEqual([]);
  });

  it('finds two that were held at once', () => {
    const { events, effects } = rightHistory();
    eventOf(events, 'held', 'q3').at += 5;
    expect(checkHistory(events, effects)).toEqual(['r: q3 and q4 were held at once']);
  });

  it('finds one that was held all along under many others', () => {
    const { events, effects } = rightHistory();
    eventOf(events, 'held', 'q0').at = 215;
    expect(checkHistory(events, effects)).toHaveLength(11);
  });

  it('finds a token that was granted twice', () => {
    const { events, effects } = rightHistory();
    eventOf(events, 'granted', 'q5').token = 128;
    expect(checkHistory(events, effects)).toContain('r: token 128 was granted twice');
  });

  it('finds a token that is smaller than that of a grant which was over before', () => {
    const { events } = rightHistory(2);
    eventOf(events, 'asked', 'q1').at = 105;
    eventOf(events, 'granted', 'q1').token = 50;
    expect(checkHistory(events, [])).toContain('r: q1 asked after q0 was granted 100, and got 50');
  });

  it('finds a request that was served before another which stood ahead of it', () => {
    const { events, effects } = rightHistory();
    for (const event of events)
      if (event.kind === 'queue') for (const waiter of event.waiting) if (waiter.id === 'q9') waiter.priority = 1;
    expect(checkHistory(events, effects)).toContain('r: q5 was served before q9, which stood ahead of it');
  });

  it('finds a request that others overtook until it gave up, but not one that had left the queue', () => {
    const { events, effects } = rightHistory();
    const q2 = { id: 'q2', priority: 0, arrival: 2 };
    const without = (stays: boolean) =>
      events
        .filter((event) => !('id' in event && event.id === 'q2' && event.kind !== 'asked'))
        .map((event): LockEvent => {
          if (event.kind !== 'queue') return event;
          const waiting = stays && event.at > 112 ? [q2, ...event.waiting] : event.waiting;
          return { ...event, waiting, holding: event.holding.filter(({ id }) => id !== 'q2') };
        });
    const kept = effects.filter(({ token }) => token !== 114);
    const gaveUp: LockEvent = { kind: 'failed', at: 900, worker: 'w2', id: 'q2', code: 'LOCK_TIMEOUT' };
    expect(checkHistory([...without(true), gaveUp], kept)).toContain(
      'r: q3 was served before q2, which stood ahead of it',
    );
    expect(checkHistory([...without(false), gaveUp], kept)).toEqual([]);
  });

  it('finds a write with a stale token, and one with a token that nobody had', () => {
    const { events, effects } = rightHistory();
    const stale = [...effects, { resource: 'r', token: 100 }];
    expect(checkHistory(events, stale)).toEqual(['r: a write with token 100 was taken after one with 177']);
    const forged = [...effects, { resource: 'r', token: 9_999 }];
    expect(checkHistory(events, forged)).toEqual(['r: a write was taken with token 9999, which nobody was granted']);
  });

  it('finds a request that never ends', () => {
    const { events, effects } = rightHistory();
    const lost: LockEvent = { kind: 'asked', at: 3, worker: 'w1', id: 'lost', resource: 'r', priority: 0, waitMs: 100 };
    const late: LockEvent = { kind: 'queue', at: 60_000, resource: 'r', waiting: [], holding: [] };
    expect(checkHistory([...events, lost, late], effects)).toEqual(['r: lost waits for ever']);
  });
});
