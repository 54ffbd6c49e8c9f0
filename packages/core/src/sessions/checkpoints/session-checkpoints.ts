import { eventsUpTo, type JournalEvent, journalOrigin } from '../../journal/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { ActionOptions } from '../held-sessions.ts';
import type { Session } from '../session.ts';
import type { SessionScope } from '../session-parts.ts';
import { canTransition, isActive, SESSION_STATUSES } from '../session-status.ts';
import { getSessions, sessionExists } from '../session-store.ts';
import { addCheckpoint, type CheckpointFacts } from './add-checkpoint.ts';
import type { Anchor } from './anchor.ts';
import { getAnchors, getAnchorsBySession, getAnchorsOf } from './anchor-store.ts';
import type { Checkpoint, CreateCheckpoint } from './checkpoint.ts';
import {
  type CheckpointStatistics,
  getCheckpoints,
  latestCheckpoint,
  readStatistics,
  treesOfCheckpoints,
} from './checkpoint-store.ts';
import { keepDueAnchors, takeDueCheckpoints } from './due-checkpoints.ts';
import type { FailureSnapshot } from './failure-snapshot.ts';
import { listFailureSnapshots } from './failure-snapshot-store.ts';
import { type RestoreSession, type RestoreSource, restoreSession } from './restore-session.ts';
import { type ResumeCheckpoint, type ResumedSession, resumeCheckpoint } from './resume-checkpoint.ts';

/** Of a session that runs, or may be tried again. */
const GOING_ON = SESSION_STATUSES.filter((status) => isActive(status) || canTransition(status, 'pending', true));

export function checkpointVerbs(scope: SessionScope) {
  const verbs = {
    /** As {@link addCheckpoint}. */
    addCheckpoint: (
      projectId: string,
      sessionId: string,
      input: CreateCheckpoint,
      facts: CheckpointFacts = {},
    ): Promise<Checkpoint> => addCheckpoint(scope, projectId, sessionId, input, facts),

    /** By sequence. @throws SESSION_NOT_FOUND */
    async listCheckpoints(projectId: string, sessionId: string): Promise<Checkpoint[]> {
      const checkpoints = await getCheckpoints(scope.read, projectId, sessionId);
      await checkThere(projectId, sessionId);
      return checkpoints;
    },

    /** @throws SESSION_NOT_FOUND, CHECKPOINT_NOT_FOUND */
    async getCheckpoint(projectId: string, sessionId: string, sequence: number): Promise<Checkpoint> {
      const [checkpoint] = await getCheckpoints(scope.read, projectId, sessionId, sequence);
      await checkThere(projectId, sessionId);
      if (!checkpoint) throw new SignalboxError('CHECKPOINT_NOT_FOUND', { id: sessionId, sequence });
      return checkpoint;
    },

    /** SES-013: the latest one, or the latest at or before an event; null while there is none. @throws SESSION_NOT_FOUND */
    async currentCheckpoint(
      projectId: string,
      sessionId: string,
      journalSeq = Number.MAX_SAFE_INTEGER,
    ): Promise<Checkpoint | null> {
      const checkpoint = await latestCheckpoint(scope.read, projectId, sessionId, journalSeq);
      await checkThere(projectId, sessionId);
      return checkpoint;
    },

    /**
     * The trees of a workspace's captures that checkpoints need: of sessions that can go on, and those that anchors and failure
     * snapshots name. The rest of finished sessions gives way with their captures.
     */
    checkpointTreesInUse: (projectId: string, workspaceId: string): Promise<string[]> =>
      treesOfCheckpoints(scope.read, projectId, workspaceId, GOING_ON),

    /** SES-023, SES-075. */
    checkpointStatistics: (projectId: string): Promise<CheckpointStatistics> => readStatistics(scope.read, projectId),

    /** What the last checkpoints say of an entity, the newest last (SES-102). */
    anchors: (projectId: string, entityId: string): Promise<Anchor[]> => getAnchors(scope.read, projectId, entityId),

    /** The same of several entities, by entity. */
    anchorsOf: (projectId: string, entityIds: readonly string[]): Promise<Map<string, Anchor[]>> =>
      getAnchorsOf(scope.read, projectId, entityIds),

    /** The anchors of entities that a session touched, by entity: those of other sessions too. */
    anchorsBySession: (projectId: string, sessionId: string, limit: number): Promise<Map<string, Anchor[]>> =>
      getAnchorsBySession(scope.read, projectId, sessionId, limit),

    /** The newest first (SES-103). */
    failureSnapshots: (
      projectId: string,
      {
        sessionId,
        page = 1,
        pageSize = 100,
      }: { sessionId?: string | undefined; page?: number; pageSize?: number } = {},
    ): Promise<{ items: FailureSnapshot[]; total: number }> =>
      listFailureSnapshots(scope.read, projectId, { sessionId, limit: pageSize, offset: (page - 1) * pageSize }),

    /** @throws FAILURE_SNAPSHOT_NOT_FOUND */
    async failureSnapshot(projectId: string, id: string): Promise<FailureSnapshot> {
      const { items } = await listFailureSnapshots(scope.read, projectId, { id, limit: 1, offset: 0 });
      const [snapshot] = items;
      if (!snapshot) throw new SignalboxError('FAILURE_SNAPSHOT_NOT_FOUND', { id });
      return snapshot;
    },

    /** All events of a failure snapshot, with their payloads, one after the other. @throws FAILURE_SNAPSHOT_NOT_FOUND */
    async *failureSnapshotEvents(projectId: string, id: string): AsyncGenerator<JournalEvent> {
      const { sessionId, journalSeq } = await verbs.failureSnapshot(projectId, id);
      yield* eventsUpTo(scope.read, projectId, sessionId, journalSeq);
    },

    /** As {@link resumeCheckpoint}. */
    resumeCheckpoint: (
      projectId: string,
      sessionId: string,
      sequence: number,
      input: ResumeCheckpoint,
      actor: string,
      options?: ActionOptions,
    ): Promise<ResumedSession> => resumeCheckpoint(scope, projectId, sessionId, sequence, input, actor, options),

    /**
     * A new session that stands where this one stood at a checkpoint. As {@link restoreSession}.
     * @throws SESSION_NOT_FOUND, CHECKPOINT_NOT_FOUND, SESSION_EXISTS
     */
    async restoreCheckpoint(
      projectId: string,
      sessionId: string,
      sequence: number,
      input: RestoreSession,
      actor: string,
    ): Promise<Session> {
      const { journalSeq: seq } = await verbs.getCheckpoint(projectId, sessionId, sequence);
      const [session] = await getSessions(scope.read, projectId, [sessionId]);
      if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      const { description, sessionType, priority, agentRole, runtime, workspaceId, isolation, command, limits } =
        session;
      const { agentConfig, modelConfig, initialPrompt, tags, ttl, maxRetries, onOrphan, checkpointPolicy } = session;
      const work = { description, sessionType, priority, agentRole, runtime, workspaceId, isolation, command, limits };
      const settings = { agentConfig, modelConfig, initialPrompt, tags, ttl, maxRetries, onOrphan, checkpointPolicy };
      const source = {
        from: { sessionId, seq, checkpoint: sequence },
        origin: await journalOrigin(scope.read, projectId, sessionId),
        events: eventsUpTo(scope.read, projectId, sessionId, seq),
        fields: { ...work, ...settings },
        title: `${session.title} (from checkpoint ${sequence})`.slice(-200),
      };
      return restoreSession(scope, projectId, source, input, actor);
    },

    /** A new session that stands where a recording ends. As {@link restoreSession}. */
    restoreRecording: (
      projectId: string,
      source: RestoreSource,
      input: RestoreSession,
      actor: string,
    ): Promise<Session> => restoreSession(scope, projectId, source, input, actor),

    /** As {@link takeDueCheckpoints}. */
    takeDueCheckpoints: (): Promise<number> => takeDueCheckpoints(scope),

    /** As {@link keepDueAnchors}. */
    keepDueAnchors: (): Promise<number> => keepDueAnchors(scope),
  };
  return verbs;

  async function checkThere(projectId: string, sessionId: string): Promise<void> {
    if (await sessionExists(scope.read, projectId, sessionId)) return;
    throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
  }
}
