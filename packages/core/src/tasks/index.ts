export { retryDelaySeconds } from './retry-delay.ts';
export {
  type Claim,
  SESSION_RUN,
  TASK_STATUSES,
  type Task,
  type TaskStatus,
  taskSchema,
  taskStatusSchema,
} from './task.ts';
export { pageTasks, TASK_FIELDS } from './task-list-store.ts';
export { type EnqueueTask, enqueueSchema, type TaskFailure, TaskQueue } from './task-queue.ts';
export type { LostClaim } from './task-store.ts';
