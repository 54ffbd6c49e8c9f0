import type { components } from './generated/api.ts';

/** The nouns as they travel, under short names; taken from the generated document, so nothing is written twice. */
type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type SessionStatus = Schemas['SessionStatus'];
export type SessionDetail = Schemas['SessionDetail'];
export type SessionTree = Schemas['SessionTree'];
export type SessionStats = Schemas['SessionStats'];
export type SessionMonitor = Schemas['SessionMonitor'];
export type SessionMetrics = Schemas['MetricsReport'];
export type CreateSession = Schemas['CreateSession'];
export type UpdateSession = Schemas['UpdateSession'];
export type CompleteSession = Schemas['CompleteSession'];
export type FailSession = Schemas['FailSession'];
export type RetrySession = Schemas['RetrySession'];
export type StatusChanges = Schemas['StatusChanges'];
export type CleanupResult = Schemas['CleanupResult'];
export type FoundSession = Schemas['SessionSearchPage']['items'][number];
export type Attempt = Schemas['Attempt'];
export type JournalPage = Schemas['JournalPage'];
export type JournalEvent = Schemas['JournalEvent'];
export type AppendEvent = Schemas['AppendEvent'];
export type AppendResult = Schemas['AppendResult']['items'][number];
export type Checkpoint = Schemas['Checkpoint'];
export type CreateCheckpoint = Schemas['CreateCheckpoint'];
export type RestoreSession = Schemas['RestoreSession'];
export type ResumeCheckpoint = Schemas['ResumeCheckpoint'];
export type ResumedSession = Schemas['ResumedSession'];
export type CheckpointStatistics = Schemas['CheckpointStatistics'];
export type Anchor = Schemas['Anchor'];
export type FailureSnapshot = Schemas['FailureSnapshot'];
export type SessionFiles = Schemas['SessionFiles'];
export type SessionState = Schemas['SessionState'];
export type Recording = Schemas['Recording'];
export type RecordingStatistics = Schemas['RecordingStatistics'];
export type RecordingDifference = Schemas['RecordingDifference'];
export type StartRecording = Schemas['StartRecording'];
export type MakeRecording = Schemas['MakeRecording'];
export type ImportRecording = Schemas['ImportRecording'];
export type ExportedRecording = Schemas['ExportedRecording'];
export type Frame = Schemas['Frame'];
export type FramePage = Schemas['FramePage'];
export type Undo = Schemas['Undo'];
export type UndoPlan = Schemas['UndoPlan'];
export type UndoConflict = Schemas['UndoConflict'];
export type CreateUndo = Schemas['CreateUndo'];
export type PreviewUndo = Schemas['PreviewUndo'];
export type RedoUndo = Schemas['RedoUndo'];
export type Webhook = Schemas['Webhook'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type WebhookWithSecret = Schemas['WebhookWithSecret'];
export type CreateWebhook = Schemas['CreateWebhook'];
export type UpdateWebhook = Schemas['UpdateWebhook'];
export type RotateWebhookSecret = Schemas['RotateWebhookSecret'];
export type Workspace = Schemas['Workspace'];
export type WorkTree = Schemas['WorkTree'];
export type WorkTreePreview = Schemas['WorkTreePreview'];
export type Leftovers = Schemas['Leftovers'];
export type CreateWorkspace = Schemas['CreateWorkspace'];
export type UpdateWorkspace = Schemas['UpdateWorkspace'];
export type WorkspaceFiles = Schemas['WorkspaceFiles'];
export type FileContent = Schemas['FileContent'];
export type Project = Schemas['Project'];
export type CreateProject = Schemas['CreateProject'];
export type UpdateProject = Schemas['UpdateProject'];
export type ApiKey = Schemas['ApiKey'];
export type Role = Schemas['Role'];
export type CreatedApiKey = Schemas['CreatedApiKey'];
export type CreateApiKey = Schemas['CreateKey'];
export type Task = Schemas['Task'];
export type TaskEta = Schemas['TaskEta'];
export type EtaAccuracy = Schemas['EtaAccuracy'];
export type Queue = Schemas['Queue'];
export type UpdateQueue = Schemas['UpdateQueue'];
export type Policy = Schemas['Policy'];
export type PolicyDocument = Schemas['PolicyDocument'];
/** A document as it is sent: what is left out is by default. */
export type PolicyInput = CreatePolicy['document'];
export type PolicyVersion = Schemas['PolicyVersion'];
export type PolicyDecision = Schemas['PolicyDecision'];
export type PolicyDryRun = Schemas['PolicyDryRun'];
export type CreatePolicy = Schemas['CreatePolicy'];
export type UpdatePolicy = Schemas['UpdatePolicy'];
export type ExplainPolicies = Schemas['ExplainPolicies'];
export type DryRunPolicies = Schemas['DryRunPolicies'];
export type Budget = Schemas['Budget'];
export type CreateBudget = Schemas['CreateBudget'];
export type UpdateBudget = Schemas['UpdateBudget'];
export type Schedule = Schemas['Schedule'];
export type CreateSchedule = Schemas['CreateSchedule'];
export type UpdateSchedule = Schemas['UpdateSchedule'];
export type TaskReceipt = Schemas['TaskReceipt'];
export type TaskAttempt = Schemas['TaskAttempt'];
export type TaskDependency = Schemas['TaskDependency'];
export type TaskOutcome = Schemas['TaskOutcome'];
export type EnqueueTask = Schemas['EnqueueTask'];
export type Claim = Schemas['Claim'];
export type ClaimTasks = Schemas['ClaimTasks'];
export type FailTask = Schemas['FailTask'];
export type DecomposeTask = Schemas['DecomposeTask'];
export type FailurePolicy = Schemas['FailurePolicy'];
export type DeadLetterFilter = Schemas['DeadLetterFilter'];
export type DeadLetterResult = Schemas['DeadLetterResult'];
export type TaskStatus = Schemas['TaskStatus'];
export type Thread = Schemas['Thread'];
export type ThreadPage = Schemas['ThreadPage'];
export type ThreadCheckpoint = Schemas['ThreadCheckpoint'];
export type ThreadCheckpointPage = Schemas['ThreadCheckpointPage'];
export type SaveThreadCheckpoint = Schemas['SaveThreadCheckpoint'];
export type SaveThreadWrites = Schemas['SaveThreadWrites'];
export type PruneThreads = Schemas['PruneThreads'];
export type PrunedThreads = Schemas['PrunedThreads'];
export type Agent = Schemas['Agent'];
export type RegisterAgent = Schemas['RegisterAgent'];
export type AgentHeartbeat = Schemas['AgentHeartbeat'];
export type AgentHeartbeatAnswer = Schemas['AgentHeartbeatAnswer'];
export type AgentMetrics = Schemas['AgentMetrics'];
export type AgentSettings = Schemas['AgentSettings'];
export type UpdateAgentSettings = Schemas['UpdateAgentSettings'];
export type ClaimWork = Schemas['ClaimWork'];
export type Handoff = Schemas['Handoff'];
export type HandOff = Schemas['HandOff'];
export type Lock = Schemas['Lock'];
export type LockAnswer = Schemas['LockAnswer'];
export type LockInfo = Schemas['LockInfo'];
export type LockStats = Schemas['LockStats'];
export type LockWaiter = Schemas['LockWaiter'];
export type AcquireLock = Schemas['AcquireLock'];
export type PathClaim = Schemas['PathClaim'];
export type CreatePathClaim = Schemas['CreatePathClaim'];
export type WorkspaceChange = Schemas['WorkspaceChange'];
export type WorkspaceCapture = Schemas['WorkspaceCapture'];
export type CaptureStorage = Schemas['CaptureStorage'];
export type SessionDiff = Schemas['SessionDiff'];
export type FileDiff = Schemas['FileDiff'];
export type Blame = Schemas['Blame'];
export type BlamedLine = Schemas['BlamedLine'];
export type Approval = Schemas['Approval'];
export type ApprovalStatus = Approval['status'];
export type ApprovalRecord = Schemas['ApprovalRecord'];
export type ApprovalComment = Schemas['ApprovalComment'];
export type RequestApproval = Schemas['RequestApproval'];
export type RequestSession = Schemas['RequestSession'];
export type RequestTask = Schemas['RequestTask'];
export type Conflict = Schemas['Conflict'];
export type RollbackConflict = Schemas['RollbackConflict'];
export type DrawRollbackConflict = Schemas['DrawRollbackConflict'];
export type DrawnRollbackConflict = Schemas['DrawnRollbackConflict'];
export type ResolveRollbackConflict = Schemas['ResolveRollbackConflict'];
export type MergeResult = Schemas['MergeResult'];
export type MonitoringSummary = Schemas['MonitoringSummary'];
export type MonitoringTrends = Schemas['MonitoringTrends'];
export type MonitoringExport = Schemas['MonitoringExport'];
export type RollbackAlert = Schemas['RollbackAlert'];
export type RollbackSample = Schemas['RollbackSample'];
export type RollbackPoint = Schemas['RollbackPoint'];
export type CreateRollbackPoint = Schemas['CreateRollbackPoint'];
export type RollbackSnapshot = Schemas['RollbackSnapshotPage']['items'][number];
export type RollbackDiff = Schemas['RollbackDiff'];
export type RollbackOperation = Schemas['RollbackOperation'];
export type StartRollback = Schemas['StartRollback'];
export type RollbackPreview = Schemas['RollbackPreview'];
export type RollbackCancellation = Schemas['RollbackCancellation'];
export type RollbackMetrics = Schemas['RollbackMetrics'];
export type SessionRollbackHistory = Schemas['SessionRollbackHistory'];
export type AuditEvent = Schemas['AuditEvent'];
export type AuditVerification = Schemas['AuditVerification'];
export type RuntimeInfo = Schemas['Runtime'];
export type SystemInfo = Schemas['System'];

/** What every list answers. */
export interface Page<Item> {
  items: Item[];
  total: number;
  page: number;
  pageSize: number;
  /** Goes on behind the last item, stable under insertions; null or absent at the end. */
  nextCursor?: string | null | undefined;
}

/**
 * Page, order and filters of a list: `{ page: 2, status: 'running', 'priority.lte': 1 }`. The server refuses names it
 * does not know with 400.
 */
export interface ListQuery {
  /** From 1. */
  page?: number | undefined;
  /** 1 to 100; 20 without. */
  pageSize?: number | undefined;
  sortBy?: string | undefined;
  sortOrder?: 'asc' | 'desc' | undefined;
  /** From a page's `nextCursor`, instead of `page`. */
  cursor?: string | undefined;
  includeDeleted?: boolean | undefined;
  [filter: string]: string | number | boolean | undefined;
}
