import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Executor, Transaction } from '../platform/database/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { TaskQueue } from '../tasks/index.ts';
import type { Workspaces } from '../workspaces/index.ts';
import type { AnchorKeeper } from './checkpoints/anchor.ts';
import type { Checkpoint, CheckpointCapture } from './checkpoints/checkpoint.ts';
import type { UndoOwnChanges } from './checkpoints/resume-checkpoint.ts';
import type { RuntimeSessionRef } from './runtime.ts';
import type { Session } from './session.ts';

/** What the room needs of the others. */
export interface SessionParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  /** Where runs of sessions wait for an agent. */
  tasks: Pick<TaskQueue, 'within'>;
  workspaces: Pick<Workspaces, 'get'>;
  /** Keeps what checkpoints say of entities (SES-102); a table of the room by default. */
  anchors?: AnchorKeeper;
  /** Told of anchors that could not be kept; they are tried again. */
  onAnchorFailure?: (error: unknown, checkpoint: Checkpoint) => void;
  /** Takes back what a session changed since a checkpoint, before it goes on from there. */
  undoOwnChanges?: UndoOwnChanges;
  /** Why the runtime cannot go on from a session of its own; null where, as far as can be told here, it can. */
  whyRuntimeSessionGone?: (session: Session, ref: RuntimeSessionRef) => Promise<string | null>;
  /** Captures a workspace now, where something changed since the last time; null where it cannot. */
  captureNow?: (projectId: string, workspaceId: string, sessionId: string) => Promise<CheckpointCapture | null>;
  /** The capture of a workspace that stood at this instant; null where it was never captured before. */
  captureAt?: (
    tx: Transaction,
    projectId: string,
    workspaceId: string,
    at: string,
  ) => Promise<CheckpointCapture | null>;
}

/**
 * Where the verbs run: on the database, each in a transaction of its own, or all of them on one transaction of the
 * caller's (ORC-123).
 */
export interface SessionScope extends SessionParts {
  /** For reads of one statement. */
  read: Executor;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** For reads of several statements that must see one state (ORC-143). */
  snapshot<T>(work: (executor: Executor) => Promise<T>): Promise<T>;
}

/** Deadlocks with a claim or a reaper, which lock task and session the other way round, are tried again. */
const RETRIES = 3;

export function onDatabase(parts: SessionParts): SessionScope {
  const { database } = parts;
  return {
    ...parts,
    read: database,
    write: (work) => database.transaction(work, { retries: RETRIES }),
    snapshot: (work) => database.transaction(work, { isolation: 'repeatable read', readOnly: true }),
  };
}

export function onTransaction(parts: SessionParts, tx: Transaction): SessionScope {
  // A capture takes its time, and a transaction of its own.
  const { captureNow: _never, ...rest } = parts;
  return { ...rest, read: tx, write: (work) => work(tx), snapshot: (work) => work(tx) };
}
