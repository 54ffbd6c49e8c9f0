import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Duration, durationOf, remaining, workOfTask } from './duration.ts';
import { foretellStart, type QueueAhead } from './foretell.ts';
import { randomDuration, seeded, simulateQueue } from './testing/queue-simulation.ts';

const known = (mean: number, deviation = 0): Duration => ({
  samples: 1_000,
  mean,
  variance: deviation ** 2,
  attempts: 1,
});
const queue = (parts: Partial<QueueAhead>): QueueAhead => ({
  ahead: [],
  live: [],
  parallelism: 1,
  untilDueMs: 0,
  key: null,
  rate: null,
  maxConcurrent: null,
  ...parts,
});

describe('durations', () => {
  test('are what the sums of their measurements say, of worked attempts only', () => {
    const took = [100, 200, 600];
    const measures = [
      { kind: 'completed', count: 2, ms: 700, ms2: 370_000 },
      { kind: 'retried', count: 1, ms: 200, ms2: 40_000 },
      { kind: 'enqueued', count: 50, ms: 0, ms2: 0 },
    ] as const;
    const mean = took.reduce((a, b) => a + b) / 3;
    const variance = took.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 2;
    expect(durationOf(measures)).toEqual({
      samples: 3,
      mean: expect.closeTo(mean),
      variance: expect.closeTo(variance),
      attempts: 1.5,
    });
    expect(durationOf([{ kind: 'completed', count: 1, ms: 5, ms2: 25 }])).toBeNull();
    expect(durationOf([])).toBeNull();
  });

  test('work of a task that is tried again is that of all its attempts', () => {
    const random = seeded(7);
    const totals = Array.from({ length: 20_000 }, () => {
      let total = 0;
      do total += randomDuration(random, 100, 50);
      while (random() < 0.5);
      return total;
    });
    const { mean, variance } = workOfTask({ samples: 9, mean: 100, variance: 2_500, attempts: 2 });
    const seen = totals.reduce((a, b) => a + b) / totals.length;
    expect(mean / seen).toBeCloseTo(1, 1);
    expect(variance / (totals.reduce((sum, one) => sum + (one - seen) ** 2, 0) / totals.length)).toBeCloseTo(1, 0.5);
  });

  test.each([0, 20, 100, 300, 700])('what is left after %d ms is what is seen of those that took longer', (elapsed) => {
    const random = seeded(11);
    const left = Array.from({ length: 400_000 }, () => randomDuration(random, 100, 80) - elapsed).filter(
      (one) => one > 0,
    );
    const mean = left.reduce((a, b) => a + b) / left.length;
    const variance = left.reduce((sum, one) => sum + (one - mean) ** 2, 0) / left.length;
    const said = remaining({ mean: 100, variance: 6_400 }, elapsed);
    expect(left.length).toBeGreaterThan(100);
    expect(Math.abs(said.mean / mean - 1)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(said.variance / variance) - 1)).toBeLessThan(0.35);
  });

  test('what is left is never negative nor without number, however long it has taken', () => {
    const positive = fc.double({ min: 0.001, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(positive, fc.double({ min: 0, max: 1e18, noNaN: true }), positive, (mean, variance, elapsed) => {
        const left = remaining({ mean, variance }, elapsed);
        expect(left.mean).toBeGreaterThanOrEqual(0);
        expect(left.variance).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(left.mean) && Number.isFinite(left.variance)).toBe(true);
      }),
    );
  });
});

describe('the start of a task', () => {
  test('is now where an agent is free, and the end of the task at work where there is one', () => {
    expect(
      foretellStart(queue({ parallelism: 2, live: [{ elapsedMs: 5, duration: known(10) }] }), known(10)).start,
    ).toEqual({
      mean: 0,
      variance: 0,
    });
    const busy = foretellStart(queue({ live: [{ elapsedMs: 4, duration: known(10) }] }), known(10));
    expect(busy.start).toEqual({ mean: 6, variance: 0 });
  });

  test.each([
    [1, 10, 100, 0],
    [1, 30, 100, 80],
    [4, 3, 100, 30],
    [4, 40, 100, 60],
    [16, 100, 50, 50],
  ])('with %d agents and %d tasks of %d ± %d ms ahead is that of a simulation', (agents, count, mean, deviation) => {
    const random = seeded(agents * 1_000 + count);
    const starts = Array.from({ length: 2_000 }, () => {
      const durations = Array.from({ length: count + 1 }, () => randomDuration(random, mean, deviation));
      return simulateQueue(durations, agents).at(-1)?.start ?? 0;
    });
    const seen = starts.reduce((a, b) => a + b) / starts.length;
    const spread = Math.sqrt(starts.reduce((sum, one) => sum + (one - seen) ** 2, 0) / starts.length);
    const duration = known(mean, deviation);
    const said = foretellStart(queue({ ahead: [{ count, duration }], parallelism: agents }), duration).start;
    expect(Math.abs(said.mean - seen)).toBeLessThan(0.75 * mean);
    expect(Math.sqrt(said.variance)).toBeGreaterThan(0.6 * spread - 1e-6);
    expect(Math.sqrt(said.variance)).toBeLessThan(1.6 * spread + mean / 2);
  });

  test('is no earlier with more ahead or fewer agents', () => {
    const count = fc.integer({ min: 0, max: 500 });
    const agents = fc.integer({ min: 1, max: 40 });
    const live = fc.array(
      fc.record({ elapsedMs: fc.integer({ min: 0, max: 500 }), duration: fc.constant(known(90, 40)) }),
      {
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 50 }), agents, live, (ahead, more, parallelism, atWork) => {
        const at = (n: number, places: number) =>
          foretellStart(
            queue({ ahead: [{ count: n, duration: known(70, 30) }], parallelism: places, live: atWork }),
            known(70, 30),
          ).start.mean;
        const places = Math.max(parallelism, atWork.length);
        const step = 1e-6;
        expect(at(ahead + more * places, places)).toBeGreaterThan(at(ahead, places) - step);
        expect(at(ahead, places + places)).toBeLessThan(at(ahead, places) + step);
      }),
    );
  });

  test('is held up by its own time, by limits of the queue and of its key, and by the rate', () => {
    const ahead = [{ count: 20, duration: known(100) }];
    const bound = (parts: Partial<QueueAhead>) => {
      const { start, boundBy } = foretellStart(queue({ ahead, parallelism: 10, ...parts }), known(100));
      return [boundBy, Math.round(start.mean)];
    };
    expect(bound({})).toEqual(['agents', 155]);
    expect(bound({ untilDueMs: 5_000 })).toEqual(['its_time', 5_000]);
    expect(bound({ maxConcurrent: 2 })).toEqual(['concurrency', 975]);
    expect(bound({ key: { aheadCount: 7, live: [], limit: 1 } })).toEqual(['concurrency_key', 700]);
    expect(bound({ rate: { tokens: 1, msPerToken: 50 } })).toEqual(['rate', 1_000]);
  });
});
