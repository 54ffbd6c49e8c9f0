export { ACTIVITY_KINDS, type ActivityKind, type MeasuredWork } from './activity.ts';
export { ActivityRecorder } from './activity-recorder.ts';
export { expireClaims, findHeldTasks, type HeldTask, holdTasksOf } from './agent-claims-store.ts';
export { type AssignableTask, findAssignable, findRequirements } from './assignable-store.ts';
export { type TaskAttempt, taskAttemptSchema } from './attempt-store.ts';
export type { LostClaim } from './claim-store.ts';
export type { DeadLetterFilter } from './dead-letter-store.ts';
export { type BulkOutcome, DeadLetters } from './dead-letters.ts';
export { MOST_AT_ONCE } from './enqueue-graph.ts';
export { type EnqueueReceipt, type EnqueueTask, enqueueSchema } from './enqueue-task.ts';
export {
  type Eta,
  type EtaAccuracy,
  etaAccuracySchema,
  etaSchema,
  type TaskEta,
  TaskEtas,
  taskEtaSchema,
} from './eta/index.ts';
export { type AssignedTask, handOverClaims, takeGivenTasks } from './given-tasks-store.ts';
export { type BoundedCount, boundedCountSchema, type Queue, queueSchema } from './queue-figures.ts';
export { listQueueNames } from './queue-figures-store.ts';
export { queueRateSchema, type UpdateQueue, updateQueueSchema } from './queue-settings.ts';
export { getQueues } from './queue-settings-store.ts';
export { Queues } from './queues.ts';
export { retireTasks, type TaskRetentionReport, type TaskRetentionSettings } from './retention.ts';
export { retryDelaySeconds } from './retry-delay.ts';
export {
  type CreateSchedule,
  createScheduleSchema,
  type Schedule,
  Schedules,
  scheduleSchema,
  type UpdateSchedule,
  updateScheduleSchema,
} from './schedules/index.ts';
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
export {
  type DecomposeOptions,
  decomposeOptionsSchema,
  FAILURE_POLICIES,
  type FailurePolicy,
  failurePolicySchema,
  type TaskDependency,
  taskDependencySchema,
} from './task-graph.ts';
export { pageTasks, TASK_FIELDS } from './task-list-store.ts';
export { type ClaimRequest, TaskQueue, type TaskQueueOptions, type WorkEnding } from './task-queue.ts';
export type { TaskWrites } from './task-writes.ts';
export {
  type HandlerContext,
  type TaskHandler,
  TaskWorker,
  type WorkerParts,
  type WorkerSettings,
} from './worker/index.ts';
