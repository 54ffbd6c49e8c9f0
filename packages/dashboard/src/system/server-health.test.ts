import { describe, expect, it } from 'vitest';
import { isGood, parseHealth } from './server-health.ts';

describe('the health document', () => {
  it('names every component, those in groups too, and what is known of it', () => {
    const health = parseHealth({
      status: 'degraded',
      components: {
        database: { status: 'ok', latencyMs: 0.3745, reason: null },
        roles: { runner: { status: 'down', reason: 'the database is away' } },
      },
    });
    expect(health).toEqual({
      status: 'degraded',
      components: [
        { name: 'database', status: 'ok', facts: 'latency ms: 0.37' },
        { name: 'roles: runner', status: 'down', facts: 'reason: the database is away' },
      ],
    });
    expect(health.components.map(({ status }) => isGood(status))).toEqual([true, false]);
  });

  it('is refused where it is something else', () => {
    expect(() => parseHealth('<html>')).toThrow();
  });
});
