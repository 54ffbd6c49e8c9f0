import { describe, expect, it } from 'vitest';
import { countByHour, HOURS } from './finished-per-hour.ts';

const FROM = Date.parse('2026-03-04T00:00:00Z');

describe('sessions finished per hour', () => {
  it('counts each into its hour and its outcome, and leaves out what lies before and after', () => {
    const counted = countByHour(
      [
        { status: 'completed', statusUpdatedAt: '2026-03-04T00:00:00.000Z' },
        { status: 'completed', statusUpdatedAt: '2026-03-04T00:59:59.999Z' },
        { status: 'failed', statusUpdatedAt: '2026-03-04T01:00:00.000Z' },
        { status: 'timeout', statusUpdatedAt: '2026-03-04T23:59:59.999Z' },
        { status: 'cancelled', statusUpdatedAt: '2026-03-04T05:00:00.000Z' },
        { status: 'completed', statusUpdatedAt: '2026-03-03T23:59:59.999Z' },
        { status: 'completed', statusUpdatedAt: '2026-03-05T00:00:00.000Z' },
      ],
      FROM,
    );
    expect(counted.starts).toHaveLength(HOURS);
    expect(counted.completed[0]).toBe(2);
    expect(counted.troubled[1]).toBe(1);
    expect(counted.troubled[23]).toBe(1);
    expect(counted.other[5]).toBe(1);
    const sum = [...counted.completed, ...counted.troubled, ...counted.other].reduce((a, b) => a + b, 0);
    expect(sum).toBe(5);
  });
});
