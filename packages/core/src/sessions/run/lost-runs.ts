import { setFence } from '../../journal/index.ts';
import { type LostClaim, SESSION_RUN } from '../../tasks/index.ts';
import { holdSession } from '../held-sessions.ts';
import { onTransaction } from '../session-parts.ts';
import { carryOut } from '../session-write.ts';
import { startHeld } from '../start-session.ts';
import type { RunnerParts } from './runner-parts.ts';

type ReaperParts = Pick<RunnerParts, 'database' | 'clock' | 'ids' | 'tasks' | 'workspaces' | 'sessions'>;

const ACTOR = 'scheduler';
const BATCH = 50;

/**
 * Takes away claims whose lease has run out, and settles their sessions in the same transaction: a run that had begun
 * leaves its session orphaned, or pending again with the next attempt where it says `onOrphan: resume` or people have
 * answered meanwhile what it waited for; one that had not begun goes back into the queue. From its commit on the old holder's writes are refused.
 *
 * @returns what was taken away, of at most 50 leases.
 */
export async function reapLostRuns(parts: ReaperParts): Promise<LostClaim[]> {
  return parts.database.transaction(
    async (tx) => {
      const lost = await parts.tasks.within(tx).reap(BATCH);
      for (const { type, projectId, sessionId, token } of lost) {
        if (type !== SESSION_RUN || sessionId === null) continue;
        const scope = onTransaction(parts, tx);
        const verbs = parts.sessions.within(tx);
        const session = await holdSession(tx, projectId, sessionId);
        if (session.status === 'queued') {
          const status = { to: 'pending' as const, detail: { reason: 'its claim was lost before the run began' } };
          await carryOut(scope, tx, projectId, ACTOR, [{ before: session, patch: {}, status, verb: 'requeue' }]);
          await startHeld(scope, tx, projectId, ACTOR, [sessionId]);
        } else if (['running', 'paused', 'degraded'].includes(session.status)) {
          await verbs.orphan(projectId, sessionId, ACTOR);
          const goesOn = await verbs.goOnAnswered(projectId, sessionId, ACTOR);
          if (goesOn === null && session.onOrphan === 'resume')
            await verbs.retryAutomatically(projectId, sessionId, ACTOR);
        }
        await setFence(tx, projectId, sessionId, token);
      }
      return lost;
    },
    { retries: 3 },
  );
}
