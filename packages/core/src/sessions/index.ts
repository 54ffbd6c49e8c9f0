export * from './adopted/index.ts';
export { type Anchor, type AnchorKeeper, anchorSchema } from './checkpoints/anchor.ts';
export {
  type Checkpoint,
  type CheckpointCapture,
  type CreateCheckpoint,
  checkpointSchema,
  createCheckpointSchema,
} from './checkpoints/checkpoint.ts';
export { type CheckpointPolicyInput, checkpointPolicySchema } from './checkpoints/checkpoint-policy.ts';
export { type CheckpointStatistics, checkpointStatisticsSchema } from './checkpoints/checkpoint-store.ts';
export { type FailureSnapshot, failureSnapshotSchema } from './checkpoints/failure-snapshot.ts';
export { type RestoreSession, type RestoreSource, restoreSessionSchema } from './checkpoints/restore-session.ts';
export {
  type ResumeCheckpoint,
  type ResumedSession,
  resumeCheckpointSchema,
  type UndoOwnChanges,
} from './checkpoints/resume-checkpoint.ts';
export { type Cleanup, type CleanupFigures, type CleanupOptions, cleanupSchema } from './cleanup-sessions.ts';
export { BULK_LIMIT } from './create-session.ts';
export type { ActionOptions } from './held-sessions.ts';
export {
  type JudgedMetrics,
  SESSION_RELATIONS,
  type SessionDetails,
  type SessionRelation,
} from './read-sessions.ts';
export { type RetrySession, retrySessionSchema } from './retry-session.ts';
export * from './run/index.ts';
export * from './runtime.ts';
export {
  type CreateSession,
  createSessionSchema,
  DEFAULT_AGENT_CONFIG,
  isolationSchema,
  placeOf,
  type Session,
  sessionSchema,
  type UpdateSession,
  updateSessionSchema,
} from './session.ts';
export { type AttemptRecord, attemptRecordSchema } from './session-attempt.ts';
export { SessionFiles } from './session-files.ts';
export { elapsedSeconds, healthScore, whyNotRecoverable } from './session-health.ts';
export {
  type CompleteSession,
  completeSessionSchema,
  type FailSession,
  failSessionSchema,
  type SkippedSession,
} from './session-lifecycle.ts';
export { type RankedSession, SESSION_FIELDS } from './session-list-store.ts';
export { type Member, memberSchema } from './session-membership.ts';
export { type AddUsage, addUsageSchema, type SessionMetrics, sessionMetricsSchema } from './session-metrics.ts';
export type { SessionParts } from './session-parts.ts';
export { SessionRequests, settleSession } from './session-requests.ts';
export type { SessionMonitor, SessionStatistics } from './session-statistics.ts';
export {
  ACTIVE_STATUSES,
  canTransition,
  isActive,
  SESSION_STATUSES,
  type SessionStatus,
  sessionStatusSchema,
  TERMINAL_STATUSES,
  transitions,
} from './session-status.ts';
export type { SessionTree } from './session-tree.ts';
export type { FoundSession, OverdueSession } from './session-upkeep-store.ts';
export type { SessionNews } from './session-write.ts';
export { createSessions, type Sessions, type SessionVerbs } from './sessions.ts';
export { type BulkUpdateItem, bulkUpdateItemSchema } from './update-session.ts';
