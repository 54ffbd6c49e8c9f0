import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshRate } from './refresh-rate.ts';

describe('how often answers are read again', () => {
  const acted: string[] = [];
  const act = (name: string) => {
    acted.push(name);
    return Promise.resolve();
  };
  beforeEach(() => {
    vi.useFakeTimers();
    acted.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads at the first change at once, and gathers those that follow into one more reading', async () => {
    const rate = new RefreshRate(400, act);
    for (let change = 0; change < 50; change++) rate.changed('agents');
    expect(acted).toEqual(['agents']);
    await vi.advanceTimersByTimeAsync(400);
    expect(acted).toEqual(['agents', 'agents']);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(acted).toEqual(['agents', 'agents']);
  });

  it('keeps to its rate while changes go on, and never leaves the last one out', async () => {
    const rate = new RefreshRate(400, act);
    for (let ms = 0; ms < 2_000; ms += 10) {
      rate.changed('locks');
      await vi.advanceTimersByTimeAsync(10);
    }
    const soFar = acted.length;
    expect(soFar).toBeGreaterThanOrEqual(5);
    expect(soFar).toBeLessThanOrEqual(6);
    await vi.advanceTimersByTimeAsync(400);
    expect(acted.length - soFar).toBeLessThanOrEqual(1);
    rate.changed('locks');
    await vi.advanceTimersByTimeAsync(400);
    expect(acted.length).toBeGreaterThan(soFar);
  });

  it('counts each kind of answer by itself, and forgets what waits when it is stopped', async () => {
    const rate = new RefreshRate(400, act);
    rate.changed('agents');
    rate.changed('locks');
    rate.changed('locks');
    expect(acted).toEqual(['agents', 'locks']);
    rate.stop();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(acted).toEqual(['agents', 'locks']);
  });

  it('waits for a reading that takes longer than its rate, and does not give it up for the next', async () => {
    const readings: (() => void)[] = [];
    const rate = new RefreshRate(400, () => new Promise((resolve) => readings.push(resolve)));
    for (let ms = 0; ms < 2_000; ms += 100) {
      rate.changed('queues');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(readings).toHaveLength(1);
    readings[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(readings).toHaveLength(2);
    readings[1]?.();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(readings).toHaveLength(2);
  });
});
