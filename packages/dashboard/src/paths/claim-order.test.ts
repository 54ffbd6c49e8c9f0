import type { PathClaim } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { byWorkspace, sortedClaims } from './claim-order.ts';

const claim = (id: string, more: Partial<PathClaim>): PathClaim => ({
  id,
  projectId: 'p',
  workspaceId: 'w1',
  sessionId: 's',
  taskId: null,
  agent: 'a',
  paths: [{ path: 'src', kind: 'literal' }],
  mode: 'exclusive',
  status: 'waiting',
  origin: 'verb',
  callId: null,
  priority: 2,
  arrival: 1,
  fencingToken: null,
  ttlSeconds: null,
  requestedAt: '2026-03-04T10:00:00.000Z',
  grantedAt: null,
  waitUntil: null,
  expiresAt: null,
  cycle: null,
  ...more,
});
const ids = (claims: readonly PathClaim[]) => claims.map(({ id }) => id);

describe('claims as they are shown', () => {
  it('puts waiters into the order of service: the more urgent first, then arrival, those given up last', () => {
    const { held, waiting } = sortedClaims([
      claim('late', { arrival: 5 }),
      claim('holder', { status: 'held', priority: 4 }),
      claim('victim', { status: 'victim', priority: 0 }),
      claim('early', { arrival: 3 }),
      claim('urgent', { arrival: 9, priority: 0 }),
    ]);
    expect(ids(held)).toEqual(['holder']);
    expect(ids(waiting)).toEqual(['urgent', 'early', 'late', 'victim']);
  });

  it('keeps workspaces apart', () => {
    const groups = byWorkspace([claim('a', {}), claim('b', { workspaceId: 'w2' }), claim('c', {})]);
    expect([...groups].map(([id, claims]) => [id, ids(claims)])).toEqual([
      ['w1', ['a', 'c']],
      ['w2', ['b']],
    ]);
  });
});
