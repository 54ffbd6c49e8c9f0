import type { Ids } from '../platform/ids/ids.ts';
import type { TaskWakeups } from './task-wakeups.ts';

/** What the queue's verbs are given. */
export interface TaskParts {
  ids: Ids;
  /** In [0, 1): the jitter of retries. */
  random: () => number;
  /** Seconds for which idempotency keys are remembered (CTL-003). */
  idempotencySeconds: number;
  wakeups: TaskWakeups;
}
