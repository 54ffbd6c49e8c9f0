import { z } from 'zod';
import { queueNameSchema } from './task.ts';

/** At most `limit` claims in any `seconds`: a bucket that refills steadily. */
export const queueRateSchema = z.strictObject({
  limit: z.int().min(1).max(1_000_000_000),
  seconds: z.number().positive().max(86_400),
});

/** What has been set about a queue. One about which nothing was ever set is open, has no limits, and is at version 0. */
export const queueSettingsSchema = z.object({
  name: queueNameSchema,
  /** Nothing is claimed from it; work that is under way goes on. */
  paused: z.boolean(),
  /** It takes no new tasks; those it has are worked off. */
  draining: z.boolean(),
  /** Most tasks of it that are worked on at the same time, in all and for each concurrency key. */
  maxConcurrent: z.int().min(1).nullable(),
  maxConcurrentPerKey: z.int().min(1).nullable(),
  rate: queueRateSchema.nullable(),
  version: z.int(),
  updatedAt: z.iso.datetime().nullable(),
});
export type QueueSettings = z.infer<typeof queueSettingsSchema>;

export const updateQueueSchema = z
  .strictObject({
    maxConcurrent: z.int().min(1).max(1_000_000).nullable(),
    maxConcurrentPerKey: z.int().min(1).max(1_000_000).nullable(),
    rate: queueRateSchema.nullable(),
  })
  .partial();
export type UpdateQueue = z.input<typeof updateQueueSchema>;

/** What changes by itself or by one's own verb, not by an update. */
export type QueueChanges = Partial<Omit<QueueSettings, 'name' | 'version' | 'updatedAt'>>;

/** The verbs that open and close a queue, and what they set. */
export const QUEUE_VERBS = {
  pause: { paused: true },
  resume: { paused: false },
  drain: { draining: true },
  open: { draining: false },
} as const satisfies Record<string, QueueChanges>;
export type QueueVerb = keyof typeof QUEUE_VERBS;

/** A queue about which nothing was set. */
export function defaultQueue(name: string): QueueSettings {
  return {
    name,
    paused: false,
    draining: false,
    maxConcurrent: null,
    maxConcurrentPerKey: null,
    rate: null,
    version: 0,
    updatedAt: null,
  };
}

/** Whether claims from it are counted. */
export function isLimited({ maxConcurrent, maxConcurrentPerKey, rate }: QueueSettings): boolean {
  return maxConcurrent !== null || maxConcurrentPerKey !== null || rate !== null;
}
