import { describe, expect, it } from 'vitest';
import { formatBounded, sumOf } from '../ui/bounded-count.ts';
import { formatShare, formatThroughput } from './figures.ts';
import { limitsFormOf, limitsOf } from './limits-form.ts';
import { limitsText, queueLooks, queueVerbs } from './queue-state.ts';

describe('how a queue is shown', () => {
  it('tells paused and draining apart, and offers the way back from each', () => {
    const words = (paused: boolean, draining: boolean) => queueLooks({ paused, draining }).map(({ label }) => label);
    expect(words(false, false)).toEqual(['Open']);
    expect(words(true, true)).toEqual(['Paused', 'Draining']);
    expect(queueVerbs({ paused: true, draining: false })).toEqual(['resume', 'drain']);
    expect(queueVerbs({ paused: false, draining: true })).toEqual(['pause', 'open']);
  });

  it('says `at least` of a count that stopped, also in a sum', () => {
    const stopped = { count: 10_000, exact: false };
    expect(formatBounded(stopped)).toBe('at least 10,000');
    expect(formatBounded(sumOf({ count: 3, exact: true }, stopped))).toBe('at least 10,003');
    expect(formatBounded(sumOf({ count: 3, exact: true }, { count: 4, exact: true }))).toBe('7');
  });

  it('shows what was not measured as nothing and a little as little', () => {
    expect(formatShare(null)).toBe('–');
    expect(formatShare(0)).toBe('0 %');
    expect(formatShare(0.004)).toBe('< 1 %');
    expect(formatShare(0.125)).toBe('13 %');
    expect(formatThroughput({ completed: 0, throughput: 0 })).toBe('0');
    expect(formatThroughput({ completed: 6, throughput: 0.02 })).toBe('1.2/min');
    expect(formatThroughput({ completed: 3720, throughput: 12.4 })).toBe('12.4/s');
    expect(formatThroughput({ completed: 900_000, throughput: 3000.4 })).toBe('3,000/s');
  });
});

describe('the limits of a queue', () => {
  const limits = { maxConcurrent: 8, maxConcurrentPerKey: null, rate: { limit: 100, seconds: 60 } };

  it('go through the form unchanged, and an empty field takes one away', () => {
    expect(limitsOf(limitsFormOf(limits))).toEqual(limits);
    expect(limitsOf({ ...limitsFormOf(limits), maxConcurrent: '', rateLimit: ' ' })).toEqual({
      maxConcurrent: null,
      maxConcurrentPerKey: null,
      rate: null,
    });
  });

  it('are said in words', () => {
    expect(limitsText(limits)).toBe('8 at once · 100 in 60 s');
    expect(limitsText({ maxConcurrent: null, maxConcurrentPerKey: null, rate: null })).toBeNull();
  });
});
