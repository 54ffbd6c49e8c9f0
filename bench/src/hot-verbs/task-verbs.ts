import type { Claim, Core } from '@signalbox/core';
import type { HotVerb } from './hot-verb.ts';
import { inParts } from './in-parts.ts';

const TABLES = ['tasks', 'task_ready', 'task_leases', 'task_past_attempts'];
const LOAD_CHUNK = 1_000;
/** Longer than any round. */
const LEASE_SECONDS = 600;
/** Work ends in another order than it began: claims that came together do not end together. A prime, so that none is left out. */
const STRIDE = 7_919;

export function taskVerbs({ database, tasks }: Core, projectId: string): HotVerb[] {
  const task = (n: number) => ({ type: 'noop', payload: { n } });
  const load = async (count: number) => {
    for (let from = 0; from < count; from += LOAD_CHUNK) {
      const chunk = Array.from({ length: Math.min(LOAD_CHUNK, count - from) }, (_, i) => task(from + i));
      await database.transaction((tx) => tasks.within(tx).enqueueMany(projectId, chunk));
    }
  };
  const claim = (agent: string, limit: number) =>
    tasks.claim(projectId, {
      agent,
      limit,
      queues: ['default'],
      types: null,
      able: [],
      leaseSeconds: LEASE_SECONDS,
    });
  return [
    {
      name: 'claim',
      batched: 'tasks.claim',
      statements: ['tasks.claim'],
      seed: 5_000,
      tables: TABLES,
      done: `SELECT count(*) AS done FROM tasks WHERE status = 'claimed'`,
      prepare: async (count) => {
        await load(count);
        return (n) => claim(`agent-${n % 100}`, 1);
      },
    },
    {
      name: 'complete',
      batched: 'tasks.end',
      statements: ['tasks.end'],
      seed: 10_000,
      tables: TABLES,
      done: `SELECT count(*) AS done FROM task_attempts WHERE outcome = 'completed'`,
      prepare: async (count) => {
        await load(count);
        // One by one, as agents hold them: each has a lease of its own.
        const claims: Claim[] = (await inParts(count, (n) => claim(`agent-${n % 100}`, 1))).flat();
        return (n) => tasks.complete(claims[(n * STRIDE) % count] as Claim, { ok: true });
      },
    },
    {
      name: 'enqueue',
      batched: 'tasks.enqueue',
      statements: ['tasks.enqueue'],
      seed: null,
      tables: TABLES,
      done: 'SELECT count(*) AS done FROM task_ready',
      prepare: async () => (n) => tasks.enqueue(projectId, task(n)),
    },
  ];
}
