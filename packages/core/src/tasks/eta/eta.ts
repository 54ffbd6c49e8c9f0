import { z } from 'zod';
import { boundedCountSchema } from '../queue-figures.ts';
import { taskStatusSchema } from '../task.ts';

/** What decides when a task starts. */
export const etaBoundSchema = z.enum(['begun', 'its_time', 'agents', 'concurrency', 'concurrency_key', 'rate']);
export type EtaBound = z.infer<typeof etaBoundSchema>;

/** Why nothing can be said. Each is told rather than a guess (GEN-08). */
export const noEtaReasonSchema = z.enum([
  /** It is over. */
  'over',
  /** It waits for other tasks or for somebody's answer. */
  'waiting',
  /** Its queue is paused. */
  'paused',
  /** Fewer than two attempts of its type were measured within a day. */
  'not_measured',
  /** It could start, but nobody claims from its queue. */
  'not_worked_on',
]);
export type NoEtaReason = z.infer<typeof noEtaReasonSchema>;

/** When a task will start and end, from what was measured of its type and of what stands before it. */
export const etaSchema = z.object({
  startsAt: z.iso.datetime(),
  finishesAt: z.iso.datetime(),
  /** One standard deviation of `finishesAt`, and of `startsAt`, in seconds. */
  errorSeconds: z.number(),
  startErrorSeconds: z.number(),
  /** Attempts of its type that were measured. */
  samples: z.int(),
  /** Ready tasks that are claimed before it. Where not exact there are more, and it is later than said. */
  ahead: boundedCountSchema,
  basis: z.object({
    /** How far back measurements go, in seconds. */
    windowSeconds: z.number(),
    /** Mean duration of an attempt of its type in milliseconds, and attempts for each task that ended. */
    meanMs: z.number(),
    attemptsPerTask: z.number(),
    /** How many tasks of the queue are worked on at the same time, as seen, and under its limit. */
    parallelism: z.number(),
    /** Tasks before it whose own type was not measured; they are reckoned with the mean of all. */
    unmeasuredAhead: z.int(),
    boundBy: etaBoundSchema,
  }),
});
export type Eta = z.infer<typeof etaSchema>;

/** How good foretelling was: what was first said of tasks against what happened to them. */
export const etaAccuracySchema = z.object({
  type: z.string(),
  /** Tasks that were asked for and are completed. */
  samples: z.int(),
  meanAbsoluteErrorSeconds: z.number(),
  meanAbsoluteStartErrorSeconds: z.number(),
  /** Share of those that ended within the error that was stated. */
  withinStatedError: z.number(),
});
export type EtaAccuracy = z.infer<typeof etaAccuracySchema>;

export const taskEtaSchema = z.object({
  taskId: z.string(),
  status: taskStatusSchema,
  eta: etaSchema.nullable(),
  /** Why there is none. */
  reason: noEtaReasonSchema.nullable(),
  /** How good it was for its type so far; null while nothing that was foretold is over. */
  accuracy: etaAccuracySchema.nullable(),
});
export type TaskEta = z.infer<typeof taskEtaSchema>;
