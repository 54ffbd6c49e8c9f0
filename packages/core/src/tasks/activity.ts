import type { MeasuredAttempts } from './ending-store.ts';

/**
 * What happens to tasks, as it is counted: coming into the queue, being claimed, and how attempts end. `retried` is a
 * failed attempt that is tried again, `failed` and `dead` are those after which the task is over.
 */
export const ACTIVITY_KINDS = [
  'enqueued',
  'claimed',
  'completed',
  'retried',
  'failed',
  'dead',
  'cancelled',
  'released',
  'decomposed',
  'lost',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** How an attempt ended that was worked on, so that its duration says something. */
export const WORKED_KINDS = ['completed', 'retried', 'failed', 'dead'] as const satisfies readonly ActivityKind[];
/** Of these, the ones that went wrong. */
export const FAILED_KINDS = ['retried', 'failed', 'dead', 'lost'] as const satisfies readonly ActivityKind[];
/** After which a task is over. */
export const OVER_KINDS = ['completed', 'failed', 'dead'] as const satisfies readonly ActivityKind[];

/** What this process saw happen to tasks of one type in one queue. */
export interface MeasuredWork {
  projectId: string;
  queue: string;
  type: string;
  kind: ActivityKind;
  count: number;
  /** Sum of the attempts' durations in milliseconds, and of their squares; 0 for what is no end of an attempt. */
  ms: number;
  ms2: number;
}

/** The work that a batch of ended attempts was. */
export function workOf({ outcome, status, ...measured }: MeasuredAttempts): MeasuredWork {
  return { ...measured, kind: outcome === 'failed' ? kindOfFailure(status) : outcome };
}

function kindOfFailure(status: MeasuredAttempts['status']): ActivityKind {
  if (status === 'dead' || status === 'failed') return status;
  return 'retried';
}

/** Adds up what happened to several tasks, by queue and type. */
export function countedWork(
  projectId: string,
  kind: Extract<ActivityKind, 'enqueued' | 'claimed' | 'lost'>,
  tasks: readonly { queue: string; type: string }[],
): MeasuredWork[] {
  const counted = new Map<string, MeasuredWork>();
  for (const { queue, type } of tasks) {
    const key = `${queue} ${type}`;
    const known = counted.get(key);
    if (known) known.count += 1;
    else counted.set(key, { projectId, queue, type, kind, count: 1, ms: 0, ms2: 0 });
  }
  return [...counted.values()];
}
