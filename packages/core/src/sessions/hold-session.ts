import { recordAudit } from '../audit/index.ts';
import { type ActionOptions, holdSession, reread } from './held-sessions.ts';
import type { Session } from './session.ts';
import { forgetHolds, insertHold } from './session-hold-store.ts';
import type { SessionScope } from './session-parts.ts';
import type { SessionStatus } from './session-status.ts';
import { carryOut, tellFeed } from './session-write.ts';
import { checkStatusChange } from './status-change.ts';

/**
 * Pauses: those that people ask for, and those of a run whose calls wait for people. The latter end with the answer, unless
 * somebody has paused the session as well: then that pause stands.
 *
 * All throw SESSION_NOT_FOUND, OPTIMISTIC_LOCK, INVALID_TRANSITION, SESSION_EXPIRED.
 */
export function holdVerbs(scope: SessionScope) {
  return {
    /** → paused. Of a session that waits for people it makes the pause one that their answer does not end. */
    async pause(projectId: string, id: string, actor: string, { version }: ActionOptions = {}): Promise<Session> {
      return scope.write(async (tx) => {
        const before = await holdSession(tx, projectId, id, version);
        if (before.status === 'paused' && (await forgetHolds(tx, projectId, [id]))) {
          const subject = { subjectType: 'session', subjectId: id, versionBefore: before.version };
          const details = { held: true };
          await recordAudit(tx, projectId, { actor, action: 'session.pause', ...subject, details }, scope.ids);
          const { status, version: stands } = before;
          await tellFeed(tx, projectId, [{ sessionId: id, change: 'updated', status, version: stands }]);
          return reread(tx, projectId, id);
        }
        const status = { to: 'paused' as const };
        checkStatusChange(before, status);
        await carryOut(scope, tx, projectId, actor, [{ before, patch: {}, status, verb: 'pause' }]);
        return reread(tx, projectId, id);
      });
    },

    /** → paused until {@link letGo}; a session that is paused already stays as somebody else has paused it. */
    async hold(projectId: string, id: string, actor: string): Promise<SessionStatus> {
      return scope.write(async (tx): Promise<SessionStatus> => {
        const before = await holdSession(tx, projectId, id);
        if (before.status === 'paused') return 'paused';
        const status = { to: 'paused' as const, detail: { reason: 'waits for an approval' } };
        checkStatusChange(before, status);
        await carryOut(scope, tx, projectId, actor, [{ before, patch: {}, status, verb: 'hold' }]);
        await insertHold(tx, projectId, id, scope.clock.now());
        return 'paused';
      });
    },

    /** Ends the pause that {@link hold} made, and no other; answers the status in which the session is then. */
    async letGo(projectId: string, id: string, actor: string): Promise<SessionStatus> {
      return scope.write(async (tx): Promise<SessionStatus> => {
        const before = await holdSession(tx, projectId, id);
        if (before.status !== 'paused' || !(await forgetHolds(tx, projectId, [id]))) return before.status;
        const status = { to: 'running' as const };
        checkStatusChange(before, status);
        await carryOut(scope, tx, projectId, actor, [{ before, patch: {}, status, verb: 'release' }]);
        return 'running';
      });
    },
  };
}
