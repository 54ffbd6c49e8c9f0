// What other packages may use of core, room by room. Rooms export from their own index what is public; nothing else is.
export * from './audit/index.ts';
export * from './journal/index.ts';
export * from './platform/index.ts';
export * from './projects/index.ts';
export {
  type Checkpoint,
  type CreateCheckpoint,
  checkpointSchema,
  createCheckpointSchema,
} from './sessions/checkpoint.ts';
export * from './sessions/runtime.ts';
export {
  type CreateSession,
  createSessionSchema,
  prioritySchema,
  type Session,
  sessionSchema,
  sessionTypeSchema,
  type UpdateSession,
  updateSessionSchema,
} from './sessions/session.ts';
export { type SessionMetrics, sessionMetricsSchema } from './sessions/session-metrics.ts';
export { SESSION_STATUSES, type SessionStatus, sessionStatusSchema } from './sessions/session-status.ts';
export * from './tasks/index.ts';
export * from './workspaces/index.ts';
