import { appendInTransaction } from '../../journal/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { ACTIVE_STATUSES, placeOf } from '../../sessions/index.ts';
import type { Undo } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';

const ACTOR = 'signalbox';
/** Paths that one event names; of more, how many. */
const PATHS_NAMED = 200;
const AT_ONCE = 100;

/** Sessions that must know of an undo: those it is about, and those at work in its workspace. In key order. */
export async function concernedSessions(parts: UndoParts, projectId: string, undo: Undo): Promise<string[]> {
  const { items } = await parts.sessions.list(projectId, {
    filters: [
      { field: 'workspaceId', operator: 'eq', value: undo.workspaceId },
      { field: 'status', operator: 'in', value: [...ACTIVE_STATUSES] },
    ],
    pageSize: AT_ONCE,
  });
  // Those that have work trees of their own see nothing of it; whoever works in the undone tree is among the plan's.
  const there = items.filter((session) => placeOf(session) === undo.workspaceId);
  return [...new Set([...(undo.plan?.sessionIds ?? []), ...there.map(({ id }) => id)])].sort();
}

/**
 * Writes the undone paths into the journals of sessions. Without a token: it is not a run that speaks, so its fence does
 * not hold for it.
 */
export async function tellSessions(
  tx: Transaction,
  { clock, ids }: UndoParts,
  projectId: string,
  undo: Undo,
  sessionIds: readonly string[],
): Promise<void> {
  const written = (undo.plan?.paths ?? []).filter(({ outcome }) => outcome === 'restored' || outcome === 'merged');
  const paths = written.slice(0, PATHS_NAMED).map(({ path, outcome }) => ({ path, outcome }));
  for (const sessionId of sessionIds) {
    const own = undo.plan?.sessionIds.includes(sessionId) ?? false;
    const detail = { undoId: undo.id, by: undo.requestedBy, own, paths, pathCount: written.length };
    const event = { type: 'status' as const, actor: ACTOR, payload: { phase: 'undo', detail } };
    try {
      await tx.savepoint((inner) =>
        appendInTransaction(inner, projectId, sessionId, [event], { at: clock.now(), ids, resetTTL: false }),
      );
    } catch (error) {
      // Expired or deleted: then there is nobody left to tell, and the audit has it.
      const over = SignalboxError.is(error, 'SESSION_EXPIRED') || SignalboxError.is(error, 'SESSION_NOT_FOUND');
      if (!over) throw error;
    }
  }
}
