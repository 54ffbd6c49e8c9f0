import type { StreamEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { mayConcern } from './may-concern.ts';

const event = (counts: Record<string, number>, taskIds: string[]): StreamEvent => ({
  type: 'feed',
  topic: 'task',
  id: 'e:1',
  position: 1,
  at: '2026-03-04T05:06:07Z',
  payload: { counts, taskIds },
});

describe('changes that a task’s page listens to', () => {
  it('are those that name it', () => {
    expect(mayConcern(event({ completed: 2 }, ['a', 'b']), 'b')).toBe(true);
    expect(mayConcern(event({ completed: 2 }, ['a', 'b']), 'c')).toBe(false);
  });

  it('are also those of more tasks than are named', () => {
    expect(mayConcern(event({ completed: 1, queued: 2 }, ['a', 'b']), 'c')).toBe(true);
  });

  it('are of tasks only', () => {
    expect(mayConcern({ type: 'open', resumed: true }, 'a')).toBe(false);
  });
});
