import {
  apiKeySchema,
  appendEventSchema,
  attemptRecordSchema,
  auditEventSchema,
  checkpointSchema,
  cleanupSchema,
  codeStateSchema,
  completeSessionSchema,
  conflictSchema,
  createCheckpointSchema,
  createKeySchema,
  createPathClaimSchema,
  createProjectSchema,
  createSessionSchema,
  createWorkspaceSchema,
  failSessionSchema,
  forceReleaseSchema,
  journalEventSchema,
  journalEventTypeSchema,
  memberSchema,
  pathClaimSchema,
  projectSchema,
  releasePathClaimSchema,
  renewPathClaimSchema,
  retrySessionSchema,
  roleSchema,
  sessionMetricsSchema,
  sessionSchema,
  sessionStatusSchema,
  taskSchema,
  taskStatusSchema,
  updateProjectSchema,
  updateSessionSchema,
  updateWorkspaceSchema,
  workspaceSchema,
} from '@signalbox/core';
import type { z } from 'zod';
import { auditPageSchema, auditVerificationSchema } from './audit.ts';
import { conflictPageSchema } from './conflicts.ts';
import { createdKeySchema, keyPageSchema } from './keys.ts';
import { pathClaimPageSchema } from './path-claims.ts';
import { problemSchema } from './problem.ts';
import { projectPageSchema } from './projects.ts';
import {
  appendJournalSchema,
  appendResultSchema,
  attemptPageSchema,
  checkpointPageSchema,
  journalPageSchema,
  metricsReportSchema,
  sessionTreeSchema,
} from './session-parts.ts';
import { bulkStatusResultSchema, bulkStatusSchema, cleanupResultSchema } from './session-verbs.ts';
import {
  sessionDetailSchema,
  sessionMonitorSchema,
  sessionPageSchema,
  sessionSearchPageSchema,
  sessionStatsSchema,
} from './sessions.ts';
import { runtimePageSchema, runtimeReportSchema, systemSchema } from './system.ts';
import { taskPageSchema } from './tasks.ts';
import { fileContentSchema, workspaceFilesSchema, workspacePageSchema } from './workspaces.ts';

/** Schemas with a name in the document, and so a type with that name in generated clients. What is sent: */
export const REQUEST_COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  AppendEvent: appendEventSchema,
  AppendJournal: appendJournalSchema,
  ChangeSessionStatuses: bulkStatusSchema,
  CleanUpSessions: cleanupSchema,
  CompleteSession: completeSessionSchema,
  CreateCheckpoint: createCheckpointSchema,
  CreateKey: createKeySchema,
  CreatePathClaim: createPathClaimSchema,
  CreateProject: createProjectSchema,
  CreateSession: createSessionSchema,
  CreateWorkspace: createWorkspaceSchema,
  FailSession: failSessionSchema,
  ForceReleasePathClaim: forceReleaseSchema,
  Member: memberSchema,
  ReleasePathClaim: releasePathClaimSchema,
  RenewPathClaim: renewPathClaimSchema,
  RetrySession: retrySessionSchema,
  UpdateProject: updateProjectSchema,
  UpdateSession: updateSessionSchema,
  UpdateWorkspace: updateWorkspaceSchema,
};

/** What is answered: */
export const ANSWER_COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  ApiKey: apiKeySchema,
  ApiKeyPage: keyPageSchema,
  AppendResult: appendResultSchema,
  Attempt: attemptRecordSchema,
  AttemptPage: attemptPageSchema,
  AuditEvent: auditEventSchema,
  AuditEventPage: auditPageSchema,
  AuditVerification: auditVerificationSchema,
  Checkpoint: checkpointSchema,
  CheckpointPage: checkpointPageSchema,
  CleanupResult: cleanupResultSchema,
  Conflict: conflictSchema,
  ConflictPage: conflictPageSchema,
  CreatedApiKey: createdKeySchema,
  FileContent: fileContentSchema,
  JournalEvent: journalEventSchema,
  JournalPage: journalPageSchema,
  MetricsReport: metricsReportSchema,
  PathClaim: pathClaimSchema,
  PathClaimPage: pathClaimPageSchema,
  Problem: problemSchema,
  Project: projectSchema,
  ProjectPage: projectPageSchema,
  Runtime: runtimeReportSchema,
  RuntimePage: runtimePageSchema,
  Session: sessionSchema,
  SessionDetail: sessionDetailSchema,
  SessionMetrics: sessionMetricsSchema,
  SessionMonitor: sessionMonitorSchema,
  SessionPage: sessionPageSchema,
  SessionSearchPage: sessionSearchPageSchema,
  SessionStats: sessionStatsSchema,
  SessionTree: sessionTreeSchema,
  StatusChanges: bulkStatusResultSchema,
  System: systemSchema,
  Task: taskSchema,
  TaskPage: taskPageSchema,
  Workspace: workspaceSchema,
  WorkspaceFiles: workspaceFilesSchema,
  WorkspacePage: workspacePageSchema,
};

/** And what occurs in both. */
export const SHARED_COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  CodeState: codeStateSchema,
  JournalEventType: journalEventTypeSchema,
  Role: roleSchema,
  SessionStatus: sessionStatusSchema,
  SessionType: sessionSchema.shape.sessionType,
  TaskStatus: taskStatusSchema,
};
