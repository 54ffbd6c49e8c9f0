import { z } from 'zod';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { uuidSchema } from '../platform/ids/ids.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import { checkBulkSize } from './create-session.ts';
import { type ActionOptions, checkVersion, holdSession, reread } from './held-sessions.ts';
import { type JsonObject, type Session, type UpdateSession, updateSessionSchema } from './session.ts';
import { ancestors, holdFamily, holdLive } from './session-family-store.ts';
import type { SessionScope } from './session-parts.ts';
import { getSessions, type LockedSession, lockSessions, type SessionPatch } from './session-store.ts';
import { carryOut, type SessionWrite } from './session-write.ts';
import { startOf } from './start-session.ts';
import { checkStatusChange, type StatusChange } from './status-change.ts';

type Update = z.output<typeof updateSessionSchema>;

/** One of the updates of a bulk; without a version it applies to whatever stands. */
export const bulkUpdateItemSchema = z.strictObject({
  id: uuidSchema,
  version: z.int().min(1).optional(),
  changes: updateSessionSchema,
});
export type BulkUpdateItem = z.input<typeof bulkUpdateItemSchema>;

export function updateVerbs(scope: SessionScope) {
  return {
    /**
     * Changes what is given (ORC-106, CTL-012): `metadata` is merged key by key, a status goes through the same table
     * and side effects as the verbs. If nothing really changes, nothing is written and the version stays.
     * @throws SESSION_NOT_FOUND (also for a parent), OPTIMISTIC_LOCK, SESSION_EXISTS, SESSION_PARENT_CYCLE,
     *   INVALID_TRANSITION, SESSION_NOT_EXECUTABLE, VALIDATION_FAILED, UNKNOWN_FIELD
     */
    async update(
      projectId: string,
      id: string,
      changes: UpdateSession,
      actor: string,
      { version }: ActionOptions = {},
    ): Promise<Session> {
      const update = parseInput(updateSessionSchema, changes);
      return scope.write(async (tx) => {
        if (update.parentId) await holdFamily(tx, projectId);
        const before = await holdSession(tx, projectId, id, version);
        await checkMoves(tx, projectId, [{ before, update }]);
        await carryOut(scope, tx, projectId, actor, [plan(before, update)]);
        return reread(tx, projectId, id);
      });
    },

    /**
     * ORC-109: one stale version, and nothing of the batch is written; unknown ids are skipped and named. A constant
     * number of statements, runs that begin or end apart.
     * @throws as `update`
     */
    async bulkUpdate(
      projectId: string,
      items: readonly BulkUpdateItem[],
      actor: string,
    ): Promise<{ updated: Session[]; skipped: string[] }> {
      checkBulkSize(items.length);
      const updates = parseInput(z.array(bulkUpdateItemSchema), items);
      const ids = updates.map((item) => item.id);
      if (new Set(ids).size !== ids.length) {
        throw new SignalboxError('VALIDATION_FAILED', { reason: 'a session is named more than once' });
      }
      return scope.write(async (tx) => {
        if (updates.some(({ changes }) => changes.parentId)) await holdFamily(tx, projectId);
        const held = await lockSessions(tx, projectId, ids);
        const found = updates.flatMap(({ id, version, changes }) => {
          const before = held.get(id);
          if (!before || before.deletedAt !== null) return [];
          checkVersion(before, version);
          return [{ before, update: changes }];
        });
        await checkMoves(tx, projectId, found);
        const writes = found.map(({ before, update }) => plan(before, update));
        await carryOut(scope, tx, projectId, actor, writes);
        const done = found.map(({ before }) => before.id);
        return { updated: await getSessions(tx, projectId, done), skipped: ids.filter((id) => !done.includes(id)) };
      });
    },

    /** Remembers how the runtime names its own session, so that a later run can go on from it. */
    async recordRuntimeSession(
      projectId: string,
      id: string,
      runtimeSession: NonNullable<Session['runtimeSession']>,
      actor: string,
    ): Promise<Session> {
      return scope.write(async (tx) => {
        const before = await holdSession(tx, projectId, id);
        await carryOut(scope, tx, projectId, actor, [{ before, patch: { runtimeSession }, verb: 'update' }]);
        return reread(tx, projectId, id);
      });
    },
  };
}

/** What an update makes of a session. @throws INVALID_TRANSITION, SESSION_NOT_EXECUTABLE */
function plan(before: LockedSession, update: Update): SessionWrite {
  const { status: to, limits, ...told } = update;
  const { metadata, ...fields } = redactPlain(told);
  const patch: SessionPatch = {
    ...fields,
    ...(metadata && { metadata: merged(before.metadata, metadata) }),
    ...(limits && { limits: { ...before.limits, ...limits } }),
  };
  if (to === undefined) return { before, patch, verb: 'update' };
  const status: StatusChange = to === 'queued' ? { ...startOf(before), to } : { to };
  checkStatusChange(before, status);
  return { before, patch, status, verb: 'update' };
}

/** Key by key; null removes a key. */
function merged(old: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...old, ...changes }).filter(([, value]) => value !== null));
}

/**
 * New parents must be live and none of the session's own descendants (ORC-138), with all moves of the batch made.
 * @throws SESSION_NOT_FOUND, SESSION_PARENT_CYCLE
 */
async function checkMoves(
  tx: Transaction,
  projectId: string,
  updates: readonly { before: LockedSession; update: Update }[],
): Promise<void> {
  const moves = new Map<string, string | null>();
  for (const { before, update } of updates) {
    if (update.parentId !== undefined && update.parentId !== before.storedParentId)
      moves.set(before.id, update.parentId);
  }
  const parents = [...new Set([...moves.values()].filter((id) => id !== null))];
  if (parents.length === 0) return;
  const live = await holdLive(tx, projectId, parents);
  const missing = parents.find((id) => !live.has(id));
  if (missing !== undefined) throw new SignalboxError('SESSION_NOT_FOUND', { id: missing });
  const parentOf = await ancestors(tx, projectId, parents);
  for (const [id, parentId] of moves) {
    const seen = new Set([id]);
    for (let at = parentId; at !== null; at = moves.has(at) ? (moves.get(at) ?? null) : (parentOf.get(at) ?? null)) {
      if (seen.has(at)) throw new SignalboxError('SESSION_PARENT_CYCLE', { id, parentId });
      seen.add(at);
    }
  }
}
