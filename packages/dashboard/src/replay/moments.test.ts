import type { JournalEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { blocksAround, eventsAround, isAround, momentOf, waitAfter } from './moments.ts';

const event = (seq: number, occurredAt = '2026-03-04T10:00:00.000Z') => ({ seq, occurredAt }) as JournalEvent;

describe('moments of a session', () => {
  it('reads the block of an event, and its neighbour near the border', () => {
    expect(blocksAround(1, 1000)).toEqual([0]);
    expect(blocksAround(100, 1000)).toEqual([0]);
    expect(blocksAround(198, 1000)).toEqual([0, 1]);
    expect(blocksAround(205, 1000)).toEqual([0, 1]);
    expect(blocksAround(300, 1000)).toEqual([1]);
    expect(blocksAround(199, 199)).toEqual([0]);
    expect(blocksAround(1, 0)).toEqual([0]);
  });

  it('knows whether what is read suffices', () => {
    expect(isAround(120, 30, 1000)).toBe(true);
    expect(isAround(260, 30, 1000)).toBe(false);
    expect(isAround(197, 30, 1000)).toBe(false);
  });

  it('shows some before and some after', () => {
    const all = Array.from({ length: 40 }, (_, index) => event(index + 1));
    const seqs = eventsAround(all, 20).map(({ seq }) => seq);
    expect([seqs[0], seqs.at(-1)]).toEqual([13, 25]);
  });

  it('waits as long as it lasted, faster or slower, within bounds', () => {
    const events = [
      event(1, '2026-03-04T10:00:00.000Z'),
      event(2, '2026-03-04T10:00:01.000Z'),
      event(3, '2026-03-04T11:00:00.000Z'),
    ];
    expect(waitAfter(events, 1, 1)).toBe(1000);
    expect(waitAfter(events, 1, 4)).toBe(250);
    expect(waitAfter(events, 1, 64)).toBe(40);
    expect(waitAfter(events, 2, 1)).toBe(2000);
    expect(waitAfter(events, 3, 1)).toBe(40);
  });

  it('takes an address at its word only where there is such an event', () => {
    expect(momentOf('7', 10)).toBe(7);
    expect(momentOf('70', 10)).toBe(10);
    expect(momentOf('0', 10)).toBe(1);
    expect(momentOf('x', 10)).toBe(10);
    expect(momentOf(undefined, 10)).toBe(10);
    expect(momentOf(undefined, 0)).toBe(1);
  });
});
