import type { LockStats } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { awaited, longestWait, waitingFor } from './waiting-counts.ts';

const resource = (name: string, held: number, waiting: number, longestWaitSeconds: number | null = null) => ({
  resource: name,
  held,
  waiting,
  longestWaitSeconds,
});
const stats = (...resources: LockStats['resources']): LockStats => ({
  totalLocks: 2,
  activeLocks: 2,
  waiting: 0,
  resources,
  timestamp: '2026-03-04T10:00:00.000Z',
});
const full = (waiting: number) =>
  stats(...Array.from({ length: 100 }, (_, index) => resource(`r${index}`, 1, waiting)));

describe('how many wait for a lock', () => {
  it('is what the server says of the resource, and nobody where all resources are named', () => {
    const some = stats(resource('a', 1, 3, 2), resource('b', 1, 0));
    expect(waitingFor(some, 'a')).toBe(3);
    expect(waitingFor(some, 'b')).toBe(0);
    expect(waitingFor(some, 'c')).toBe(0);
  });

  it('is not known of one that is not among the hundred named, unless those have nobody waiting themselves', () => {
    expect(waitingFor(full(2), 'other')).toBeNull();
    expect(waitingFor(full(0), 'other')).toBe(0);
    expect(waitingFor(undefined, 'a')).toBeNull();
  });

  it('knows the longest wait, and none where nobody waits', () => {
    expect(longestWait(stats(resource('a', 1, 2, 4.5), resource('b', 0, 1, 9)))).toBe(9);
    expect(longestWait(stats(resource('a', 1, 0)))).toBeNull();
  });

  it('finds what is waited for and held by nobody', () => {
    const both = stats(resource('a', 1, 2, 1), resource('b', 0, 1, 1));
    expect(awaited(both).map((each) => each.resource)).toEqual(['b']);
  });
});
