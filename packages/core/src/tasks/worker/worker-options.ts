import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Logger } from '../../platform/logging/index.ts';
import type { Claim } from '../task.ts';
import type { TaskQueue } from '../task-queue.ts';

/** What a handler is told besides the task. */
export interface HandlerContext {
  /** Aborted when the claim is lost or the worker gives up waiting at its stop: work no more, nothing will be recorded. */
  signal: AbortSignal;
}

/**
 * Does the work of one task; its value becomes the task's result. What it throws fails the attempt; an error with
 * `retryable: false` fails the task for good.
 */
export type TaskHandler = (task: Claim, context: HandlerContext) => unknown;

export const workerSettingsSchema = z.strictObject({
  /** Name under which it claims. */
  agent: z.string().min(1).max(200),
  queues: z.array(z.string()).min(1).default(['default']),
  /** What its tasks may require. */
  able: z.array(z.string()).default([]),
  /** Most handlers that run at once. */
  concurrency: z.int().min(1).max(10_000).default(10),
  /** Claims kept in hand beyond those that run; 0 claims only what can start now. */
  prefetch: z.int().min(0).max(10_000).default(0),
  /** A claim that has waited here this long without being started goes back to the others, in seconds. */
  returnAfterSeconds: z.number().positive().default(10),
  leaseSeconds: z.number().min(1).max(600).default(30),
  heartbeatSeconds: z.number().positive().default(10),
});
export type WorkerSettings = z.input<typeof workerSettingsSchema>;

export interface WorkerParts {
  tasks: TaskQueue;
  clock: Clock;
  logger: Logger;
}
