import { latestEvents, type SessionState, SessionStates } from '../../journal/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { RuntimeSessionRef } from '../runtime.ts';
import { type Json, type JsonObject, placeOf, type Session } from '../session.ts';
import type { SessionScope } from '../session-parts.ts';
import type { Checkpoint, CheckpointCapture, CheckpointReason } from './checkpoint.ts';
import { checkpointPolicyFor } from './checkpoint-policy.ts';
import { insertCheckpoint, readProjectSettings } from './checkpoint-store.ts';
import { insertFailureSnapshot } from './failure-snapshot-store.ts';
import { keepAnchors } from './keep-anchors.ts';
import { summariseEvents, WINDOW } from './summarise-events.ts';

/** A decided checkpoint of a session. */
export interface CheckpointTaking {
  data: Json;
  metadata: JsonObject;
  reason: CheckpointReason;
  /** The event at which it is taken; null: the latest. */
  journalSeq: number | null;
  /** Left out: as the chain of captures and the journal have it at that event. */
  capture?: CheckpointCapture | null;
  runtimeSession?: RuntimeSessionRef | null;
  includeFailureSnapshot: boolean;
}

/**
 * Takes a checkpoint within the caller's transaction: what the last events came to, where the files and the runtime's own session
 * stood, anchors, the failure snapshot, and the word of it on the feed (SES-100…106).
 * @throws SESSION_NOT_FOUND
 */
export async function takeCheckpoint(
  scope: SessionScope,
  tx: Transaction,
  session: Session,
  taking: CheckpointTaking,
): Promise<Checkpoint> {
  const { id: sessionId, projectId } = session;
  const at = await standingAt(tx, session, taking.journalSeq);
  const events = await latestEvents(tx, projectId, sessionId, { toSeq: at.seq, limit: WINDOW });
  const { summary, refEntities } = summariseEvents(events, at.codeState);
  const capture = taking.capture === undefined ? await captureAt(scope, tx, session, at) : taking.capture;
  const made = await insertCheckpoint(tx, projectId, sessionId, {
    id: scope.ids.uuid(),
    data: taking.data,
    metadata: taking.metadata,
    reason: taking.reason,
    journalSeq: taking.journalSeq,
    detail: { summary, refEntities, capture, runtimeSession: taking.runtimeSession ?? at.runtimeSession },
  });
  if (!made) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
  await recordFeed(tx, projectId, 'checkpoint', {
    type: 'checkpoint_complete',
    sessionId,
    checkpointId: made.id,
    sequence: made.sequence,
    outcome: summary.outcome,
    reason: made.reason,
  });
  if (refEntities.length > 0) await keepAnchors(scope, tx, projectId, made, at.agentIds);
  const policy = checkpointPolicyFor(await readProjectSettings(tx, projectId), session.checkpointPolicy);
  if (taking.includeFailureSnapshot || (policy.failureSnapshots && summary.outcome === 'broken')) {
    const { id: checkpointId, journalSeq, createdAt } = made;
    const { outcome } = summary;
    const snapshot = { sessionId, checkpointId, outcome, agentIds: at.agentIds, journalSeq, createdAt };
    await insertFailureSnapshot(tx, projectId, { id: scope.ids.uuid(), ...snapshot });
  }
  return made;
}

type Standing = Pick<SessionState, 'seq' | 'at' | 'codeState' | 'agentIds' | 'runtimeSession'>;

/** How the session stood at that event. What is in its row is as good as folded where it is about now. */
async function standingAt(tx: Transaction, session: Session, seq: number | null): Promise<Standing> {
  if (seq === null && session.runtime === null) {
    const { lastSeq, lastEventAt, codeState, agentIds } = session;
    return { seq: lastSeq, at: lastEventAt, codeState, agentIds, runtimeSession: null };
  }
  return new SessionStates({ database: tx }).at(session.projectId, session.id, seq, tx);
}

async function captureAt(
  scope: SessionScope,
  tx: Transaction,
  session: Session,
  at: Standing,
): Promise<CheckpointCapture | null> {
  const place = placeOf(session);
  if (place === null || !scope.captureAt) return null;
  return scope.captureAt(tx, session.projectId, place, at.at ?? session.createdAt);
}
