import type { ApprovalStatus, JournalEvent, SessionStatus, TaskStatus } from '../types.ts';

/** Kinds of changes that the feed tells of. */
export type FeedTopic =
  | 'session'
  | 'journal'
  | 'checkpoint'
  | 'recording'
  | 'task'
  | 'agent'
  | 'queue'
  | 'schedule'
  | 'lock'
  | 'path'
  | 'conflict'
  | 'workspace'
  | 'rollback'
  | 'undo'
  | 'thread'
  | 'approval'
  | 'policy'
  | 'graph'
  | 'topology'
  | 'budget'
  | 'webhook'
  | 'project';

/** What a feed event says, by topic. Topics without an entry here carry an open object. */
export interface FeedPayloads {
  session: {
    sessionId: string;
    change: 'created' | 'updated' | 'status' | 'deleted' | 'restored';
    status: SessionStatus;
    oldStatus?: SessionStatus;
    version: number;
  };
  /** `events` stand in it only where the stream is of one session. */
  journal: { sessionId: string; fromSeq: number; toSeq: number; events?: JournalEvent[] };
  checkpoint: { sessionId: string; sequence: number };
  recording: Record<string, unknown>;
  /** Checkpoints saved together, or ids of threads that were pruned or deleted. */
  thread: {
    saved?: { threadId: string; namespace: string; checkpointId: string }[];
    pruned?: string[];
    deleted?: string[];
  };
  /** What happened to tasks together: how many are in which status now, and the first few of them. */
  task: { counts: Partial<Record<TaskStatus, number>>; taskIds: string[] };
  /** What happened to agents (`agent:dead`, `agent:changed`, …) or to tasks of theirs; further fields by event. */
  agent: { event: string; agentId?: string; agentIds?: string[] };
  /** How many locks of a batch were granted, queued, released, lost…, and the first resources. */
  lock: { counts?: Record<string, number>; resources?: string[] };
  /** Claims of this workspace came, went, or were granted. */
  path: { workspaceId: string };
  conflict: { conflictId: string; change: 'created' | 'acknowledged'; path: string; sessionIds: string[] };
  /** Its settings changed; `change` is the verb. */
  queue: { queue: string; change: 'update' | 'pause' | 'resume' | 'drain' | 'open'; version: number };
  schedule: {
    scheduleId: string;
    change: 'created' | 'updated' | 'deleted' | 'fired' | 'skipped';
    version?: number;
    /** The task of a time that fired. */
    taskId?: string | null;
  };
  /** What was said of the code changed, or an index job moved. */
  graph: Record<string, unknown>;
  /** The map changed, a service did, or something became of the alert of a cycle. */
  topology: { change: string; revision?: number; alertId?: string; serviceId?: string };
  policy: { policyId: string; change: 'created' | 'updated' | 'deleted'; version: number | null };
  /** `warning` and `reached` name the session that came to it. */
  budget: {
    budgetId: string;
    name: string;
    change: 'created' | 'updated' | 'deleted' | 'warning' | 'reached';
    version?: number | null;
    sessionId?: string;
  };
  /** `disabled`: it failed for too long, and `reason` says how. */
  webhook: {
    webhookId: string;
    change: 'created' | 'updated' | 'deleted' | 'rotated' | 'disabled';
    version: number;
    reason?: string;
  };
  workspace: Record<string, unknown>;
  /** What happened to a rollback point or an operation (`rollback-point-created`, `rollback-progress`, …); further fields by event. */
  rollback: { event: string; rollbackPointId?: string; operationId?: string };
  approval: {
    approvalId: string;
    change: 'requested' | 'voted' | 'decided' | 'commented' | 'reminded' | 'escalated' | 'used';
    status: ApprovalStatus;
    sessionId: string | null;
    taskId: string | null;
    version: number;
  };
  undo: { undoId: string; workspaceId: string; status: string; version: number };
  project: Record<string, unknown>;
}

/** One committed change, numbered by the project's feed. */
export type FeedEvent = {
  [Topic in FeedTopic]: {
    type: 'feed';
    topic: Topic;
    /** Give it as `lastEventId` to go on behind it. */
    id: string;
    position: number;
    /** ISO 8601. */
    at: string;
    payload: FeedPayloads[Topic];
  };
}[FeedTopic];

/** What the stream of events yields, in the order in which it happened. */
export type StreamEvent =
  | FeedEvent
  /** The connection stands; `resumed` when what happened meanwhile follows. */
  | { type: 'open'; resumed: boolean }
  /** The connection broke; it is tried again by itself. */
  | { type: 'lost'; reason: string; retryInMs: number }
  /** Where the feed stands at the first connection. */
  | { type: 'hello'; epoch: string; position: number }
  /** The feed cannot go on from the last event seen: read everything shown afresh. Events go on from `position`. */
  | { type: 'reset'; epoch: string; position: number }
  /** A streamed piece of a message; not recorded as such, and not repeated after a lost connection. */
  | { type: 'delta'; sessionId: string; messageId: string; role: string; text: string };
