import { z } from 'zod';
import { FAILED_KINDS, WORKED_KINDS } from './activity.ts';
import { queueSettingsSchema } from './queue-settings.ts';

/** How many there are; where not exact, at least so many: counting stops where it would cost too much. */
export const boundedCountSchema = z.object({ count: z.int(), exact: z.boolean() });
export type BoundedCount = z.infer<typeof boundedCountSchema>;

const failureReasonSchema = z.object({
  /** Name of the error. */
  name: z.string(),
  /** What the newest of them said, at most 200 characters. */
  message: z.string(),
  count: z.int(),
});

/** What happened in a queue lately, as the nodes counted it; what they enqueued, not what SQL did beside them. */
export const queueActivitySchema = z.object({
  /** How far back it goes, in seconds. */
  seconds: z.number(),
  enqueued: z.int(),
  claimed: z.int(),
  completed: z.int(),
  /** Attempts that failed, and those whose agent was lost. */
  failed: z.int(),
  lost: z.int(),
  /** Tasks completed a second. */
  throughput: z.number(),
  /** Failed and lost ones among the attempts that ended, 0 to 1; null when none did (GEN-08). */
  failureShare: z.number().nullable(),
  /** Mean duration of an attempt in milliseconds; null when none was measured (GEN-08). */
  meanMs: z.number().nullable(),
});
export type QueueActivity = z.infer<typeof queueActivitySchema>;

/** What a queue holds just now. Everything is read or counted, nothing assumed. */
export const queueFiguresSchema = z.object({
  /** May be claimed now. */
  ready: boundedCountSchema,
  /** Will be once their time has come: delayed, or waiting to be tried again. */
  delayed: boundedCountSchema,
  /** Wait for other tasks. */
  waiting: boundedCountSchema,
  /** Handed out but not begun, and begun. */
  claimed: boundedCountSchema,
  running: boundedCountSchema,
  /** Over after their last attempt, or because trying again could not help; kept until redriven or discarded. */
  dead: boundedCountSchema,
  failed: boundedCountSchema,
  /** How long the oldest ready task has been ready, in seconds; null when there is none. */
  oldestReadySeconds: z.number().nullable(),
  activity: queueActivitySchema,
  /** Why tasks were given up in the last hour, the commonest first; of the thousand newest. */
  failureReasons: z.array(failureReasonSchema),
});
export type QueueFigures = z.infer<typeof queueFiguresSchema>;

export const queueSchema = queueSettingsSchema.extend(queueFiguresSchema.shape);
export type Queue = z.infer<typeof queueSchema>;

/** What was measured by kind, of one queue. */
export interface KindSums {
  kind: string;
  count: number;
  ms: number;
}

export function summarizeActivity(sums: readonly KindSums[], seconds: number): QueueActivity {
  const count = (...kinds: readonly string[]) =>
    sums.reduce((sum, one) => sum + (kinds.includes(one.kind) ? one.count : 0), 0);
  const worked = count(...WORKED_KINDS);
  const failures = count(...FAILED_KINDS);
  const ended = count('completed') + failures;
  const ms = sums.reduce((sum, one) => sum + ((WORKED_KINDS as readonly string[]).includes(one.kind) ? one.ms : 0), 0);
  return {
    seconds,
    enqueued: count('enqueued'),
    claimed: count('claimed'),
    completed: count('completed'),
    failed: failures - count('lost'),
    lost: count('lost'),
    throughput: count('completed') / seconds,
    failureShare: ended === 0 ? null : failures / ended,
    meanMs: worked === 0 ? null : ms / worked,
  };
}
