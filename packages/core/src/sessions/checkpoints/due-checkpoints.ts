import { SessionStates } from '../../journal/index.ts';
import type { SessionScope } from '../session-parts.ts';
import { getSessions } from '../session-store.ts';
import { findDueAnchors, settleAnchor } from './anchor-store.ts';
import { findDue, getCheckpoints, takeDue } from './checkpoint-store.ts';
import { keepAnchors } from './keep-anchors.ts';
import { takeCheckpoint } from './take-checkpoint.ts';

/** Checkpoints of one session in one transaction. */
const AT_ONCE = 50;
const SESSIONS_AT_ONCE = 100;
const ANCHORS_AT_ONCE = 100;
/** Milliseconds between two tries to keep an anchor. */
const ANCHOR_RETRY_MS = 30_000;

/**
 * Takes the checkpoints that sessions are due (SES-095), each as of its own event, however much happened since; the database
 * notes them with the events themselves, so none is lost with whoever appended them. They never change the session's lifetime.
 * @returns how many were taken.
 */
export async function takeDueCheckpoints(scope: SessionScope): Promise<number> {
  let taken = 0;
  for (const { projectId, sessionId } of await findDue(scope.read, SESSIONS_AT_ONCE)) {
    taken += await scope.write(async (tx) => {
      const places = await takeDue(tx, projectId, sessionId, AT_ONCE);
      const [session] = await getSessions(tx, projectId, [sessionId]);
      if (!session) return 0;
      for (const { seq, reason } of places) {
        const taking = { data: {}, metadata: {}, reason, journalSeq: seq, includeFailureSnapshot: false };
        await takeCheckpoint(scope, tx, session, taking);
      }
      return places.length;
    });
  }
  return taken;
}

/** Tries again to keep anchors that could not be kept. Answers how many now are. */
export async function keepDueAnchors(scope: SessionScope): Promise<number> {
  const triedBefore = new Date(scope.clock.now().getTime() - ANCHOR_RETRY_MS);
  let kept = 0;
  for (const { projectId, sessionId, sequence } of await findDueAnchors(scope.read, triedBefore, ANCHORS_AT_ONCE)) {
    kept += await scope.write(async (tx) => {
      const [checkpoint] = await getCheckpoints(tx, projectId, sessionId, sequence);
      if (!checkpoint) return 0;
      const { agentIds } = await new SessionStates({ database: tx }).at(
        projectId,
        sessionId,
        checkpoint.journalSeq,
        tx,
      );
      if (!(await keepAnchors(scope, tx, projectId, checkpoint, agentIds))) return 0;
      await settleAnchor(tx, projectId, checkpoint.id);
      return 1;
    });
  }
  return kept;
}
