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

/** Type of the task that runs a session. */
export const SESSION_RUN = 'session.run';

/** A unit of queued work, as stored, sent and shown. */
export const taskSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  type: z.string(),
  payload: z.record(z.string(), z.json()),
  status: taskStatusSchema,
  priority: z.int().min(0).max(4),
  runAt: z.iso.datetime(),
  /** How often it has been claimed. */
  attempt: z.int(),
  maxAttempts: z.int(),
  sessionId: z.string().nullable(),
  claimedBy: z.string().nullable(),
  claimExpiresAt: z.iso.datetime().nullable(),
  claimedAt: z.iso.datetime().nullable(),
  idempotencyKey: z.string().nullable(),
  traceId: z.string().nullable(),
  result: z.json().nullable(),
  error: z.json().nullable(),
  createdBy: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Task = z.infer<typeof taskSchema>;

/** An agent's exclusive, expiring right to a task. `token` goes with every later write and only grows. */
export interface Claim {
  projectId: string;
  taskId: string;
  sessionId: string | null;
  type: string;
  payload: Record<string, unknown>;
  agent: string;
  /** Fencing token, a positive integer below 2^53. */
  token: number;
  attempt: number;
  expiresAt: Date;
}
