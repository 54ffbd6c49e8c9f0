import { recordAudit } from '../audit/index.ts';
import { releasePathClaims } from '../locks/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { type ActionOptions, checkVersion, reread } from './held-sessions.ts';
import type { Session } from './session.ts';
import { allChildIds } from './session-family-store.ts';
import type { SessionScope } from './session-parts.ts';
import { isActive } from './session-status.ts';
import { deleteSession, type LockedSession, lockSessions } from './session-store.ts';
import { carryOut, type SessionWrite, tellFeed } from './session-write.ts';

export function deletionVerbs(scope: SessionScope) {
  return {
    /**
     * ORC-107: soft deletion; a run that is queued or under way is cancelled with it. Children stay and show no live
     * parent. True if the session was live; false for an unknown or already deleted one.
     * @throws OPTIMISTIC_LOCK
     */
    async delete(projectId: string, id: string, actor: string, { version }: ActionOptions = {}): Promise<boolean> {
      return scope.write(async (tx) => {
        const before = (await lockSessions(tx, projectId, [id])).get(id);
        if (!before || before.deletedAt !== null) return false;
        checkVersion(before, version);
        await carryOut(scope, tx, projectId, actor, [deletionOf(before)]);
        return true;
      });
    },

    /**
     * ORC-107: removes the session with its journal, metrics and checkpoints; what was done stays in the audit. Children
     * stay, without a parent. False for an unknown one.
     * @throws OPTIMISTIC_LOCK
     */
    async hardDelete(projectId: string, id: string, actor: string, { version }: ActionOptions = {}): Promise<boolean> {
      return scope.write(async (tx) => {
        const before = (await lockSessions(tx, projectId, [id])).get(id);
        if (!before) return false;
        checkVersion(before, version);
        await orphanChildren(scope, tx, projectId, id, actor);
        await scope.tasks.within(tx).cancelForSession(projectId, id);
        await releasePathClaims(tx, projectId, [id]);
        await deleteSession(tx, projectId, id);
        const { status, title } = before;
        await tellFeed(tx, projectId, [
          { sessionId: id, change: 'deleted', status, version: before.version, hard: true },
        ]);
        const subject = { subjectType: 'session', subjectId: id, versionBefore: before.version };
        await recordAudit(
          tx,
          projectId,
          { actor, action: 'session.hard_delete', ...subject, details: { title } },
          scope.ids,
        );
        return true;
      });
    },

    /**
     * ORC-112: makes a soft-deleted session live again; a live one is left as it is.
     * @throws SESSION_NOT_FOUND, SESSION_EXISTS when its title has been taken meanwhile, OPTIMISTIC_LOCK
     */
    async restore(projectId: string, id: string, actor: string, { version }: ActionOptions = {}): Promise<Session> {
      return scope.write(async (tx) => {
        const before = (await lockSessions(tx, projectId, [id])).get(id);
        if (!before) throw new SignalboxError('SESSION_NOT_FOUND', { id });
        checkVersion(before, version);
        await carryOut(scope, tx, projectId, actor, [{ before, patch: { deleted: false }, verb: 'restore' }]);
        return reread(tx, projectId, id);
      });
    },
  };
}

/** The soft deletion of a held, live session. One that was never started keeps its status: it can be restored as it was. */
export function deletionOf(before: LockedSession): SessionWrite {
  const write = { before, patch: { deleted: true }, verb: 'delete' };
  const runs = isActive(before.status) && before.status !== 'pending';
  return runs ? { ...write, status: { to: 'cancelled' } } : write;
}

async function orphanChildren(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  id: string,
  actor: string,
): Promise<void> {
  const children = await lockSessions(tx, projectId, await allChildIds(tx, projectId, id));
  const writes = [...children.values()].map((before) => ({ before, patch: { parentId: null }, verb: 'update' }));
  await carryOut(scope, tx, projectId, actor, writes);
}
