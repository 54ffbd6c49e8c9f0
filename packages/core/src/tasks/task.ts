import { z } from 'zod';

/** Task status (design.md §2). */
export const TASK_STATUSES = [
  'queued',
  'waiting',
  'held',
  'claimed',
  'running',
  'completed',
  'failed',
  'dead',
  'cancelled',
  'skipped',
] as const;
export const taskStatusSchema = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** Statuses that a task never leaves by itself; `dead` and `failed` are left by a redrive. */
export const FINAL_TASK_STATUSES = ['completed', 'failed', 'dead', 'cancelled', 'skipped'] as const;

/** Type and queue of the tasks that run sessions. */
export const SESSION_RUN = 'session.run';
export const SESSION_QUEUE = 'sessions';
/** The queue of tasks that name none. */
export const DEFAULT_QUEUE = 'default';

export const queueNameSchema = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,99}$/);
export const taskTypeSchema = z.string().regex(/^[a-z][a-z0-9_.-]{0,99}$/);

/** PostgreSQL counts time in microseconds, and refuses numbers so small that it can make nothing of them (3e-119). */
export function toMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** How the wait before the next attempt grows: `base × factor^failures`, at most `max`, less a random part of up to `jitter` of it. */
export const backoffSchema = z.strictObject({
  baseSeconds: z.number().nonnegative().max(86_400).overwrite(toMicroseconds).default(1),
  factor: z.number().min(1).max(10).default(2),
  maxSeconds: z.number().nonnegative().max(604_800).overwrite(toMicroseconds).default(300),
  jitter: z.number().min(0).max(1).overwrite(toMicroseconds).default(0.5),
});
export type Backoff = z.infer<typeof backoffSchema>;

/** A unit of queued work, as stored, sent and shown. */
export const taskSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  queue: z.string(),
  type: z.string(),
  payload: z.record(z.string(), z.json()),
  status: taskStatusSchema,
  /** Lower is more urgent; within one priority the order is that of arrival. */
  priority: z.int().min(0).max(9),
  runAt: z.iso.datetime(),
  /** How often it has been claimed. */
  attempt: z.int(),
  /** How many of its attempts failed or were lost; it is over when these reach `maxAttempts`. */
  failures: z.int(),
  maxAttempts: z.int(),
  backoff: backoffSchema.nullable(),
  sessionId: z.string().nullable(),
  parentId: z.string().nullable(),
  /** What an agent must be able to do. */
  required: z.array(z.string()),
  concurrencyKey: z.string().nullable(),
  deadline: z.iso.datetime().nullable(),
  estimatedMs: z.int().nullable(),
  /** Whose the claim is, or the last one was. */
  claimedBy: z.string().nullable(),
  claimExpiresAt: z.iso.datetime().nullable(),
  claimedAt: z.iso.datetime().nullable(),
  idempotencyKey: z.string().nullable(),
  uniqueKey: z.string().nullable(),
  traceId: z.string().nullable(),
  traceparent: z.string().nullable(),
  /** What the agent last said of how far it is. */
  progress: z.json().nullable(),
  result: z.json().nullable(),
  error: z.json().nullable(),
  createdBy: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Task = z.infer<typeof taskSchema>;

/** What names a claim in every later write: the task, and the token under which it was given. */
export interface ClaimRef {
  projectId: string;
  taskId: string;
  /** Fencing token, a positive integer below 2^53. It only grows. */
  token: number;
}

/** An agent's exclusive, expiring right to a task. `token` goes with every later write. */
export interface Claim extends ClaimRef {
  sessionId: string | null;
  queue: string;
  type: string;
  payload: Record<string, unknown>;
  priority: number;
  agent: string;
  attempt: number;
  /** Attempts before this one that failed or were lost. */
  failures: number;
  maxAttempts: number;
  traceparent: string | null;
  /** By the database's clock. */
  expiresAt: Date;
}

/** Why an attempt failed. */
export interface TaskFailure {
  name: string;
  message: string;
  /** False: trying again cannot help, the task fails for good. */
  retryable: boolean;
}
