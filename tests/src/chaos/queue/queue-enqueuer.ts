import type { EnqueueTask } from '@signalbox/core';
import { tell } from '../../processes/tell.ts';
import { codeOf, isPassing, openCore, type PartSettings, readSettings, seeded } from './part.ts';
import type { Enqueue } from './queue-history.ts';
import type { Work } from './queue-worker.ts';

// A process that puts so many tasks into the queue, spread over a time, and tells what each of its calls came to: single calls, single ones
// with a key that are repeated with it, and batches in one transaction.

export interface EnqueuerPart extends PartSettings {
  count: number;
  seconds: number;
  seed: number;
}
export type EnqueuerAnswer = { ready: true } | { enqueues: Enqueue[] } | { done: true };

const LANES = 24;
const BATCH = 10;
const RETRY_MS = 100;

const { count, seconds, seed, name, projectId, ...rest } = readSettings<EnqueuerPart>();
const core = openCore({ name, projectId, ...rest });
const random = seeded(seed);
let next = 0;

function taskOf(ref: string): EnqueueTask & { payload: Work & Record<string, string | number | boolean> } {
  const ms = random() < 0.15 ? 20 + Math.floor(random() * 380) : Math.floor(random() * 4);
  const payload = { ref, ms, reports: random() < 0.05, fails: random() < 0.01 };
  return {
    type: 'work',
    payload,
    maxAttempts: 100,
    backoff: { baseSeconds: 0.05, factor: 2, maxSeconds: 1, jitter: 0.5 },
  };
}

/** One call; true when it was acknowledged. */
async function call(inputs: readonly EnqueueTask[]): Promise<boolean> {
  const refs = inputs.map(({ payload }) => String(payload?.ref));
  try {
    const [only] = inputs;
    const receipts =
      only && inputs.length === 1
        ? [await core.tasks.enqueue(projectId, only)]
        : await core.tasks.enqueueMany(projectId, inputs);
    const taskIds = receipts.map(({ taskId }) => taskId);
    tell({ enqueues: refs.map((ref, n) => ({ ref, outcome: 'acknowledged', taskId: taskIds[n] ?? null })) });
    return true;
  } catch (error) {
    if (!isPassing(error)) throw error;
    const outcome = codeOf(error) === 'OUTCOME_UNKNOWN' ? 'unknown' : 'refused';
    tell({ enqueues: refs.map((ref) => ({ ref, outcome, taskId: null })) });
    return false;
  }
}

async function lane(): Promise<void> {
  const began = core.clock.monotonic();
  while (next < count) {
    const n = next;
    const size = n % 5 === 0 ? Math.min(BATCH, count - n) : 1;
    next += size;
    const due = began + (n / count) * seconds * 1_000 - core.clock.monotonic();
    if (due > 0) await core.clock.sleep(due);
    const keyed = size === 1 && n % 5 === 1;
    const once = keyed ? [{ ...taskOf(`${name}-${n}`), idempotencyKey: `${name}-${n}` }] : null;
    for (let turn = 0; ; turn += 1) {
      // Without a key each call makes tasks of its own, so that a repeated one is not taken for the first.
      const inputs = once ?? Array.from({ length: size }, (_, k) => taskOf(`${name}-${n + k}-${turn}`));
      if (await call(inputs)) break;
      await core.clock.sleep(RETRY_MS);
    }
  }
}

setInterval(() => undefined, 60_000);
core.start();
tell({ ready: true });
await Promise.all(Array.from({ length: LANES }, lane));
tell({ done: true });
