import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshRate } from './refresh-rate.ts';

describe('how often answers are read again', () => {
  const acted: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    acted.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads at the first change at once, and gathers those that follow into one more reading', () => {
    const rate = new RefreshRate(400, (name) => acted.push(name));
    for (let change = 0; change < 50; change++) rate.changed('agents');
    expect(acted).toEqual(['agents']);
    vi.advanceTimersByTime(400);
    expect(acted).toEqual(['agents', 'agents']);
    vi.advanceTimersByTime(4_000);
    expect(acted).toEqual(['agents', 'agents']);
  });

  it('keeps to its rate while changes go on, and never leaves the last one out', () => {
    const rate = new RefreshRate(400, (name) => acted.push(name));
    for (let ms = 0; ms < 2_000; ms += 10) {
      rate.changed('locks');
      vi.advanceTimersByTime(10);
    }
    const soFar = acted.length;
    expect(soFar).toBeGreaterThanOrEqual(5);
    expect(soFar).toBeLessThanOrEqual(6);
    vi.advanceTimersByTime(400);
    expect(acted.length - soFar).toBeLessThanOrEqual(1);
    rate.changed('locks');
    vi.advanceTimersByTime(400);
    expect(acted.length).toBeGreaterThan(soFar);
  });

  it('counts each kind of answer by itself, and forgets what waits when it is stopped', () => {
    const rate = new RefreshRate(400, (name) => acted.push(name));
    rate.changed('agents');
    rate.changed('locks');
    rate.changed('locks');
    expect(acted).toEqual(['agents', 'locks']);
    rate.stop();
    vi.advanceTimersByTime(4_000);
    expect(acted).toEqual(['agents', 'locks']);
  });
});
