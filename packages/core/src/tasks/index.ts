export type { LostClaim } from './claim-store.ts';
export type { MeasuredAttempts } from './ending-store.ts';
export { type EnqueueReceipt, type EnqueueTask, enqueueSchema } from './enqueue-task.ts';
export { retryDelaySeconds } from './retry-delay.ts';
export {
  type Backoff,
  backoffSchema,
  type Claim,
  type ClaimRef,
  DEFAULT_QUEUE,
  FINAL_TASK_STATUSES,
  queueNameSchema,
  SESSION_QUEUE,
  SESSION_RUN,
  TASK_STATUSES,
  type Task,
  type TaskFailure,
  type TaskStatus,
  taskSchema,
  taskStatusSchema,
  taskTypeSchema,
} from './task.ts';
export { pageTasks, TASK_FIELDS } from './task-list-store.ts';
export { type ClaimRequest, TaskQueue, type TaskQueueOptions } from './task-queue.ts';
export type { TaskWrites } from './task-writes.ts';
