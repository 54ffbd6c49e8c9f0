import { describe, expect, it } from 'vitest';
import { elapsedSeconds } from './elapsed.ts';

const NOW = Date.parse('2026-03-04T10:10:00Z');
const METRICS = {
  startedAt: '2026-03-04T10:00:00Z',
  pausedAt: null,
  pausedSeconds: 60,
  executionDurationSeconds: null,
  totalDurationSeconds: 99,
};

describe('time a session has been at work', () => {
  it('counts on while it runs and leaves pauses out', () => {
    expect(elapsedSeconds({ status: 'running' }, METRICS, NOW)).toBe(540);
    expect(elapsedSeconds({ status: 'running' }, METRICS, NOW + 1000)).toBe(541);
  });

  it('stands still in a pause', () => {
    const paused = { ...METRICS, pausedAt: '2026-03-04T10:05:00Z' };
    expect(elapsedSeconds({ status: 'paused' }, paused, NOW)).toBe(240);
    expect(elapsedSeconds({ status: 'paused' }, paused, NOW + 60_000)).toBe(240);
  });

  it('is what was measured once it has ended, and nothing before it began', () => {
    expect(elapsedSeconds({ status: 'failed' }, { ...METRICS, executionDurationSeconds: 12 }, NOW)).toBe(12);
    expect(elapsedSeconds({ status: 'failed' }, METRICS, NOW)).toBe(99);
    expect(elapsedSeconds({ status: 'queued' }, { ...METRICS, startedAt: null }, NOW)).toBeNull();
  });
});
