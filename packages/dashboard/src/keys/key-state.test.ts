import { describe, expect, it } from 'vitest';
import { keyState, LIFETIMES, secondsOf } from './key-state.ts';

describe('a key', () => {
  it('is valid until its time is over or it is revoked', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    const state = (expiresAt: string | null, revokedAt: string | null = null) =>
      keyState({ expiresAt, revokedAt }, now);
    expect([
      state(null),
      state('2026-01-01T00:00:01Z'),
      state('2026-01-01T00:00:00Z'),
      state(null, '2025-01-01T00:00:00Z'),
      state('2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z'),
    ]).toEqual(['valid', 'valid', 'expired', 'revoked', 'revoked']);
  });

  it('works for a while, or until it is revoked', () => {
    expect(LIFETIMES.map(({ value }) => secondsOf(value))).toEqual([86_400, 2_592_000, 7_776_000, 31_536_000, null]);
  });
});
