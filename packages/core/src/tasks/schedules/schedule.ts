import { z } from 'zod';
import { enqueueSchema } from '../enqueue-task.ts';

export const scheduleNameSchema = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,99}$/);

/** The task that is enqueued each time. */
export const scheduledTaskSchema = enqueueSchema.pick({
  type: true,
  queue: true,
  payload: true,
  priority: true,
  maxAttempts: true,
  backoff: true,
  required: true,
  concurrencyKey: true,
  estimatedMs: true,
});
export type ScheduledTask = z.output<typeof scheduledTaskSchema>;

/** What becomes of times that were missed because no scheduler ran: left out, or made up for by a single run. */
export const catchUpSchema = z.enum(['skip', 'once']);
/** Whether it fires while the task of the last time is not over yet. */
export const overlapSchema = z.enum(['allow', 'skip']);

/** Why a time was left out. */
export const skipReasonSchema = z.enum(['missed', 'overlap', 'queue_draining', 'task_refused', 'times_unreadable']);
export type SkipReason = z.infer<typeof skipReasonSchema>;

/** A task that comes again and again. */
export const scheduleSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  name: scheduleNameSchema,
  /** Five fields (minute, hour, day, month, weekday), six with seconds before them, or `@daily` and the like. */
  cron: z.string(),
  /** IANA name of the time zone in which the expression is read. */
  timezone: z.string(),
  task: scheduledTaskSchema,
  enabled: z.boolean(),
  catchUp: catchUpSchema,
  overlap: overlapSchema,
  /** Null while it is disabled, and when its expression names no further time. */
  nextRunAt: z.iso.datetime().nullable(),
  /** The time that fired last (when it was due, not when it was done), and its task. */
  lastRunAt: z.iso.datetime().nullable(),
  lastTaskId: z.string().nullable(),
  lastSkippedAt: z.iso.datetime().nullable(),
  lastSkipReason: skipReasonSchema.nullable(),
  createdBy: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const createScheduleSchema = z.strictObject({
  name: scheduleNameSchema,
  cron: z.string().trim().min(1).max(200),
  timezone: z.string().min(1).max(100).default('UTC'),
  task: scheduledTaskSchema,
  enabled: z.boolean().default(true),
  catchUp: catchUpSchema.default('skip'),
  overlap: overlapSchema.default('allow'),
});
export type CreateSchedule = z.input<typeof createScheduleSchema>;

export const updateScheduleSchema = z
  .strictObject({
    name: scheduleNameSchema,
    cron: z.string().trim().min(1).max(200),
    timezone: z.string().min(1).max(100),
    task: scheduledTaskSchema,
    enabled: z.boolean(),
    catchUp: catchUpSchema,
    overlap: overlapSchema,
  })
  .partial();
export type UpdateSchedule = z.input<typeof updateScheduleSchema>;
