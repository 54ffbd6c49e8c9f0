import type { Core, LockHandle } from '@signalbox/core';
import type { HotVerb } from './hot-verb.ts';
import { inParts } from './in-parts.ts';

const TABLES = ['lock_holdings', 'lock_waiters'];
/** Longer than any round: nothing is renewed meanwhile. */
const TTL_MS = 600_000;

export function lockVerbs({ locks }: Core, projectId: string): HotVerb[] {
  const acquire = (n: number) => locks.acquire(projectId, `resource-${n}`, { ttlMs: TTL_MS, waitMs: 0 });
  const held: LockHandle[] = [];
  return [
    {
      name: 'acquire',
      batched: 'locks.acquire',
      statements: ['locks.acquire'],
      seed: 20_000,
      tables: TABLES,
      done: 'SELECT count(*) AS done FROM lock_holdings',
      prepare: async () => async (n) => held.push(await acquire(n)),
      tidy: async () => {
        // As many at once as may wait.
        while (held.length > 0) await Promise.all(held.splice(0, 5_000).map((handle) => handle.release()));
      },
    },
    {
      name: 'release',
      batched: 'locks.release',
      statements: ['locks.release'],
      seed: 20_000,
      tables: TABLES,
      done: 'SELECT (SELECT count(*) FROM saved_lock_holdings) - count(*) AS done FROM lock_holdings',
      prepare: async (count) => {
        const held = await inParts(count, acquire);
        return async (n) => {
          if (!(await held[n]?.release())) throw new Error('A lock was lost.');
        };
      },
    },
  ];
}
