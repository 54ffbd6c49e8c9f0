import type { TaskStatus } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { attemptSeconds, availableTaskActions, isOver, TASK_STATUSES } from './task-status.ts';

const NOW = Date.parse('2026-03-04T05:06:30Z');

describe('what can be done with a task', () => {
  const actionsOf = (status: TaskStatus, type = 'lint') => availableTaskActions({ status, type });

  it('cancels whatever is not over, and nothing else', () => {
    for (const status of TASK_STATUSES) expect(actionsOf(status).includes('cancel'), status).toBe(!isOver(status));
  });

  it('redrives and discards dead letters only, and leaves what runs a session to the session', () => {
    const both = TASK_STATUSES.filter((status) => actionsOf(status).includes('redrive'));
    expect(both.toSorted()).toEqual(['dead', 'failed']);
    expect(actionsOf('dead')).toEqual(['redrive', 'discard']);
    expect(actionsOf('dead', 'session.run')).toEqual([]);
    expect(actionsOf('completed')).toEqual([]);
  });
});

describe('how long an attempt took', () => {
  const claimedAt = '2026-03-04T05:06:00Z';

  it('counts on while somebody works on it, and stands still when it is over', () => {
    expect(attemptSeconds({ status: 'running', claimedAt, finishedAt: null }, NOW)).toBe(30);
    expect(attemptSeconds({ status: 'completed', claimedAt, finishedAt: '2026-03-04T05:06:07Z' }, NOW)).toBe(7);
  });

  it('says nothing of a task that nobody claimed, or that waits for its next attempt', () => {
    expect(attemptSeconds({ status: 'queued', claimedAt: null, finishedAt: null }, NOW)).toBeNull();
    expect(attemptSeconds({ status: 'queued', claimedAt, finishedAt: null }, NOW)).toBeNull();
  });
});
